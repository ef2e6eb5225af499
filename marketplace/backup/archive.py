"""The archive: one zip file, written whole or not at all, and read as if somebody had changed it."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from marketplace.backup.errors import ArchiveDamaged, ArchiveExists
from marketplace.backup.rules import MANIFEST, Entry, Manifest, manifest_of
from marketplace.designs.hashing import keccak_stream
from marketplace.designs.store import CHUNK
from protocol.units import Digest, hex_of

MANIFEST_LIMIT = 256 * 1024 * 1024
# All that zipfile raises for bytes that are not what they were.
DAMAGE = (BadZipFile, zlib.error, EOFError, struct.error, NotImplementedError, RuntimeError, ValueError)


@contextmanager
def archive_new(path: Path) -> Iterator[ZipFile]:
    """An archive to fill. It has its name only once it is complete and on the disk. Raises ArchiveExists."""
    if path.exists():
        raise ArchiveExists(path)
    with NamedTemporaryFile(dir=path.parent, prefix=".infill-", suffix=".part", delete=False) as file:
        try:
            with ZipFile(file, "w", ZIP_DEFLATED) as archive:
                yield archive
            file.flush()
            os.fsync(file.fileno())
            os.replace(file.name, path)
        finally:
            Path(file.name).unlink(missing_ok=True)


def entry_put(archive: ZipFile, name: str, chunks: Iterable[bytes]) -> Entry:
    """Add one member; what it is, for the manifest."""
    hashing, count = keccak_stream(), 0
    info = ZipInfo(name)
    info.compress_type = ZIP_DEFLATED
    with archive.open(info, "w", force_zip64=True) as member:
        for chunk in chunks:
            hashing.update(chunk)
            count += len(chunk)
            member.write(chunk)
    return Entry(name, count, hex_of(Digest(hashing.digest())))


@contextmanager
def archive_open(path: Path) -> Iterator[tuple[ZipFile, Manifest]]:
    """An archive and its manifest. Raises ArchiveDamaged, ArchiveForeign, OSError."""
    with _damage("it is no whole zip file"):
        archive = ZipFile(path)
    with archive:
        if any(info.header_offset < 0 for info in archive.infolist()):
            raise ArchiveDamaged("a member begins before the file does")
        members = [info.filename for info in archive.infolist()]
        with _damage(f"{MANIFEST} is missing or cut"):
            if archive.getinfo(MANIFEST).file_size > MANIFEST_LIMIT:
                raise ArchiveDamaged(f"{MANIFEST} is too large")
            data = archive.read(MANIFEST)
        yield archive, manifest_of(data, members)


def entry_read(archive: ZipFile, entry: Entry) -> Iterator[bytes]:
    """A member's bytes. Raises ArchiveDamaged, at the end at the latest, unless they are those promised."""
    hashing, left = keccak_stream(), entry.bytes
    with _damage(f"{entry.name} cannot be read"), archive.open(entry.name) as member:
        while chunk := member.read(CHUNK):
            left -= len(chunk)
            if left < 0:
                break
            hashing.update(chunk)
            yield chunk
    if left or hex_of(Digest(hashing.digest())) != entry.digest:
        raise ArchiveDamaged(f"{entry.name} is not what was put into it")


@contextmanager
def _damage(what: str) -> Iterator[None]:
    try:
        yield
    except (*DAMAGE, KeyError) as error:
        raise ArchiveDamaged(f"{what} ({error})") from error
