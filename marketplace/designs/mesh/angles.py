"""The sides a model is shown from, and the files that tell of them. No numpy here."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from marketplace.designs.mesh.findings import Place, Point

# The first is the thumbnail.
ANGLES: Final[Mapping[str, Point]] = {
    "corner": (0.55, -1.0, 0.72),
    "front": (0.0, -1.0, 0.2),
    "back": (-0.55, 1.0, 0.72),
    "top": (0.0, 0.0, 1.0),
    "bottom": (0.0, 0.0, -1.0),
}
"""Each by the direction in which the viewer stands; from the sides a little of the bed is seen."""
THUMBNAIL: Final = next(iter(ANGLES))
Row = tuple[float, float, float, float]


@dataclass(frozen=True)
class Projection:
    """Where in a picture a point (x, y, z) of the model is: for (a, b, c, d), at a x + b y + c z + d."""

    right: Row
    down: Row

    @classmethod
    def from_json(cls, value: Any) -> "Projection":
        """Read two rows of four. Raises TypeError or ValueError for anything else."""
        right, down = ((float(a), float(b), float(c), float(d)) for a, b, c, d in value)
        return cls(right, down)

    def to_json(self) -> list[list[float]]:
        return [list(self.right), list(self.down)]

    def box(self, place: Place) -> tuple[float, float, float, float]:
        """Left, top, width and height of the smallest box around a place, in pixels."""
        corners = [
            (x, y, z)
            for x in (place.low[0], place.high[0])
            for y in (place.low[1], place.high[1])
            for z in (place.low[2], place.high[2])
        ]
        columns = [_at(self.right, corner) for corner in corners]
        rows = [_at(self.down, corner) for corner in corners]
        return min(columns), min(rows), max(columns) - min(columns), max(rows) - min(rows)


def angle_file(picture: Path, angle: str) -> Path:
    """The file of one angle; the thumbnail's is `picture` itself."""
    return picture if angle == THUMBNAIL else picture.with_suffix(f".{angle}.png")


def light_file(picture: Path) -> Path:
    """Where the model lies that bidders may turn around."""
    return picture.with_name(f"{picture.stem}.light.glb")


def projections_write(picture: Path, rows: Mapping[str, list[list[float]]]) -> None:
    picture.with_suffix(".views.json").write_text(json.dumps(rows))


def projections_read(picture: Path) -> dict[str, Projection]:
    """By angle, of the pictures that were drawn. Raises ValueError or TypeError for what tells of none."""
    file = picture.with_suffix(".views.json")
    told = json.loads(file.read_bytes()) if file.exists() else {}
    return {angle: Projection.from_json(told[angle]) for angle in ANGLES if angle in told}


def _at(row: Row, point: Point) -> float:
    return row[0] * point[0] + row[1] * point[1] + row[2] * point[2] + row[3]
