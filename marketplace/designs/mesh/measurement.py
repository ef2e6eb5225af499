"""What is known about a model after measuring it. No numpy here, so the web process may import it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"


@dataclass(frozen=True)
class Reason:
    """Why a model was refused: a stable code and a sentence that says what to do."""

    code: str
    message: str


@dataclass(frozen=True)
class Finding:
    """Something worth knowing before printing; the model is accepted all the same."""

    code: str
    severity: Severity
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

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {
            "size_um": list(self.size_um),
            "findings": [asdict(finding) for finding in self.findings],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Measurement":
        """Read what `to_json` wrote. Raises KeyError or TypeError when a member is missing."""
        members = {field.name: value[field.name] for field in fields(cls)}
        members["size_um"] = tuple(value["size_um"])
        members["findings"] = tuple(
            Finding(each["code"], Severity(each["severity"]), each["message"]) for each in value["findings"]
        )
        return cls(**members)
