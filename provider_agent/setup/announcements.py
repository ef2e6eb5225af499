"""What printers announce of themselves, taken for no more than a hint of where to ask (pure).

Anybody in the network may announce anything: names are shown cleaned, and addresses are those of a network at
home.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

KINDS: Final = {
    "_octoprint._tcp.local.": "octoprint",
    "_moonraker._tcp.local.": "moonraker",
    "_prusalink._tcp.local.": "prusalink",
    "_http._tcp.local.": "",
}
"""Service type -> driver; web servers are printers only where their name says so."""
NAME_CHARS: Final = 40
_HOME: Final = tuple(
    ip_network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7")
)
_PATH: Final = re.compile(r"(/[A-Za-z0-9_-]{1,32}){1,4}")
_BARE_PORT: Final = 80


@dataclass(frozen=True)
class Announced:
    """A printer that somebody says is at `url`; `name` is fit to be shown.

    `settings` are those of its driver's that are told too.
    """

    driver: str
    name: str
    url: str
    settings: Mapping[str, str] = field(default_factory=dict)


def announced_of(
    kind: str, instance: str, addresses: Sequence[str], port: int | None, properties: Mapping[str, str]
) -> Announced | None:
    """An announcement of service type `kind`; None for one of no printer, or of no address at home."""
    driver = "prusalink" if instance.lower().startswith("prusalink") else KINDS.get(kind, "")
    address = next((found for text in addresses if (found := at_home(text))), None)
    if not driver or address is None or port is None or not 0 < port < 2**16:
        return None
    host = f"[{address}]" if address.version == 6 else str(address)
    place = host if port == _BARE_PORT else f"{host}:{port}"
    path = (properties.get("path") or properties.get("route_prefix") or "").rstrip("/")
    return Announced(
        driver, plain(instance) or driver, f"http://{place}{path if _PATH.fullmatch(path) else ''}"
    )


def at_home(text: str) -> IPv4Address | IPv6Address | None:
    """The address, if it can only be in the network at home. No machine announces the loopback to others."""
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return found if any(found in network for network in _HOME if network.version == found.version) else None


def plain(text: str, chars: int = NAME_CHARS) -> str:
    """What a stranger calls something, as one short line of printable characters."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(shown.split())[:chars].strip()


def serial_of(text: str, taken: Sequence[str]) -> str:
    """A name for agent.toml made of a stranger's, unlike those taken."""
    base = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:30].strip("-") or "printer"
    names = [base, *(f"{base}-{number}" for number in range(2, len(taken) + 2))]
    return next(name for name in names if name not in taken)
