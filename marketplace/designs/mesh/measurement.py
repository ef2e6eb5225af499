"""What is known about a model after measuring it. No numpy here, so the web process may import it."""

from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from typing import Any, Final

from marketplace.designs.mesh.findings import Finding, Point
from marketplace.designs.mesh.layers import Layers

NOZZLE_UM: Final = 400
"""What most printers have."""


@dataclass(frozen=True)
class Reason:
    """Why a model was refused: a stable code and a sentence that says what to do."""

    code: str
    message: str


class ModelRefused(Exception):
    """The file cannot be printed as it is."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.reason = Reason(code, message)


@dataclass(frozen=True)
class Measurement:
    """Geometry of one model in its uploaded orientation, z up.

    Lengths in micrometres, areas in mm2, volumes in mm3. `wall_mm2`, `top_mm2` and `bottom_mm2` are the
    surface seen from the side, from above and from below: what the shell model of `estimate` needs.

    What follows `findings` was not measured before; rows of then have its defaults, where None is unknown.
    `thinnest_um` and `gap_um` are the smallest wall and gap that rays found, None if they found none.
    `self_intersections` counts pairs of facets, of all pairs if `intersections_complete`. `support_mm3` is
    between what hangs over and what is below it. `balance_um` is how far inside the outline of its base the
    centre of mass is, below zero outside, and `tilt_degrees` how far the model may lean before it falls.
    `layers` is what estimates need of the cross-sections.
    """

    volume_mm3: float
    area_mm2: float
    size_um: tuple[int, int, int]
    triangles: int
    watertight: bool
    winding_consistent: bool
    bodies: int
    overhang_mm2: float
    bed_contact_mm2: float
    wall_mm2: float
    top_mm2: float
    bottom_mm2: float
    degenerate_triangles: int
    inside_out: bool
    findings: tuple[Finding, ...] = ()
    duplicate_triangles: int = 0
    duplicate_bodies: int = 0
    inverted_bodies: int = 0
    swallowed_bodies: int = 0
    cavities: int = 0
    self_intersections: int | None = None
    intersections_complete: bool = False
    thinnest_um: int | None = None
    gap_um: int | None = None
    smallest_body_um: int | None = None
    support_mm3: float | None = None
    centre_mm: Point | None = None
    balance_um: int | None = None
    tilt_degrees: float | None = None
    turning: "Turning | None" = None
    nozzle_um: int = NOZZLE_UM
    layers: Layers | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {
            "size_um": list(self.size_um),
            "findings": [finding.to_json() for finding in self.findings],
            "centre_mm": list(self.centre_mm) if self.centre_mm else None,
            "turning": self.turning.to_json() if self.turning else None,
            "layers": self.layers.to_json() if self.layers else None,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Measurement":
        """Read what `to_json` wrote, now or when less was measured. Raises KeyError or TypeError when
        a member that was always there is missing."""
        members = {
            field.name: value[field.name]
            for field in fields(cls)
            if field.name in value or field.default is MISSING
        }
        members["size_um"] = tuple(value["size_um"])
        members["findings"] = tuple(Finding.from_json(each) for each in value["findings"])
        if centre := value.get("centre_mm"):
            members["centre_mm"] = tuple(centre)
        if turning := value.get("turning"):
            members["turning"] = Turning.from_json(turning)
        if layers := value.get("layers"):
            members["layers"] = Layers.from_json(layers)
        return cls(**members)


@dataclass(frozen=True)
class Turning:
    """A better way up: `down` is the direction, in the model's own coordinates, that should face the bed.

    Support in mm3 counts to the bed, whatever is between: it compares ways up and is not `support_mm3`.
    """

    down: Point
    support_mm3: float
    support_now_mm3: float
    height_um: int
    contact_mm2: float

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"down": list(self.down)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Turning":
        """Read what `to_json` wrote. Raises KeyError or TypeError when a member is missing."""
        members = {field.name: value[field.name] for field in fields(cls)}
        return cls(**members | {"down": tuple(value["down"])})
