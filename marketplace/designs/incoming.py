"""The bytes of uploads that are not whole yet: one file each, in the folder of incoming files.

The lock of a file is the kernel's, so it ends with whoever held it. What a row says was received is on disk:
bytes are flushed before the row moves, and what lies beyond the row's word is written over.
"""

import errno
import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import Final
from uuid import UUID

from django.conf import settings

from marketplace.designs.rules import DiskFull, UploadBusy, UploadLost, UploadOverrun

CHUNK: Final = 256 * 1024
FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


def path_of(upload: UUID) -> Path:
    return Path(settings.FILE_UPLOAD_TEMP_DIR) / f"upload-{upload.hex}"


@contextmanager
def held(upload: UUID, *, create: bool) -> Iterator[FileIO]:
    """The file of an upload, for one at a time. Raises UploadBusy, UploadLost if it is not there."""
    flags = os.O_RDWR | os.O_NOFOLLOW | (os.O_CREAT if create else 0)
    try:
        opened = os.open(path_of(upload), flags, 0o600)
    except FileNotFoundError as error:
        raise UploadLost from error
    with FileIO(opened, "r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UploadBusy from error
        yield file


def append(file: FileIO, offset: int, chunks: Iterable[bytes], room: int) -> int:
    """Write what comes at `offset`, at most `room` bytes, and flush it to disk; says how many came.

    Raises DiskFull, UploadOverrun; the file is then as long as before.
    """
    count = 0
    # Left by one who was cut off before the row said so.
    file.truncate(offset)
    file.seek(offset)
    try:
        with disk_full_told():
            for chunk in chunks:
                count += len(chunk)
                if count > room:
                    raise UploadOverrun(offset + room)
                _write(file, chunk)
            os.fsync(file.fileno())
    except (DiskFull, UploadOverrun):
        file.truncate(offset)
        raise
    return count


def _write(file: FileIO, chunk: bytes) -> None:
    rest = memoryview(chunk)
    while rest:
        rest = rest[file.write(rest) :]


def length_of(upload: UUID) -> int:
    """Raises UploadLost."""
    try:
        return path_of(upload).stat().st_size
    except FileNotFoundError as error:
        raise UploadLost from error


def chunks_of(file: FileIO) -> Iterator[bytes]:
    """All of a file, in pieces."""
    file.seek(0)
    while chunk := file.read(CHUNK):
        yield chunk


def discard(upload: UUID) -> None:
    path_of(upload).unlink(missing_ok=True)


@contextmanager
def disk_full_told() -> Iterator[None]:
    """Turns the system's word for a full disk into DiskFull."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise DiskFull from error
        raise
