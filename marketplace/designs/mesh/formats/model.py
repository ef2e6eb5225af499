"""What every reader gives: parts with names, triangles and colours, in the file's own unit."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from marketplace.designs.mesh.formats.units import Unit
from marketplace.designs.rules import PARTS_LIMIT

Triangles = npt.NDArray[np.float64]
Points = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]


class Format(StrEnum):
    STL = "stl"
    THREE_MF = "3mf"
    OBJ = "obj"
    PLY = "ply"
    GLTF = "gltf"
    STEP = "step"
    ZIP = "zip"


@dataclass(frozen=True)
class Limits:
    """What one model may ask of us. `unpacked_bytes` bounds everything an archive unpacks to, together, and
    `models` the files in it."""

    file_bytes: int = 100_000_000
    unpacked_bytes: int = 300_000_000
    triangles: int = 1_500_000
    instances: int = 100_000
    parts: int = 200
    models: int = PARTS_LIMIT
    shortest_um: int = 100
    longest_um: int = 2_000_000


@dataclass(frozen=True)
class Part:
    """One body or group of bodies with a name. `triangles` has the shape (n, 3, 3), in the model's unit;
    `colours` are "#RRGGBB", each once, or empty where the file has none; `colour` is its own, where it has
    one. `copies` of it are in the file."""

    name: str
    triangles: Triangles
    colours: tuple[str, ...] = ()
    colour: str = ""
    copies: int = 1


@dataclass(frozen=True)
class Model:
    """A file, read. `stated` says that the file names its unit; otherwise `unit` is what the format's
    users mean by custom. `ignored` counts an archive's files that are no models. `things` are what of its
    parts could be printed by itself, each shape once; empty where that is one alone, or too many.
    `left_out` counts the volumes that help a slicer and are no material, `not_printed` what lies on the plate
    and is marked as not to be printed."""

    format: Format
    unit: Unit
    stated: bool
    parts: tuple[Part, ...]
    ignored: int = 0
    things: tuple[Part, ...] = ()
    left_out: int = 0
    not_printed: int = 0

    def triangles(self) -> Triangles:
        """All parts together, in the model's unit."""
        return np.concatenate([part.triangles for part in self.parts])

    def to_json(self) -> dict[str, Any]:
        """What the site keeps about the source: no geometry."""
        parts = [
            {"name": part.name, "triangles": len(part.triangles), "colours": list(part.colours)}
            for part in self.parts
        ]
        return {
            "format": self.format.value,
            "unit": self.unit.value,
            "unit_stated": self.stated,
            "parts": parts,
            "ignored_files": self.ignored,
            "things": [
                {"name": each.name, "copies": each.copies, "colour": each.colour} for each in self.things
            ],
        }


def gathered(points: Points, faces: Indices, what: str) -> Triangles:
    """Triangles of indexed points. Raises ModelRefused for an index that points nowhere."""
    from marketplace.designs.mesh.formats import refusals  # noqa: PLC0415

    if len(faces) and (faces.min() < 0 or faces.max() >= len(points)):
        raise refusals.broken(what, "a facet names a point that is not there")
    return points[faces]


def joined(parts: Sequence[Part], limits: Limits) -> tuple[Part, ...]:
    """Thousands of items are one part: nobody reads such a list."""
    if len(parts) <= limits.parts:
        return tuple(parts)
    colours = dict.fromkeys(colour for part in parts for colour in part.colours)
    return (
        Part(f"{len(parts):,} items", np.concatenate([part.triangles for part in parts]), tuple(colours)),
    )


def colour_of(red: float, green: float, blue: float) -> str:
    """#RRGGBB of three shares of 1."""
    return "#" + "".join(f"{round(min(1.0, max(0.0, share)) * 255):02x}" for share in (red, green, blue))
