"""A long PATCH to an upload reaches the site as several short ones, so what came before it broke is kept.

Django calls a view once the whole body is there, and never if the connection breaks first. Between server and
Django this cuts the body into pieces, each a request of its own for the next offset: the last one of a body
that breaks off is what had come of it. A piece stays in memory: FILE_UPLOAD_MAX_MEMORY_SIZE is more.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from marketplace.config.bodies import Application, Receive, Send

PREFIX: Final = "/api/v1/uploads/"
PIECE_BYTES: Final = 512 * 1024
ANSWERED_WELL: Final = 204


class Pieces:
    """Passes everything else on as it is."""

    def __init__(self, inner: Application) -> None:
        self.inner = inner

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["method"] != "PATCH" or not scope["path"].startswith(PREFIX):
            return await self.inner(scope, receive, send)
        offset, more = _offset_of(scope), True
        while True:
            piece, more = await _piece(receive)
            answer = await self._answer(_scope_of(scope, offset, len(piece)), piece)
            if not more or answer[0]["status"] != ANSWERED_WELL:
                break
            offset = None if offset is None else offset + len(piece)
        for message in answer:
            await send(message)
        return None

    async def _answer(self, scope: dict[str, Any], piece: bytes) -> list[Mapping[str, Any]]:
        """What the site says to one piece."""
        waiting: list[Mapping[str, Any]] = [{"type": "http.request", "body": piece, "more_body": False}]
        said: list[Mapping[str, Any]] = []

        async def receive() -> Mapping[str, Any]:
            if not waiting:
                # The site waits for a disconnect until it has answered.
                await asyncio.Event().wait()
            return waiting.pop()

        async def send(message: Mapping[str, Any]) -> None:
            said.append(message)

        await self.inner(scope, receive, send)
        return said


async def _piece(receive: Receive) -> tuple[bytes, bool]:
    """The next bytes of a body, and whether there may be more; a broken connection ends it."""
    piece, more = bytearray(), True
    while more and len(piece) < PIECE_BYTES:
        message = await receive()
        piece += message.get("body", b"")
        more = message.get("more_body", False)
    return bytes(piece), more


def _offset_of(scope: dict[str, Any]) -> int | None:
    """Where the body starts; None for what the site will refuse."""
    text = dict(scope["headers"]).get(b"upload-offset", b"")
    return int(text) if text.isdigit() and len(text) < 20 else None


def _scope_of(scope: dict[str, Any], offset: int | None, length: int) -> dict[str, Any]:
    replaced = {b"content-length", b"transfer-encoding", *([] if offset is None else [b"upload-offset"])}
    headers = [(name, value) for name, value in scope["headers"] if name not in replaced]
    headers.append((b"content-length", str(length).encode()))
    if offset is not None:
        headers.append((b"upload-offset", str(offset).encode()))
    return {**scope, "headers": headers}
