"""Zip archives from strangers: read into memory with every size counted, nothing written to a disk.

A directory entry's size may lie, so what is unpacked is counted while it is unpacked.
"""

import io
import stat
import zipfile
import zlib
from dataclasses import dataclass
from typing import Final

from marketplace.designs.mesh.formats import refusals

ENTRY_LIMIT: Final = 2_000
CHUNK: Final = 1 << 20
# Meshes shrink to a tenth, at best to a fortieth; what shrinks more is repetition made to harm.
RATIO_LIMIT: Final = 100
RATIO_FROM: Final = 10_000_000
METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
ENCRYPTED: Final = 1


@dataclass(frozen=True)
class Entry:
    """A file of an archive: its path as given, and its bytes."""

    path: str
    data: bytes


def unpacked(data: bytes, limit: int) -> tuple[Entry, ...]:
    """The files of an archive, folders left out, at most `limit` bytes together. Raises ModelRefused."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [each for each in archive.infolist() if not each.is_dir()]
            _check(entries)
            return _contents(archive, entries, limit)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError):
        raise refusals.broken("zip", "it cannot be unpacked; perhaps the upload was cut off") from None


def _check(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > ENTRY_LIMIT:
        raise refusals.too_many("files", len(entries), ENTRY_LIMIT)
    seen: set[str] = set()
    for entry in entries:
        path = entry.filename.replace("\\", "/")
        if path.startswith("/") or ".." in path.split("/") or path[1:3] == ":/":
            raise refusals.unsafe("a file whose path leads outside of it")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise refusals.unsafe("a link to another file")
        if entry.flag_bits & ENCRYPTED:
            raise refusals.unsafe("a file locked by a password")
        if entry.compress_type not in METHODS:
            raise refusals.unsafe("a file compressed in an unusual way")
        if path.lower() in seen:
            raise refusals.unsafe("two files of the same name")
        seen.add(path.lower())


def _contents(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], limit: int) -> tuple[Entry, ...]:
    found, left = list[Entry](), limit
    for entry in entries:
        content = _content(archive, entry, left, limit)
        left -= len(content)
        found.append(Entry(entry.filename.replace("\\", "/"), content))
    return tuple(found)


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int, limit: int) -> bytes:
    content = bytearray()
    with archive.open(entry) as opened:
        while chunk := opened.read(CHUNK):
            content += chunk
            bomb = len(content) > RATIO_FROM and len(content) > RATIO_LIMIT * max(1, entry.compress_size)
            if len(content) > left or bomb:
                raise refusals.too_large_unpacked(limit)
    return bytes(content)


def repacked(entries: tuple[Entry, ...]) -> bytearray:
    """A plain archive of the same files, for a reader that trusts what an archive says of itself."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for entry in entries:
            archive.writestr(zipfile.ZipInfo(entry.path), entry.data)
    return bytearray(packed.getbuffer())
