"""The measured, frozen job. A bid binds its salted digest; bidders see the spec, the public the digest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from protocol.canonical import canonical_bytes, salted_digest
from protocol.capability import ANY_COLOUR, Capability, Requirement, SizeUm, positive, satisfies, size_of
from protocol.errors import Malformed
from protocol.units import Address, Digest, address_of, digest_of, hex_of

VERSION = 2
"""1 had one material and quality for the whole job."""
_TEXT_LIMIT = 200


@dataclass(frozen=True)
class Part:
    """One model of the set and how it is to be printed. `model` is the salted digest of its file."""

    name: str
    model: Digest
    bytes: int
    copies: int
    volume_mm3: int
    area_mm2: int
    size_um: SizeUm
    triangles: int
    material: str
    colour: str
    layer_um: int
    infill_percent: int

    def to_json(self) -> dict[str, Any]:
        """Wire form."""
        return {
            "name": self.name,
            "model": hex_of(self.model),
            "bytes": self.bytes,
            "copies": self.copies,
            "volume_mm3": self.volume_mm3,
            "area_mm2": self.area_mm2,
            "size_um": list(self.size_um),
            "triangles": self.triangles,
            "material": self.material,
            "colour": self.colour,
            "layer_um": self.layer_um,
            "infill_percent": self.infill_percent,
        }

    @classmethod
    def from_json(cls, data: object) -> Part:
        """Strict inverse of to_json. Raises Malformed."""
        entry = _exactly(data, cls, "parts")
        counts = {name: positive(entry[name], f"parts.{name}") for name in _PART_COUNTS}
        return cls(
            name=_text(entry["name"], "parts.name"),
            model=digest_of(entry["model"]),
            size_um=size_of(entry["size_um"], "parts.size_um"),
            material=_text(entry["material"], "parts.material"),
            colour=_text(entry["colour"], "parts.colour"),
            infill_percent=_share(entry["infill_percent"], "parts.infill_percent"),
            **counts,
        )

    @property
    def filament(self) -> str:
        """Material and colour for people: `PETG black`, `PLA any colour`."""
        return filament_text(self.material, self.colour)


_PART_COUNTS = ("bytes", "copies", "volume_mm3", "area_mm2", "triangles", "layer_um")


def filament_text(material: str, colour: str) -> str:
    """Material and colour for people."""
    return f"{material} {colour}" + (" colour" if colour == ANY_COLOUR else "")


@dataclass(frozen=True)
class JobSpec:
    """Everything a bidder needs to price a job. `quantity` counts units: complete sets of parts."""

    title: str
    designer: Address
    parts: tuple[Part, ...]
    tolerance: str
    quantity: int
    deadline: int
    sampling: str
    photos: tuple[str, ...]
    ship_to_zone: str
    licence: str

    def to_json(self) -> dict[str, Any]:
        """Wire form, also what the job digest covers."""
        plain = {name: getattr(self, name) for name in ("designer", *_TEXTS, *_NUMBERS)}
        parts = [part.to_json() for part in self.parts]
        return {
            "version": VERSION,
            "parts": parts,
            "photos": list(self.photos),
            **plain,
        }

    @classmethod
    def from_json(cls, data: object) -> JobSpec:
        """Strict inverse of to_json. Raises Malformed naming the field."""
        entry = _exactly(data, cls, "spec", extra={"version"})
        if entry["version"] != VERSION:
            raise Malformed(f"this Infill understands version {VERSION}", "spec.version")
        if not isinstance(entry["parts"], list) or not entry["parts"]:
            raise Malformed("expected at least one part", "spec.parts")
        if not isinstance(entry["photos"], list):
            raise Malformed("expected a list", "spec.photos")
        texts: dict[str, Any] = {name: _text(entry[name], f"spec.{name}") for name in _TEXTS}
        numbers: dict[str, Any] = {name: _natural(entry[name], f"spec.{name}") for name in _NUMBERS}
        return cls(
            designer=address_of(entry["designer"]),
            parts=tuple(Part.from_json(part) for part in entry["parts"]),
            photos=tuple(_text(photo, "spec.photos") for photo in entry["photos"]),
            **texts,
            **numbers,
        )


_TEXTS = ("title", "tolerance", "sampling", "ship_to_zone", "licence")
_NUMBERS = ("quantity", "deadline")


def job_digest(spec: JobSpec, salt: bytes) -> Digest:
    """keccak(salt || canonical bytes of the spec)."""
    return salted_digest(salt, canonical_bytes(spec.to_json()))


def requirement_of(part: Part) -> Requirement:
    """What a printer must be able to do to print one copy."""
    return Requirement(_lying_along_x(part.size_um), part.material, part.colour, part.layer_um)


@dataclass(frozen=True)
class Need:
    """What the part of a name needs of a printer. One printer makes all parts of a job, in turn."""

    part: str
    requirement: Requirement


def needs_of(spec: JobSpec) -> tuple[Need, ...]:
    """What each part needs of a printer."""
    return tuple(Need(part.name, requirement_of(part)) for part in spec.parts)


def unfit(capability: Capability, spec: JobSpec) -> tuple[str, ...]:
    """Reasons why the printer cannot make the job, each naming its part if there are several; empty if it
    can."""
    return unmet(capability, needs_of(spec))


def unmet(capability: Capability, needs: Sequence[Need]) -> tuple[str, ...]:
    """Reasons why the printer cannot make what has these needs; as `unfit`."""
    reasons = (
        f"{need.part}: {reason}" if len(needs) > 1 else reason
        for need in needs
        for reason in satisfies(capability, need.requirement)
    )
    return tuple(dict.fromkeys(reasons))


def _lying_along_x(size_um: SizeUm) -> SizeUm:
    x, y, z = size_um
    return max(x, y), min(x, y), z


def _exactly(
    data: object, struct: type[Part] | type[JobSpec], field: str, extra: set[str] | None = None
) -> dict[str, Any]:
    expected = set(struct.__dataclass_fields__) | (extra or set())
    if not isinstance(data, dict) or set(data) != expected:
        raise Malformed(f"expected exactly {', '.join(sorted(expected))}", field)
    return data


def _text(value: object, field: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _TEXT_LIMIT:
        raise Malformed(f"expected a text of 1 to {_TEXT_LIMIT} characters", field)
    return value


def _share(value: object, field: str) -> int:
    percent = _natural(value, field)
    if percent > 100:
        raise Malformed("expected at most 100 percent", field)
    return percent


def _natural(value: object, field: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**53:
        raise Malformed("expected a whole number from zero on", field)
    return value
