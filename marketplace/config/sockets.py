"""Where a WebSocket may come from, decided once for every consumer."""

from urllib.parse import urlsplit

from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, WebSocketScope
from django.conf import settings


def origin_allowed(origin: str, host: str) -> bool:
    """Whether a page at `origin` may open a socket to `host`: ours, or the very host it asks."""
    return origin == settings.PUBLIC_URL or urlsplit(origin).netloc == host


class OriginGuard:
    """Refuses a WebSocket opened by a foreign page; without an Origin, drops its cookies.

    Browsers always send Origin, programs never need cookies: so no session can be ridden from elsewhere,
    and an agent with a Bearer token passes.
    """

    def __init__(self, inner: ASGI3Application) -> None:
        self.inner = inner

    async def __call__(
        self, scope: WebSocketScope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        origin = headers.get(b"origin")
        if origin is None:
            kept = [(name, value) for name, value in scope["headers"] if name != b"cookie"]
            return await self.inner({**scope, "headers": kept}, receive, send)
        if origin_allowed(origin, headers.get(b"host", "")):
            return await self.inner(scope, receive, send)
        await receive()
        return await send({"type": "websocket.close", "code": 4403, "reason": "origin not allowed"})
