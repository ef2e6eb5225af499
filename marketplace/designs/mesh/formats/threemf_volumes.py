"""What of a 3MF is no material, by the lists that slicers keep beside its geometry.

PrusaSlicer keeps modifiers as ranges of facets in an object's one mesh, Bambu Studio and OrcaSlicer as
components of an object. Both number objects as the root model does.
"""

import re
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

import numpy as np
import numpy.typing as npt

from marketplace.designs.mesh.formats import refusals
from marketplace.designs.mesh.formats.archive import Entry

WHAT: Final = "3MF"
LISTS: Final = re.compile(r"metadata/(?:\w+_model|model_settings)\.config", re.ASCII)
BYTES_LIMIT: Final = 10_000_000
NEGATIVE: Final = frozenset({"NegativeVolume", "negative_part"})
HELP: Final = frozenset(
    {
        "ParameterModifier", "SupportBlocker", "SupportEnforcer",
        "modifier_part", "support_blocker", "support_enforcer",
    }
)  # fmt: skip
MODIFIER: Final = "ParameterModifier"

Attributes = dict[str, str]


@dataclass
class Volume:
    """The facets from `first` to `last`, both within, of one object's mesh."""

    first: int
    last: int
    kind: str = ""


@dataclass(frozen=True)
class Volumes:
    """By the number of an object: volumes of its mesh, and kinds of its components by their numbers."""

    ranges: dict[int, list[Volume]] = field(default_factory=dict)
    kinds: dict[int, dict[int, str]] = field(default_factory=dict)

    def help_ranges(self, key: int) -> list[Volume]:
        """The volumes of an object that are no material. Raises ModelRefused for what is to be cut away."""
        given = self.ranges.get(key, [])
        for volume in given:
            _refuse_negative(volume.kind)
        return [volume for volume in given if volume.kind in HELP]

    def is_help(self, key: int, component: int) -> bool:
        """Whether a component of an object is no material. Raises ModelRefused as `help_ranges` does."""
        kind = self.kinds.get(key, {}).get(component, "")
        _refuse_negative(kind)
        return kind in HELP


def listed(entries: tuple[Entry, ...]) -> Volumes:
    """What the slicers' lists of a 3MF say. Raises ModelRefused for lists that are too long or no XML."""
    lists = [each.data for each in entries if LISTS.fullmatch(each.path.lower()) and each.data.strip()]
    if sum(map(len, lists)) > BYTES_LIMIT:
        raise refusals.unsupported(
            WHAT, f"more than {BYTES_LIMIT / 1e6:.0f} MB of a slicer's settings", "Export it without them."
        )
    volumes = Volumes()
    for data in lists:
        _read(data, volumes)
    return volumes


def material(count: int, left_out: list[Volume]) -> npt.NDArray[np.bool_]:
    """Which of a mesh's `count` facets are in none of the volumes. Raises ModelRefused for volumes of facets
    that are not there."""
    ends = np.array([(each.first, each.last + 1) for each in left_out], np.int64).reshape(-1, 2)
    if (ends[:, 0] < 0).any() or (ends[:, 0] >= ends[:, 1]).any() or (ends[:, 1] > count).any():
        raise refusals.broken(WHAT, "a slicer's list names facets that are not there")
    begun = np.bincount(ends[:, 0], minlength=count + 1) - np.bincount(ends[:, 1], minlength=count + 1)
    kept: npt.NDArray[np.bool_] = begun.cumsum()[:count] == 0
    return kept


class _Listing:
    """Takes the elements of one list as they come."""

    def __init__(self, volumes: Volumes) -> None:
        self.volumes = volumes
        self.key = -1
        self.volume: Volume | None = None

    def start(self, name: str, given: Attributes) -> None:
        match name:
            case "object":
                self.key = _number(given, "id")
            case "part" if self.key >= 0:
                kinds = self.volumes.kinds.setdefault(self.key, {})
                kinds[_number(given, "id")] = given.get("subtype", "")
            case "volume" if self.key >= 0:
                self.volume = Volume(_number(given, "firstid"), _number(given, "lastid"))
                self.volumes.ranges.setdefault(self.key, []).append(self.volume)
            case "metadata" if self.volume:
                # As PrusaSlicer reads them: what comes last counts.
                value = given.get("value", "")
                if given.get("key") == "volume_type":
                    self.volume.kind = MODIFIER if value == "1" else value
                elif given.get("key") == "modifier" and value == "1":
                    self.volume.kind = MODIFIER

    def end(self, name: str) -> None:
        if name == "object":
            self.key, self.volume = -1, None
        elif name == "volume":
            self.volume = None


def _read(data: bytes, volumes: Volumes) -> None:
    parser, listing = expat.ParserCreate("UTF-8"), _Listing(volumes)
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = listing.start
    parser.EndElementHandler = listing.end
    try:
        parser.Parse(data, True)
    except expat.ExpatError:
        raise refusals.broken(WHAT, "a slicer's list of its volumes is not XML") from None


def _refuse_doctype(*_: object) -> None:
    raise refusals.unsafe("a document type definition, which 3MF forbids")


def _refuse_negative(kind: str) -> None:
    if kind in NEGATIVE:
        raise refusals.unsupported(
            WHAT,
            "a negative volume, to be cut away by a slicer",
            "Cut it away in your slicer or modelling program and export one united mesh.",
        )


def _number(given: Attributes, name: str) -> int:
    """-1 for what is none."""
    text = given.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
