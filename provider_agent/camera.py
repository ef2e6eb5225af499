"""Stills of a printer's camera, from the address where its software gives one picture at a time."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urljoin, urlsplit

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout

from protocol.canonical import keccak
from protocol.units import hex_of
from provider_agent.drivers.http import Access
from provider_agent.errors import CameraFailed

TIMEOUT = ClientTimeout(total=10)
MOST_BYTES = 5_000_000
CHUNK_BYTES = 1 << 16
MOST_STEPS = 4
PORTS = {"http": 80, "https": 443}
REDIRECTS = (301, 302, 303, 307, 308)
SUFFIXES = {b"\xff\xd8\xff": ".jpg", b"\x89PNG\r\n\x1a\n": ".png"}


def suffix_of(picture: bytes) -> str:
    """By what its bytes begin with. Raises CameraFailed for what is neither a JPEG nor a PNG."""
    for start, suffix in SUFFIXES.items():
        if picture.startswith(start):
            return suffix
    raise CameraFailed("neither a JPEG nor a PNG")


def picture_facts(picture: bytes) -> dict[str, Any]:
    """What a record says of a picture that is kept beside it."""
    return {
        "photo": hex_of(keccak(picture)),
        "sha256": hashlib.sha256(picture).hexdigest(),
        "bytes": len(picture),
    }


async def still_take(url: str, access: Access | None = None) -> tuple[bytes, str]:
    """One picture as the camera gives it, and the suffix of its kind. Raises CameraFailed.

    Redirections are followed within the camera's own host alone. `access` is shown to its own server only.
    """
    try:
        async with ClientSession(timeout=TIMEOUT) as session:
            picture = await _get(session, url, access)
    except (ClientError, TimeoutError, OSError, ValueError) as error:
        raise CameraFailed(f"no still from {url}: {error or type(error).__name__}") from error
    try:
        return picture, suffix_of(picture)
    except CameraFailed as error:
        raise CameraFailed(f"{url} gives {error}") from error


async def _get(session: ClientSession, url: str, access: Access | None) -> bytes:
    for _ in range(MOST_STEPS):
        shown = access if access is not None and _origin(access.url) == _origin(url) else Access(url)
        async with session.get(
            url, allow_redirects=False, headers=shown.headers, middlewares=shown.middlewares
        ) as response:
            if response.status not in REDIRECTS:
                return await _read(response, url)
            to = urljoin(url, response.headers.get("Location", ""))
        if urlsplit(to).scheme not in ("http", "https") or urlsplit(to).hostname != urlsplit(url).hostname:
            raise CameraFailed(f"{url} leads elsewhere, to {to}: write that address instead, if it is yours")
        url = to
    raise CameraFailed(f"{url} leads round and round")


def _origin(url: str) -> tuple[str, str | None, int]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or PORTS.get(parts.scheme, 0)


async def _read(response: ClientResponse, url: str) -> bytes:
    if response.status != 200:
        raise CameraFailed(f"{url} answered {response.status}")
    found = bytearray()
    async for chunk in response.content.iter_chunked(CHUNK_BYTES):
        found += chunk
        if len(found) > MOST_BYTES:
            raise CameraFailed(f"{url} gives more than {MOST_BYTES} bytes; is this one still?")
    return bytes(found)
