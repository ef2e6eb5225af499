"""What a printer can do, what a job needs, and why they do not meet. Lengths in micrometres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from protocol.errors import Malformed

ANY_COLOUR = "any"
SizeUm = tuple[int, int, int]


@dataclass(frozen=True)
class Material:
    """A material a printer is set up for, and the colours in stock."""

    kind: str
    colours: tuple[str, ...]


@dataclass(frozen=True)
class Capability:
    """One printer: usable volume, materials, nozzle and the layer heights it prints well."""

    technology: str
    bed_um: SizeUm
    materials: tuple[Material, ...]
    nozzle_um: int
    min_layer_um: int
    max_layer_um: int

    def to_json(self) -> dict[str, Any]:
        """Wire form, also what the capability digest covers."""
        return {
            "technology": self.technology,
            "bed_um": list(self.bed_um),
            "materials": [{"kind": m.kind, "colours": list(m.colours)} for m in self.materials],
            "nozzle_um": self.nozzle_um,
            "min_layer_um": self.min_layer_um,
            "max_layer_um": self.max_layer_um,
        }

    @classmethod
    def from_json(cls, data: object) -> Capability:
        """Strict inverse of to_json. Raises Malformed."""
        expected = {"technology", "bed_um", "materials", "nozzle_um", "min_layer_um", "max_layer_um"}
        if not isinstance(data, dict) or set(data) != expected:
            raise Malformed(f"expected exactly {', '.join(sorted(expected))}", "capability")
        if not isinstance(data["materials"], list) or not data["materials"]:
            raise Malformed("expected at least one material", "capability.materials")
        found = cls(
            technology=_text(data["technology"], "capability.technology"),
            bed_um=size_of(data["bed_um"], "capability.bed_um"),
            materials=tuple(_material(entry) for entry in data["materials"]),
            nozzle_um=positive(data["nozzle_um"], "capability.nozzle_um"),
            min_layer_um=positive(data["min_layer_um"], "capability.min_layer_um"),
            max_layer_um=positive(data["max_layer_um"], "capability.max_layer_um"),
        )
        if found.min_layer_um > found.max_layer_um:
            raise Malformed("the smallest layer is above the largest", "capability.min_layer_um")
        return found


@dataclass(frozen=True)
class Requirement:
    """What a part needs of a printer."""

    size_um: SizeUm
    material: str
    colour: str
    layer_um: int


def satisfies(capability: Capability, requirement: Requirement) -> tuple[str, ...]:
    """Reasons why the printer cannot make the job, each a sentence for a person; empty if it can."""
    reasons = [
        _fit_reason(capability, requirement),
        _material_reason(capability, requirement),
        _layer_reason(capability, requirement),
    ]
    return tuple(reason for reason in reasons if reason)


def fits(bed_um: SizeUm, size_um: SizeUm) -> bool:
    """Whether a box stands on the bed, turned by a quarter about the vertical if need be."""
    (x, y, z), (width, depth, height) = bed_um, size_um
    return height <= z and ((width <= x and depth <= y) or (width <= y and depth <= x))


def _fit_reason(capability: Capability, requirement: Requirement) -> str:
    if fits(capability.bed_um, requirement.size_um):
        return ""
    needed, bed = box_text(requirement.size_um), box_text(capability.bed_um)
    return f"The part needs {needed}, the printer has room for {bed}."


def _material_reason(capability: Capability, requirement: Requirement) -> str:
    stocked = next((m for m in capability.materials if m.kind == requirement.material), None)
    if stocked is None:
        kinds = ", ".join(m.kind for m in capability.materials)
        return f"The job needs {requirement.material}, the printer has {kinds}."
    if requirement.colour not in (ANY_COLOUR, *stocked.colours):
        colours = ", ".join(stocked.colours) or "no stated colour"
        return f"The job needs {requirement.colour} {requirement.material}, in stock: {colours}."
    return ""


def _layer_reason(capability: Capability, requirement: Requirement) -> str:
    if capability.min_layer_um <= requirement.layer_um <= capability.max_layer_um:
        return ""
    low, high = capability.min_layer_um / 1000, capability.max_layer_um / 1000
    needed = requirement.layer_um / 1000
    return f"The job needs {needed:g} mm layers, the printer does {low:g} to {high:g} mm."


def box_text(size_um: SizeUm) -> str:
    """A box for people, in millimetres: `70 x 40 x 35 mm`."""
    return " x ".join(f"{length / 1000:.4g}" for length in size_um) + " mm"


def size_of(value: object, field: str) -> SizeUm:
    """Three positive lengths in micrometres. Raises Malformed."""
    if not isinstance(value, (list, tuple)) or len(value) != 3:
        raise Malformed("expected three lengths in micrometres", field)
    x, y, z = (positive(length, field) for length in value)
    return x, y, z


def positive(value: object, field: str) -> int:
    """A positive whole number within 32 bits. Raises Malformed."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**32:
        raise Malformed("expected a positive whole number", field)
    return value


def _text(value: object, field: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 64:
        raise Malformed("expected a text of 1 to 64 characters", field)
    return value


def _material(entry: object) -> Material:
    if not isinstance(entry, dict) or set(entry) != {"kind", "colours"}:
        raise Malformed("expected kind and colours", "capability.materials")
    if not isinstance(entry["colours"], list):
        raise Malformed("expected a list", "capability.materials.colours")
    colours = tuple(_text(colour, "capability.materials.colours") for colour in entry["colours"])
    return Material(_text(entry["kind"], "capability.materials.kind"), colours)
