"""Where files lie: under their own digest, in the storage named "designs" (a folder, or S3 by settings).

Content addresses never collide, so saving the same bytes twice is harmless. In a folder a file arrives
whole: it is written elsewhere on the same disk and renamed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any, Final

from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage, storages

from marketplace.designs.hashing import keccak_stream
from protocol.canonical import keccak
from protocol.units import Digest, hex_of

CHUNK: Final = 256 * 1024


def file_save(content: File[Any], digest: Digest) -> None:
    """Keep a file of this digest."""
    if not _store().exists(_name(digest)):
        _store().save(_name(digest), content)


def bytes_save(data: bytes) -> Digest:
    """Keep bytes; their digest is their address."""
    digest = keccak(data)
    file_save(ContentFile(data), digest)
    return digest


def file_open(digest: Digest) -> File[Any]:
    """The file of a digest, for reading. Raises FileNotFoundError."""
    return _store().open(_name(digest))


def salted_digest_of(digest: Digest, salt: bytes) -> Digest:
    """keccak(salt || file), as protocol.canonical.salted_digest, without holding the file in memory."""
    hashing = keccak_stream(salt)
    with file_open(digest) as content:
        for chunk in content.chunks(CHUNK):
            hashing.update(chunk)
    return Digest(hashing.digest())


@contextmanager
def local_copy(digest: Digest) -> Iterator[Path]:
    """A path to the file for another process to read; a copy where the store is not a local folder."""
    store = _store()
    if isinstance(store, FileSystemStorage):
        yield Path(store.path(_name(digest)))
        return
    with NamedTemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as copy:
        _copy(digest, copy)
        yield Path(copy.name)


def _copy(digest: Digest, target: IO[bytes]) -> None:
    with file_open(digest) as content:
        for chunk in content.chunks(CHUNK):
            target.write(chunk)
    target.flush()


def _store() -> Storage:
    return storages["designs"]


def _name(digest: Digest) -> str:
    text = hex_of(digest)[2:]
    return f"{text[:2]}/{text}"
