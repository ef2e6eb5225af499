"""Stills of a printer's camera, from the address where its software gives one picture at a time."""

from __future__ import annotations

from aiohttp import ClientError, ClientSession, ClientTimeout

from provider_agent.errors import CameraFailed

TIMEOUT = ClientTimeout(total=10)
MOST_BYTES = 5_000_000
CHUNK_BYTES = 1 << 16
SUFFIXES = {b"\xff\xd8\xff": ".jpg", b"\x89PNG\r\n\x1a\n": ".png"}


async def still_take(url: str) -> tuple[bytes, str]:
    """One picture as the camera gives it, and the suffix of its kind. Raises CameraFailed."""
    found = bytearray()
    try:
        async with ClientSession(timeout=TIMEOUT) as session, session.get(url) as response:
            if response.status != 200:
                raise CameraFailed(f"{url} answered {response.status}")
            async for chunk in response.content.iter_chunked(CHUNK_BYTES):
                found += chunk
                if len(found) > MOST_BYTES:
                    raise CameraFailed(f"{url} gives more than {MOST_BYTES} bytes; is this one still?")
    except (ClientError, TimeoutError, OSError) as error:
        raise CameraFailed(f"no still from {url}: {error or type(error).__name__}") from error
    for start, suffix in SUFFIXES.items():
        if found.startswith(start):
            return bytes(found), suffix
    raise CameraFailed(f"{url} gives neither a JPEG nor a PNG")
