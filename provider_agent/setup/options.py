"""Values of setup's options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import click

from protocol.capability import Material, SizeUm
from provider_agent import readers
from provider_agent.drivers import kinds
from provider_agent.options import BedType, MaterialsType, UrlType

DRIVER_SETTINGS: Final = ("secret", "device", "certificate")


@dataclass(frozen=True)
class At:
    """A printer to be set up: where it is, and what is known of it before it was asked.

    `name` is its owner's, `hint` what it announces itself by.
    """

    driver: str
    url: str
    name: str = ""
    hint: str = ""
    bed_um: SizeUm | None = None
    nozzle_um: int | None = None
    materials: tuple[Material, ...] | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    camera: str = ""


class AtType(click.ParamType[At]):
    """DRIVER,URL[,KEY=VALUE]... with the keys name, bed, nozzle, camera, material (repeatable), secret,
    device, certificate; like octoprint,http://octopi.local,name=left,material=PLA:black/white; repeatable"""

    name = "PRINTER"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> At:
        """The printer, not yet asked."""
        if isinstance(value, At):
            return value
        driver, _, rest = str(value).strip().replace(" ", ",").partition(",")
        url, *pairs = rest.split(",")
        if driver not in kinds():
            self.fail(f"{driver!r} is no driver; write one of {', '.join(kinds())}, then its URL", param, ctx)
        found: dict[str, Any] = {}
        materials, settings = [], {}
        for pair in filter(None, pairs):
            key, equals, said = pair.partition("=")
            if not equals or not said:
                self.fail(f"{pair!r} is no KEY=VALUE", param, ctx)
            if key == "material":
                materials.append(said)
            elif key in DRIVER_SETTINGS:
                settings[key] = said
            else:
                found |= self._told(key, said, param, ctx)
        if materials:
            found["materials"] = MaterialsType().convert(" ".join(materials), param, ctx)
        return At(driver, UrlType().convert(url, param, ctx), settings=settings, **found)

    def _told(
        self, key: str, said: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> dict[str, Any]:
        if key == "name":
            return {"name": SerialType(()).convert(said, param, ctx)}
        if key == "bed":
            return {"bed_um": BedType().convert(said, param, ctx)}
        if key == "nozzle":
            return {"nozzle_um": NozzleType().convert(said, param, ctx)}
        if key == "camera":
            return {"camera": UrlType().convert(said, param, ctx)}
        known = ", ".join(("name", "bed", "nozzle", "camera", "material", *DRIVER_SETTINGS))
        return self.fail(f"{key!r} is no key; write any of {known}", param, ctx)


class MaybeAtType(click.ParamType[At | None]):
    """The same, or nothing."""

    name = "PRINTER"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> At | None:
        """None for nothing."""
        return AtType().convert(value, param, ctx) if value else None


class SerialType(click.ParamType[str]):
    """A printer's name in agent.toml, unlike those taken."""

    name = "NAME"

    def __init__(self, taken: Sequence[str]) -> None:
        self._taken = taken

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """As it goes into agent.toml."""
        try:
            found = readers.serial(value)
        except readers.Unreadable as error:
            self.fail(f"{value!r}: {error}", param, ctx)
        if found in self._taken:
            self.fail(f"{found!r} is another printer's name", param, ctx)
        return found


class NozzleType(click.ParamType[int]):
    """Millimetres like 0.4."""

    name = "NOZZLE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Micrometres."""
        if isinstance(value, int):
            return value
        try:
            found = round(float(value) * 1000)
        except (ValueError, OverflowError):
            found = 0
        if not 100 <= found <= 2000:
            self.fail(f"{value!r} is no nozzle; write millimetres like 0.4", param, ctx)
        return found


class SomeOfType(click.ParamType[tuple[int, ...]]):
    """Numbers of a list like 1,3, or all, or none."""

    name = "WHICH"

    def __init__(self, count: int) -> None:
        self._count = count

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        """Places in the list, from 0 on, each once."""
        if isinstance(value, tuple):
            return value
        said = str(value).strip().lower()
        if said in ("all", "none"):
            return tuple(range(self._count)) if said == "all" else ()
        parts = said.replace(",", " ").split()
        if not parts or not all(part.isdecimal() and 1 <= int(part) <= self._count for part in parts):
            self.fail(f"{value!r}: write numbers from 1 to {self._count}, all, or none", param, ctx)
        return tuple(dict.fromkeys(int(part) - 1 for part in parts))
