"""Getting to know a Bambu printer: the certificate that it shows, to be pinned."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from provider_agent.drivers.bambu.driver import MQTT_PORT
from provider_agent.drivers.bambu.tls import fingerprint


async def pair(url: str, *, seconds: float = 10.0) -> str:
    """The SHA-256 of the certificate at `url`, in hex. Whoever asks makes sure that nobody stands between.

    Raises PrinterUnreachable, PrinterMisspoke.
    """
    place = urlsplit(url)
    return await asyncio.to_thread(fingerprint, place.hostname or "", place.port or MQTT_PORT, seconds)
