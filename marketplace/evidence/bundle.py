"""One zip of canonical JSON that an auditor can check without this server. Pure: same parts, same bytes."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from protocol.canonical import canonical_bytes, keccak
from protocol.units import hex_of

VERSION = 1
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
UNIX = 3
READABLE = 0o644 << 16


@dataclass(frozen=True)
class Parts:
    """What a bundle holds, besides its manifest. `as_of`: the time of its newest log or evidence record."""

    chain_id: int
    escrow: str
    agreement: str
    as_of: datetime
    files: Mapping[str, Any]


def bundle_zip(parts: Parts) -> bytes:
    """The zip's bytes: sorted, stored, times fixed. Raises Malformed where a part is no canonical JSON."""
    contents = {name: canonical_bytes(value) for name, value in parts.files.items()}
    contents["manifest.json"] = canonical_bytes(_manifest(parts, contents))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(contents):
            archive.writestr(_entry(name), contents[name])
    return target.getvalue()


def _manifest(parts: Parts, contents: Mapping[str, bytes]) -> dict[str, Any]:
    return {
        "version": VERSION,
        "chain_id": parts.chain_id,
        "escrow": parts.escrow,
        "agreement": parts.agreement,
        "created_at": parts.as_of.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "files": {name: hex_of(keccak(data)) for name, data in contents.items()},
    }


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, ZIP_EPOCH)
    # Left to itself, zipfile writes down which system it runs on.
    entry.create_system, entry.external_attr = UNIX, READABLE
    return entry
