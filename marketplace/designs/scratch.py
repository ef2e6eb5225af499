"""Bytes set aside while a request is read: in a file without a name, sealed under a key that is in the memory
of this process alone. Of one that was killed nothing is left that anybody could read."""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import Any

from django.conf import settings

from marketplace.designs.sealing import KEY_BYTES, pieces_open, pieces_seal


class Scratch(io.RawIOBase):
    """Written once, to its end, then read, any number of times. Reading raises FileDamaged."""

    def __init__(self) -> None:
        self._file = TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR)  # noqa: SIM115 (closed with this)
        self._key = secrets.token_bytes(KEY_BYTES)
        self._length = 0
        self._reading: Iterator[bytes] | None = None
        self._rest = b""

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._file.writelines(pieces_seal(self._key, b"", self._length, bytes(data)))
        self._length += len(data)
        return len(data)

    def pieces(self) -> Iterator[bytes]:
        """All of it, from its beginning."""
        return pieces_open(self._file, self._key, b"", self._length)

    def readinto(self, buffer: Any) -> int:
        if self._reading is None:
            self._reading = self.pieces()
        self._rest = self._rest or next(self._reading, b"")
        part, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)

    def close(self) -> None:
        self._file.close()
        super().close()
