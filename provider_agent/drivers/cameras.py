"""Cameras that a printer's software names, believed only where they are on the printer's own host."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit, urlunsplit

LONGEST = 500
_LOCAL = ("localhost", "127.0.0.1", "::1")
"""What a server calls itself."""


def own_camera(told: object, server: str) -> str | None:
    """The address of one still that a printer's server names, in full; None for what is none or elsewhere.

    `server`: where that server is, which a relative address counts from, and whose host "localhost" means.
    """
    if not isinstance(told, str) or len(told) > LONGEST or not told.isascii() or not told.isprintable():
        return None
    told = told.strip()
    if not told or "\\" in told:
        return None
    own = urlsplit(server).hostname
    try:
        found = urlsplit(urljoin(f"{server}/", told))
        host, port = found.hostname, found.port
    except ValueError:
        return None
    if host in _LOCAL:
        host = own
    if found.scheme not in ("http", "https") or host is None or host != own or "@" in found.netloc:
        return None
    place = f"[{host}]" if ":" in host else host
    return urlunsplit(
        (found.scheme, place if port is None else f"{place}:{port}", found.path, found.query, "")
    )
