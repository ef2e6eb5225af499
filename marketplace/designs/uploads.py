"""Receive a model file as a stream: counted, addressed and on disk while it arrives, never in memory."""

import os
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest

from marketplace.designs.rules import UploadTooLarge
from marketplace.designs.store import addressing
from protocol.units import Digest


class DesignUpload(TemporaryUploadedFile):
    """A received file that knows its address in the store."""

    digest: Digest
    length: int


class DesignUploadHandler(FileUploadHandler):
    """Ends the request at the first byte beyond the limit; all files of one request count together."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self._limit: int = settings.UPLOAD_LIMIT_BYTES
        self._received = 0

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, boundary: str, encoding: str | None = None
    ) -> None:
        # What is announced too large is not read at all; boundaries and headers are allowed for.
        if content_length > self._limit + 64 * 1024:
            raise UploadTooLarge(self._limit)

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._upload = DesignUpload(
            self.file_name or "", self.content_type or "", 0, self.charset, self.content_type_extra
        )
        self._hashing = addressing()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._received += len(raw_data)
        if self._received > self._limit:
            self.upload_interrupted()
            raise UploadTooLarge(self._limit)
        self._hashing.update(raw_data)
        self._upload.write(raw_data)

    def file_complete(self, file_size: int) -> DesignUpload:
        self._upload.seek(0)
        self._upload.size = self._upload.length = file_size
        self._upload.digest = Digest(self._hashing.digest())
        return self._upload

    def upload_interrupted(self) -> None:
        if hasattr(self, "_upload") and not self._upload.closed:
            os.unlink(self._upload.temporary_file_path())
            self._upload.close()
