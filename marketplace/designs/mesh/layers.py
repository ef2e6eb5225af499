"""What estimates know of a model's layers. No numpy here, so the web process may import it."""

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import Any, Final

FIRST_MEMBERS: Final = 7


@dataclass(frozen=True)
class Band:
    """The mean cross-section of one of equally high slices of a model.

    Areas in mm2, lengths in mm: `inner_mm2` is what two walls leave and `edge_mm` its outline, `solid_mm2`
    what of it is skin above or below air or in a small island. Skin that leans is apart, as slicers make less
    of it the thinner layers are: `sloped_mm2` rises 1 in 12 to 1 in 4, `steep_mm2` up to 1 in 0.6. `outer_mm`
    and `second_mm` are the two walls, `*_short_mm` what of them is in loops that slicers print slower,
    `*_brake_s` what corners cost. `loops` counts outlines and holes. `support_mm2` stands beside them,
    `support_edge_mm` is around that.
    """

    area_mm2: float
    perimeter_mm: float
    inner_mm2: float
    solid_mm2: float
    loops: float
    edge_mm: float
    sloped_mm2: float
    steep_mm2: float
    outer_mm: float
    second_mm: float
    outer_short_mm: float
    second_short_mm: float
    outer_brake_s: float
    second_brake_s: float
    support_mm2: float = 0.0
    support_edge_mm: float = 0.0


@dataclass(frozen=True)
class Layers:
    """Bands from the bed upwards; the flat area of what hangs over; where support touches the part from
    below, by how far the part leans there, and where it stands on it."""

    bands: tuple[Band, ...]
    overhang_flat_mm2: float
    contact_mm2: tuple[float, ...]
    resting_mm2: float

    def to_json(self) -> dict[str, Any]:
        return {
            "bands": [list(astuple(band)) for band in self.bands],
            "overhang_flat_mm2": self.overhang_flat_mm2,
            "contact_mm2": list(self.contact_mm2),
            "resting_mm2": self.resting_mm2,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Layers | None":
        """Read what `to_json` wrote; None of bands of the first kind, which said too little. Raises KeyError
        or TypeError when a member is missing."""
        if any(len(each) == FIRST_MEMBERS for each in value["bands"]):
            return None
        bands = tuple(Band(*each) for each in value["bands"])
        return cls(bands, value["overhang_flat_mm2"], tuple(value["contact_mm2"]), value["resting_mm2"])
