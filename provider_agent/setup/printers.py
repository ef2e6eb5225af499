"""Asking a printer itself, through its driver, what it is and how large it prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from protocol.capability import box_text
from provider_agent.drivers import driver_for
from provider_agent.drivers.base import Definition, Identity
from provider_agent.drivers.errors import PrinterError
from provider_agent.setup.announcements import plain

SECONDS: Final = 15.0
"""For one answer: a first one takes a small computer long."""


@dataclass(frozen=True)
class Seen:
    """What a printer says of itself."""

    identity: Identity
    definition: Definition

    @property
    def text(self) -> str:
        """For people, what it did not say left out."""
        who, told = self.identity, self.definition
        model = who.model if who.model.lower().startswith(who.make.lower()) else f"{who.make} {who.model}"
        said = [plain(model)]
        if plain(who.software).lower() != said[0].lower():
            said.append(plain(who.software))
        if who.firmware not in who.software:
            said.append(f"firmware {plain(who.firmware)}")
        if told.bed_um:
            said.append(f"bed {box_text(told.bed_um)}")
        if told.nozzle_um:
            said.append(f"nozzle {told.nozzle_um / 1000:g} mm")
        return ", ".join(said)


async def printer_look(driver: str, url: str, settings: Mapping[str, str]) -> Seen:
    """Raises PrinterUnreachable, PrinterForbids and other PrinterErrors."""
    rest = {key: value for key, value in settings.items() if key != "secret"}
    secret = settings.get("secret")
    async with driver_for(driver, url, secret=secret, timeout_s=SECONDS, settings=rest) as printer:
        who = await printer.identify()
        try:
            return Seen(who, await printer.definition())
        except PrinterError:
            return Seen(who, Definition())


def layers_of(nozzle_um: int) -> tuple[int, int]:
    """The layers that a nozzle lays well, smallest and largest in micrometres: a quarter to three of it."""
    return nozzle_um // 4, nozzle_um * 3 // 4
