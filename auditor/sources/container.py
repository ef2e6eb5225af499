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
from auditor.findings import Finding

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
MIB = 2**20
FILE_LIMIT = 64 * MIB
ENTRY_LIMIT = 32 * MIB
RATIO_LIMIT = 200

# Everything that zipfile raises on hostile input, besides its own error.
UNREADABLE = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
    EOFError,
    IndexError,
    OverflowError,
    struct.error,
    zlib.error,
)


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
        files, findings = _entries(archive)
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


def _entries(archive: zipfile.ZipFile) -> tuple[dict[str, bytes], list[Finding]]:
    entries = archive.infolist()
    counts = Counter(entry.filename for entry in entries)
    files: dict[str, bytes] = {}
    findings = list(_name_findings(counts))
    for entry in entries:
        if entry.filename in NAMES and counts[entry.filename] == 1:
            problem = _read_into(files, archive, entry)
            findings += [problem] if problem else []
    return files, findings


def _name_findings(counts: Counter[str]) -> Iterator[Finding]:
    for name in NAMES:
        if not counts[name]:
            yield Finding("bundle-file-missing", name, "the file is missing")
    for name, count in counts.items():
        if name not in NAMES:
            yield Finding("bundle-file-unknown", repr(name), "no bundle has a file of this name")
        elif count > 1:
            yield Finding("bundle-file-twice", name, "the file is there more than once", "1", str(count))


def _read_into(files: dict[str, bytes], archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Finding | None:
    name, size = entry.filename, entry.file_size
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        message = "the entry is packed in a way that bundles do not use"
        return Finding("bundle-file-packing", name, message, "stored", str(entry.compress_type))
    if size > ENTRY_LIMIT or size > RATIO_LIMIT * max(entry.compress_size, 1):
        message = f"the entry unpacks to more than {ENTRY_LIMIT} bytes, or {RATIO_LIMIT} times its size"
        return Finding("bundle-file-too-large", name, message, found=f"{entry.compress_size} to {size}")
    try:
        with archive.open(entry) as source:
            data = source.read(size + 1)
    except UNREADABLE as error:
        return Finding("bundle-file-damaged", name, f"the entry is damaged: {error}")
    files[name] = data
    return None


def _first_difference(files: dict[str, bytes], raw: bytes) -> tuple[str, str]:
    wanted = canonical_zip(files)
    shorter = min(len(wanted), len(raw))
    place = next((at for at in range(shorter) if wanted[at] != raw[at]), shorter)
    right, wrong = (
        f"{len(data)} bytes, at {place}: {data[place : place + 8].hex()}" for data in (wanted, raw)
    )
    return right, wrong
