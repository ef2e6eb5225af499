"""Asking a printer itself, through its driver, what it is and how large it prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from protocol.capability import box_text
from provider_agent.camera import still_take
from provider_agent.drivers import access_of, driver_for
from provider_agent.drivers.base import Definition, Driver, Identity
from provider_agent.drivers.errors import PrinterError
from provider_agent.drivers.http import Access
from provider_agent.errors import CameraFailed
from provider_agent.setup.announcements import plain

SECONDS: Final = 15.0
"""For one answer: a first one takes a small computer long."""


@dataclass(frozen=True)
class Seen:
    """What a printer says of itself."""

    identity: Identity
    definition: Definition
    camera: str | None = None
    """Where its camera has just given a still."""
    blind: str = ""
    """Why the camera that its software names is left out."""

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
        if self.camera:
            said.append(f"camera {self.camera}")
        return ", ".join(said)


async def printer_look(driver: str, url: str, settings: Mapping[str, str]) -> Seen:
    """Raises PrinterUnreachable, PrinterForbids and other PrinterErrors."""
    rest = {key: value for key, value in settings.items() if key != "secret"}
    secret = settings.get("secret")
    async with driver_for(driver, url, secret=secret, timeout_s=SECONDS, settings=rest) as printer:
        who = await printer.identify()
        try:
            told = await printer.definition()
        except PrinterError:
            told = Definition()
        camera, blind = await _camera(printer, access_of(driver, url, secret))
        return Seen(who, told, camera, blind)


async def _camera(printer: Driver, access: Access | None) -> tuple[str | None, str]:
    """The camera that its software names, if that gives a still now; else why not."""
    try:
        url = await printer.camera()
    except PrinterError as error:
        return None, str(error)
    try:
        if url is not None:
            await still_take(url, access)
    except CameraFailed as error:
        return None, str(error)
    return url, ""


def layers_of(nozzle_um: int) -> tuple[int, int]:
    """The layers that a nozzle lays well, smallest and largest in micrometres: a quarter to three of it."""
    return nozzle_um // 4, nozzle_um * 3 // 4
