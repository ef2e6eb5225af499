"""Printer drivers, by kind."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from provider_agent.drivers.bambu.driver import BambuDriver
from provider_agent.drivers.bambu.pairing import pair as bambu_pair
from provider_agent.drivers.base import Driver
from provider_agent.drivers.errors import UnknownDriver
from provider_agent.drivers.http import Access
from provider_agent.drivers.moonraker.driver import MoonrakerDriver
from provider_agent.drivers.octoprint.driver import OctoPrintDriver
from provider_agent.drivers.octoprint.pairing import pair as octoprint_pair
from provider_agent.drivers.prusalink.access import access as prusalink_access
from provider_agent.drivers.prusalink.driver import PrusaLinkDriver
from provider_agent.drivers.virtual.driver import VirtualDriver


@dataclass(frozen=True)
class _Kind:
    """How a driver is made, the settings of agent.toml it cannot do without and what each of them is, and how
    one of them is got from the printer itself."""

    make: Callable[..., Driver]
    needs: Mapping[str, str] = field(default_factory=dict)
    pairs: tuple[str, Callable[[str], Awaitable[str]]] | None = None
    access: Callable[[str, str | None], Access] | None = None
    """What its server wants to see of whoever takes a still from it, where it wants anything."""


_KINDS: dict[str, _Kind] = {
    "bambu": _Kind(
        BambuDriver,
        {
            "secret": "the access code from the printer's screen, with LAN mode and developer mode on",
            "device": "the printer's serial number, like 01S00C123400001",
            "certificate": "what `infill-agent pair bambu URL` prints",
        },
        pairs=("certificate", bambu_pair),
    ),
    "moonraker": _Kind(MoonrakerDriver),
    "octoprint": _Kind(OctoPrintDriver, pairs=("secret", octoprint_pair)),
    "prusalink": _Kind(
        PrusaLinkDriver,
        {"secret": "PrusaLink's API key, or user:password, from its settings"},
        access=prusalink_access,
    ),
    "virtual": _Kind(VirtualDriver),
}


def kinds() -> tuple[str, ...]:
    """The kinds that `driver_for` knows, sorted."""
    return tuple(sorted(_KINDS))


def needs_of(kind: str) -> Mapping[str, str]:
    """The settings of agent.toml that a driver of this kind cannot do without, each with what it is.

    Raises UnknownDriver.
    """
    return _kind(kind).needs


def driver_for(
    kind: str,
    url: str,
    *,
    secret: str | None = None,
    timeout_s: float = 5.0,
    settings: Mapping[str, str] | None = None,
) -> Driver:
    """The driver for a printer of this kind at this address; connects on first use. Raises UnknownDriver."""
    return _kind(kind).make(url, secret, timeout_s, **(settings or {}))


def pairing_of(kind: str) -> tuple[str, Callable[[str], Awaitable[str]]] | None:
    """The setting that a printer of this kind gives by itself, and how; None where it gives none.

    Raises UnknownDriver.
    """
    return _kind(kind).pairs


def access_of(kind: str, url: str, secret: str | None) -> Access | None:
    """What the server of such a printer is shown with a request for a still; None for nothing.

    Raises UnknownDriver.
    """
    make = _kind(kind).access
    return None if make is None else make(url, secret)


def _kind(kind: str) -> _Kind:
    try:
        return _KINDS[kind]
    except KeyError:
        known = ", ".join(kinds())
        raise UnknownDriver(f"no driver {kind!r}; set driver to one of: {known}") from None
