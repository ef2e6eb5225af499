"""Receive a model file as a stream: counted, addressed and on disk while it arrives, never whole in memory
and never plain on the disk."""

from __future__ import annotations

from collections.abc import Iterator
from io import BufferedReader
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest

from marketplace.designs.rules import UploadTooLarge
from marketplace.designs.scratch import Scratch
from marketplace.designs.store import addressing
from protocol.units import Digest


class DesignUpload(UploadedFile):  # type: ignore[type-arg]  # generic in the stubs alone
    """A received file that knows its address in the store."""

    def __init__(self, received: Scratch, name: str, digest: Digest, length: int) -> None:
        super().__init__(BufferedReader(received), name, size=length)
        self.digest = digest
        self.length = length
        self._received = received

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """All of it, in pieces of no certain size."""
        return self._received.pieces()


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
        self._scratch = Scratch()
        self._hashing = addressing()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._received += len(raw_data)
        if self._received > self._limit:
            self.upload_interrupted()
            raise UploadTooLarge(self._limit)
        self._hashing.update(raw_data)
        self._scratch.write(raw_data)

    def file_complete(self, file_size: int) -> DesignUpload:
        digest = Digest(self._hashing.digest())
        return DesignUpload(self._scratch, self.file_name or "", digest, file_size)

    def upload_interrupted(self) -> None:
        if hasattr(self, "_scratch"):
            self._scratch.close()
