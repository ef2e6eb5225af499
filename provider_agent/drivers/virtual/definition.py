"""What a virtual printer is: read from its printer.toml, every member optional."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from protocol.errors import InfillError
from provider_agent.drivers.virtual.motion import MotionLimits


class DefinitionInvalid(InfillError):
    """A printer.toml that does not describe a printer."""

    code = "printer-definition-invalid"


@dataclass(frozen=True)
class MachineDefinition:
    """A machine's limits. Lengths in micrometres, speeds mm/s (`feed_mm_s` for X, Y, Z and filament),
    degrees Celsius."""

    serial: str
    make: str = "Infill"
    model: str = "Virtual printer"
    bed_um: tuple[int, int, int] = (220_000, 220_000, 250_000)
    nozzle_um: float = 400.0
    feed_mm_s: tuple[float, float, float, float] = (200.0, 200.0, 15.0, 60.0)
    acceleration_mm_s2: float = 1500.0
    jerk_mm_s: float = 8.0
    homing_mm_s: float = 40.0
    nozzle_limit_c: float = 300.0
    bed_limit_c: float = 120.0
    extrude_above_c: float = 170.0
    ambient_c: float = 22.0
    nozzle_tau_s: float = 60.0
    bed_tau_s: float = 300.0

    @property
    def motion(self) -> MotionLimits:
        """The limits that time moves."""
        return MotionLimits(self.feed_mm_s, self.jerk_mm_s)


def definition_load(path: Path) -> MachineDefinition:
    """Read printer.toml; the serial defaults to the folder's name. Raises DefinitionInvalid."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DefinitionInvalid(f"{path}: {error}") from error
    known = {field.name: field for field in fields(MachineDefinition)}
    if unknown := set(table) - set(known):
        raise DefinitionInvalid(f"{path}: unknown {', '.join(sorted(unknown))}; known: {', '.join(known)}")
    example = MachineDefinition(serial=path.parent.name)
    members = {name: _checked(path, name, value, getattr(example, name)) for name, value in table.items()}
    return MachineDefinition(**{"serial": example.serial} | members)


def _checked(path: Path, name: str, value: object, example: Any) -> Any:
    """The value in the shape of the example: text, positive number, or that many positive numbers."""
    if isinstance(example, str) and isinstance(value, str) and value:
        return value
    if isinstance(example, float) and _positive(value):
        return float(value)  # type: ignore[arg-type]
    listed = isinstance(example, tuple) and isinstance(value, list) and len(value) == len(example)
    if listed and all(_positive(item) for item in value):  # type: ignore[attr-defined]
        return tuple(type(example[0])(item) for item in value)  # type: ignore[attr-defined]
    raise DefinitionInvalid(f"{path}: {name} must be like {example!r}, positive where it is a number")


def _positive(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 10**9
