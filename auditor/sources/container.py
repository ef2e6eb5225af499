"""The bundle's zip: read within limits, and compared byte for byte with the one form a bundle may have."""

import io
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from auditor.errors import CannotTell
from auditor.findings import Finding, differs

NAMES = (
    "award.json",
    "bid.json",
    "evidence/designer.json",
    "evidence/provider.json",
    "job.json",
    "logs.json",
    "manifest.json",
    "models.json",
    "profile.json",
)
OPTIONAL = ("anchors.json", "book.json")
"""What bundles have since bids are answered with receipts and records are anchored."""
MIB = 2**20
FILE_LIMIT = 64 * MIB
ENTRY_LIMIT = 32 * MIB
RATIO_LIMIT = 200

LOCAL_HEADER = 30

# What zipfile raises on a hostile directory, besides its own error.
UNREADABLE = (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, OverflowError, struct.error)


class _Refused(Exception):
    """An entry that is not read; the message says why."""


@dataclass(frozen=True)
class Container:
    """The files of a bundle that could be read, and what is wrong with the zip around them."""

    files: dict[str, bytes]
    findings: tuple[Finding, ...]


def container_read(path: Path) -> Container:
    """Read a bundle file. Raises CannotTell where it is no zip, cannot be read or is above FILE_LIMIT."""
    try:
        size = path.stat().st_size
        if size > FILE_LIMIT:
            message = f"{path} has {size} bytes; a bundle has at most {FILE_LIMIT}."
            raise CannotTell("bundle-too-large", message)
        return container_of(path.read_bytes())
    except OSError as error:
        raise CannotTell("bundle-unreadable", f"{path} cannot be read: {error}.") from error


def container_of(raw: bytes) -> Container:
    """Read a bundle's bytes. Raises CannotTell where they are no zip."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw))
    except UNREADABLE as error:
        message = f"The bundle is not a readable zip ({error}): fetch it again."
        raise CannotTell("bundle-not-zip", message) from error
    with archive:
        files, findings = _entries(archive, raw)
    if not findings and canonical_zip(files) != raw:
        message = "the zip is not in the one form of a bundle: names sorted, entries stored, fixed times"
        findings.append(Finding("bundle-form", "the zip file", message, *_first_difference(files, raw)))
    return Container(files, tuple(findings))


def canonical_zip(files: dict[str, bytes]) -> bytes:
    """The one zip that a bundle of these files may be: stored, sorted, nothing of the maker in it."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name)
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, files[name])
    return target.getvalue()


def _entries(archive: zipfile.ZipFile, raw: bytes) -> tuple[dict[str, bytes], list[Finding]]:
    entries = archive.infolist()
    counts = Counter(entry.filename for entry in entries)
    files: dict[str, bytes] = {}
    findings = list(_name_findings(counts))
    for entry in entries:
        if entry.filename in (*NAMES, *OPTIONAL) and counts[entry.filename] == 1:
            try:
                data = files[entry.filename] = _unpacked(entry, raw)
            except (_Refused, zlib.error) as problem:
                findings.append(Finding("bundle-file-unreadable", entry.filename, str(problem)))
                continue
            message, found = "the file is damaged: its checksum is another", f"{zlib.crc32(data):08x}"
            findings += differs("bundle-file-damaged", entry.filename, message, f"{entry.CRC:08x}", found)
    return files, findings


def _name_findings(counts: Counter[str]) -> Iterator[Finding]:
    for name in NAMES:
        if not counts[name]:
            yield Finding("bundle-file-missing", name, "the file is missing")
    for name, count in counts.items():
        if name not in (*NAMES, *OPTIONAL):
            yield Finding("bundle-file-unknown", repr(name), "no bundle has a file of this name")
        elif count > 1:
            yield Finding("bundle-file-twice", name, "the file is there more than once", "1", str(count))


def _unpacked(entry: zipfile.ZipInfo, raw: bytes) -> bytes:
    """An entry's bytes even where its checksum is wrong, so that the checks can name what was changed."""
    size, packed = entry.file_size, entry.compress_size
    if size > ENTRY_LIMIT or size > RATIO_LIMIT * max(packed, 1):
        raise _Refused(f"it unpacks from {packed} to {size} bytes; at most {ENTRY_LIMIT}, {RATIO_LIMIT} fold")
    names = raw[entry.header_offset + 26 : entry.header_offset + LOCAL_HEADER]
    if entry.header_offset < 0 or len(names) < 4:
        raise _Refused("its place in the zip is outside the zip")
    start = entry.header_offset + LOCAL_HEADER + sum(struct.unpack("<HH", names))
    data = raw[start : start + packed]
    if entry.compress_type == zipfile.ZIP_DEFLATED:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, size + 1)
    if entry.compress_type != zipfile.ZIP_STORED:
        raise _Refused(f"it is packed by method {entry.compress_type}; bundles store their files")
    return data


def _first_difference(files: dict[str, bytes], raw: bytes) -> tuple[str, str]:
    wanted = canonical_zip(files)
    shorter = min(len(wanted), len(raw))
    place = next((at for at in range(shorter) if wanted[at] != raw[at]), shorter)
    right, wrong = (
        f"{len(data)} bytes, at {place}: {data[place : place + 8].hex()}" for data in (wanted, raw)
    )
    return right, wrong
