"""Hearing Bambu printers, which tell their network of themselves every few seconds in a form of their own."""

from __future__ import annotations

import asyncio
import re
import socket
from typing import Any, Final

from provider_agent.setup.announcements import Announced, at_home, plain

PORT: Final = 2021
DEVICE: Final = re.compile(r"[0-9A-Za-z]{8,24}")
MODELS: Final = {
    "bl-p001": "X1C",
    "bl-p002": "X1",
    "c13": "X1E",
    "c11": "P1P",
    "c12": "P1S",
    "n1": "A1 mini",
    "n2s": "A1",
}
_KIND: Final = "urn:bambulab-com:device:3dprinter:1"
_BYTES: Final = 4096


def bambu_announced_of(data: bytes) -> Announced | None:
    """A datagram of such a printer; None for any other, and for one of no address at home."""
    head, *lines = data[:_BYTES].decode(errors="replace").splitlines() or [""]
    told = {key.strip().lower(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    address, device = at_home(told.get("location", "")), told.get("usn", "")
    printer = head.startswith("NOTIFY ") and told.get("nt") == _KIND and DEVICE.fullmatch(device)
    if not printer or address is None or address.version != 4:
        return None
    model = MODELS.get(told.get("devmodel.bambu.com", "").lower(), "")
    name = plain(f"{told.get('devname.bambu.com', '')} {model}") or device
    return Announced("bambu", name, f"https://{address}", {"device": device})


async def bambu_announced(seconds: float, port: int = PORT) -> list[Announced]:
    """Those heard within so many seconds; none where another program has the port to itself."""
    heard: dict[str, Announced] = {}

    class Ear(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: Any) -> None:
            found = bambu_announced_of(data)
            if found is not None:
                heard.setdefault(found.url, found)

    try:
        listening = _socket(port)
    except OSError:
        return []
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Ear, sock=listening)
    try:
        await asyncio.sleep(seconds)
    finally:
        transport.close()
    return list(heard.values())


def _socket(port: int) -> socket.socket:
    """Shared with a slicer that listens on this machine too."""
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        made.setblocking(False)
        for option in (socket.SO_REUSEADDR, getattr(socket, "SO_REUSEPORT", socket.SO_REUSEADDR)):
            made.setsockopt(socket.SOL_SOCKET, option, 1)
        made.bind(("", port))
    except OSError:
        made.close()
        raise
    return made
