"""The models of an archive, and what a 3MF holds, become designs of their own, measured as uploads are."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from marketplace.designs import store
from marketplace.designs.measuring import failed
from marketplace.designs.mesh.pieces import piece_file
from marketplace.designs.models import Design
from marketplace.designs.rules import COPIES_LIMIT, NAME_LIMIT, PARTS_LIMIT, clean_name
from protocol.units import hex_of


@dataclass(frozen=True)
class PartFile:
    """A model of an archive as the measuring child wrote it: an STL, kept in the store."""

    name: str
    digest: str
    bytes: int
    copies: int = 1
    colour: str = ""


def parts_keep(picture: Path) -> list[PartFile]:
    """What the child wrote beside the picture, kept; empty unless the upload was an archive of several.

    Raises ModelRefused where the child broke at it.
    """
    made = [path for number in range(PARTS_LIMIT) if (path := piece_file(picture, number)).exists()]
    if not made:
        return []
    try:
        told = json.loads(picture.with_suffix(".json").read_bytes())
        parts = told.get("things") or told["parts"]
        named = [(_told(part), path) for part, path in zip(parts, made, strict=True)]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise failed() from error
    return [_kept(part, path.read_bytes()) for part, path in named]


def _told(part: dict[str, Any]) -> tuple[str, int, str]:
    """Name, copies and colour, as a child that may be broken says. Raises ValueError, KeyError, TypeError."""
    name, copies, colour = str(part["name"]), part.get("copies", 1), str(part.get("colour", ""))
    if type(copies) is not int or not 1 <= copies <= COPIES_LIMIT:
        raise ValueError("copies are none that a job may have")
    return name, copies, colour if re.fullmatch("#[0-9a-f]{6}", colour) else ""


def _kept(part: tuple[str, int, str], data: bytes) -> PartFile:
    name, copies, colour = part
    return PartFile(_stl_name(name), hex_of(store.bytes_save(data)), len(data), copies, colour)


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
            copies=part.copies,
            colour=part.colour,
        )
        for position, part in enumerate(parts)
    )
