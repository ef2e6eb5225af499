"""What PrusaLink wants to see of whoever asks it: an API key, or user and password by HTTP digest."""

from __future__ import annotations

from aiohttp import DigestAuthMiddleware

from provider_agent.drivers.http import Access


def access(url: str, secret: str | None) -> Access:
    """For the server at `url`; `secret` is its API key, or "user:password"."""
    user, colon, password = (secret or "").partition(":")
    if colon:
        return Access(url, {}, (DigestAuthMiddleware(user, password),))
    return Access(url, {"X-Api-Key": secret} if secret else {})
