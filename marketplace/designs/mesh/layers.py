"""What estimates know of a model's layers. No numpy here, so the web process may import it."""

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import Any


@dataclass(frozen=True)
class Band:
    """The mean cross-section of one of equally high slices of a model.

    Areas in mm2, lengths in mm: `inner_mm2` is what two walls leave, `solid_mm2` what of that is skin above
    or below air. `loops` counts outlines and holes, `short_mm` is the length of those that slicers print
    slower, `corners` how much the head brakes for turns: 1 for one that it must stop at.
    """

    area_mm2: float
    perimeter_mm: float
    inner_mm2: float
    solid_mm2: float
    loops: float
    short_mm: float
    corners: float


@dataclass(frozen=True)
class Layers:
    """Bands from the bed upwards, and the flat area of what hangs over."""

    bands: tuple[Band, ...]
    overhang_flat_mm2: float

    def to_json(self) -> dict[str, Any]:
        return {
            "bands": [list(astuple(band)) for band in self.bands],
            "overhang_flat_mm2": self.overhang_flat_mm2,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Layers":
        """Read what `to_json` wrote. Raises KeyError or TypeError when a member is missing."""
        return cls(tuple(Band(*each) for each in value["bands"]), value["overhang_flat_mm2"])
