"""Printer drivers, by kind."""

from __future__ import annotations

from collections.abc import Callable

from provider_agent.drivers.base import Driver
from provider_agent.drivers.errors import UnknownDriver
from provider_agent.drivers.moonraker.driver import MoonrakerDriver
from provider_agent.drivers.octoprint.driver import OctoPrintDriver
from provider_agent.drivers.prusalink.driver import PrusaLinkDriver
from provider_agent.drivers.virtual.driver import VirtualDriver

_KINDS: dict[str, Callable[[str, str | None, float], Driver]] = {
    "moonraker": MoonrakerDriver,
    "octoprint": OctoPrintDriver,
    "prusalink": PrusaLinkDriver,
    "virtual": VirtualDriver,
}


def kinds() -> tuple[str, ...]:
    """The kinds that `driver_for` knows, sorted."""
    return tuple(sorted(_KINDS))


def driver_for(kind: str, url: str, *, secret: str | None = None, timeout_s: float = 5.0) -> Driver:
    """The driver for a printer of this kind at this address; connects on first use. Raises UnknownDriver."""
    try:
        make = _KINDS[kind]
    except KeyError:
        known = ", ".join(kinds())
        raise UnknownDriver(f"no driver {kind!r}; set driver to one of: {known}") from None
    return make(url, secret, timeout_s)
