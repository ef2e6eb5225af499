"""The bytes of uploads that are not whole yet: one file each, in the folder of incoming files, sealed in
pieces under the upload's own key as they come.

The lock of a file is the kernel's, so it ends with whoever held it. What a row says was received is on disk:
whole pieces are flushed before the row moves, and what lies beyond the row's word is written over.
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

from marketplace.designs.keys import unwrap
from marketplace.designs.models import Upload
from marketplace.designs.rules import DiskFull, UploadBusy, UploadLost, UploadOverrun
from marketplace.designs.sealing import FileDamaged, pieces_open, pieces_seal

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


def append(file: FileIO, upload: Upload, chunks: Iterable[bytes]) -> tuple[int, int]:
    """Seal what comes next of an upload and flush it to disk; says how many bytes came, and how long the file
    is now.

    Raises DiskFull, UploadOverrun, MasterKeyMissing; the file is then as long as before.
    """
    key, at = unwrap(upload.wrapped), upload.offset
    # Left by one who was cut off before the row said so.
    file.truncate(upload.sealed_bytes)
    file.seek(upload.sealed_bytes)
    try:
        with disk_full_told():
            for chunk in chunks:
                if at + len(chunk) > upload.length:
                    raise UploadOverrun(upload.length)
                for piece in pieces_seal(key, upload.pk.bytes, at, chunk):
                    _write(file, piece)
                at += len(chunk)
            os.fsync(file.fileno())
    except (DiskFull, UploadOverrun):
        file.truncate(upload.sealed_bytes)
        raise
    return at - upload.offset, file.tell()


def _write(file: FileIO, piece: bytes) -> None:
    rest = memoryview(piece)
    while rest:
        rest = rest[file.write(rest) :]


def length_of(upload: UUID) -> int:
    """How long its file is. Raises UploadLost."""
    try:
        return path_of(upload).stat().st_size
    except FileNotFoundError as error:
        raise UploadLost from error


def chunks_of(file: FileIO, upload: Upload) -> Iterator[bytes]:
    """All that was received of an upload. Raises MasterKeyMissing, UploadLost where it is damaged."""
    try:
        yield from pieces_open(file, unwrap(upload.wrapped), upload.pk.bytes, upload.offset)
    except FileDamaged as error:
        raise UploadLost from error


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
