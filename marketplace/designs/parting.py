"""The models of an archive become designs of their own, each to be measured like an upload."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from marketplace.designs import store
from marketplace.designs.measuring import failed
from marketplace.designs.mesh.pieces import piece_file
from marketplace.designs.models import Design
from marketplace.designs.rules import NAME_LIMIT, PARTS_LIMIT, clean_name
from protocol.units import hex_of


@dataclass(frozen=True)
class PartFile:
    """A model of an archive as the measuring child wrote it: an STL, kept in the store."""

    name: str
    digest: str
    bytes: int


def parts_keep(picture: Path) -> list[PartFile]:
    """What the child wrote beside the picture, kept; empty unless the upload was an archive of several.

    Raises ModelRefused where the child broke at it.
    """
    made = [path for number in range(PARTS_LIMIT) if (path := piece_file(picture, number)).exists()]
    if not made:
        return []
    try:
        names = [str(part["name"]) for part in json.loads(picture.with_suffix(".json").read_bytes())["parts"]]
        named = list(zip(names, made, strict=True))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise failed() from error
    return [_kept(name, path.read_bytes()) for name, path in named]


def _kept(name: str, data: bytes) -> PartFile:
    return PartFile(_stl_name(name), hex_of(store.bytes_save(data)), len(data))


def _stl_name(name: str) -> str:
    """A part was of any format and is an STL now."""
    return clean_name(f"{PurePath(clean_name(name)).stem[: NAME_LIMIT - 4]}.stl")


def parts_create(archive: Design, parts: Sequence[PartFile]) -> list[Design]:
    """The designs of an archive that was just measured, in the archive's order."""
    return Design.objects.bulk_create(
        Design(
            owner_id=archive.owner_id,
            part_of=archive,
            position=position,
            name=part.name,
            digest=part.digest,
            bytes=part.bytes,
        )
        for position, part in enumerate(parts)
    )
