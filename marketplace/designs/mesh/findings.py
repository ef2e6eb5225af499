"""What is worth knowing about a model before printing it, and where on the model it is. No numpy here."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

Point = tuple[float, float, float]


class Severity(StrEnum):
    """`INFO`: good to know. `WARNING`: may fail. `PROBLEM`: will not come out as drawn."""

    INFO = "info"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Place:
    """A box on the model from its lowest to its highest corner, in mm and in the file's own coordinates. A
    point is a box without size."""

    low: Point
    high: Point

    def to_json(self) -> dict[str, list[float]]:
        return {"low": list(self.low), "high": list(self.high)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote. Raises KeyError, TypeError or ValueError for anything else."""
        return cls(_point(value["low"]), _point(value["high"]))


@dataclass(frozen=True)
class Finding:
    """Something worth knowing before printing; the model is accepted all the same.

    `message` says what is so, `advice` what to do about it, `place` where, if it is somewhere.
    """

    code: str
    severity: Severity
    message: str
    advice: str = ""
    place: Place | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"place": self.place.to_json() if self.place else None}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote, now or before there were advice and places. Raises KeyError, TypeError
        or ValueError for anything else."""
        place = value.get("place")
        return cls(
            value["code"],
            Severity(value["severity"]),
            value["message"],
            value.get("advice", ""),
            Place.from_json(place) if place else None,
        )


def _point(value: Any) -> Point:
    x, y, z = value
    return float(x), float(y), float(z)
