"""Where files lie: under their own digest, in the storage named "designs" (a folder, or S3 by settings).

Content addresses never collide, so saving the same bytes twice is harmless. In a folder a file arrives
whole: it is written elsewhere on the same disk and renamed. So whoever is killed leaves no half file behind
that would pass for the whole one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any, Final

from django.conf import settings
from django.core.files import File
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.core.files.uploadedfile import TemporaryUploadedFile

from marketplace.designs.hashing import keccak_stream
from protocol.canonical import keccak
from protocol.units import Digest, digest_of, hex_of

CHUNK: Final = 256 * 1024
NAME: Final = re.compile("[0-9a-f]{64}")


def file_save(content: File[Any], digest: Digest) -> None:
    """Keep a file of this digest."""
    if not is_kept(digest):
        _store().save(_name(digest), content)


def bytes_save(data: bytes) -> Digest:
    """Keep bytes; their digest is their address."""
    digest = keccak(data)
    if not is_kept(digest):
        chunks_save([data], digest)
    return digest


def chunks_save(chunks: Iterable[bytes], digest: Digest) -> None:
    """Keep the bytes of this digest, in place of a damaged file of that name if there is one."""
    with TemporaryUploadedFile("chunks", "", 0, None) as arriving:
        for chunk in chunks:
            arriving.write(chunk)
        arriving.flush()
        arriving.seek(0)
        _store().save(_name(digest), arriving)


def is_kept(digest: Digest) -> bool:
    """Whether there is a file of this digest."""
    return _store().exists(_name(digest))


def digests_kept() -> Iterator[Digest]:
    """The digests after which the files of the store are named."""
    for folder in _listed("")[0]:
        for name in _listed(folder)[1]:
            if NAME.fullmatch(name):
                yield digest_of("0x" + name)


def is_whole(digest: Digest) -> bool:
    """Whether the file of a digest is there, with every byte."""
    hashing = keccak_stream()
    try:
        for chunk in file_chunks(digest):
            hashing.update(chunk)
    except FileNotFoundError:
        return False
    return hashing.digest() == digest


def file_chunks(digest: Digest) -> Iterator[bytes]:
    """The bytes of a file, in pieces. Raises FileNotFoundError."""
    with file_open(digest) as content:
        yield from content.chunks(CHUNK)


def file_open(digest: Digest) -> File[Any]:
    """The file of a digest, for reading. Raises FileNotFoundError."""
    return _store().open(_name(digest))


def salted_digest_of(digest: Digest, salt: bytes) -> Digest:
    """keccak(salt || file), as protocol.canonical.salted_digest, without holding the file in memory."""
    hashing = keccak_stream(salt)
    for chunk in file_chunks(digest):
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
    for chunk in file_chunks(digest):
        target.write(chunk)
    target.flush()


def _store() -> Storage:
    return storages["designs"]


def _listed(folder: str) -> tuple[list[str], list[str]]:
    """Folders and files in a folder of the store: none where nothing was ever kept."""
    try:
        return _store().listdir(folder)
    except FileNotFoundError:
        return [], []


def _name(digest: Digest) -> str:
    text = hex_of(digest)[2:]
    return f"{text[:2]}/{text}"
