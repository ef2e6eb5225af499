"""Sockets as agents and browsers open them: through the whole ASGI application.

On asgiref's communicator: the one of channels.testing cannot be imported without a server we do not use.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import Any

from asgiref.testing import ApplicationCommunicator

HOST = "127.0.0.1:8000"
SECONDS = 10


class Socket(ApplicationCommunicator):
    """Speaks JSON, and waits for a message of a type whatever comes before it."""

    def __init__(self, path: str, **headers: str) -> None:
        from marketplace.config.asgi import application

        sent = {"host": HOST, **headers}
        scope = {
            "type": "websocket",
            "path": path,
            "query_string": b"",
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in sent.items()],
            "subprotocols": [],
        }
        super().__init__(application, scope)

    async def connect(self) -> bool:
        await self.send_input({"type": "websocket.connect"})
        return (await self.receive_output(SECONDS))["type"] == "websocket.accept"

    async def say(self, message: Any) -> None:
        text = message if isinstance(message, str) else json.dumps(message)
        await self.send_input({"type": "websocket.receive", "text": text})

    async def hear(self, type_: str) -> dict[str, Any]:
        for _ in range(50):
            message = json.loads((await self.receive_output(SECONDS))["text"])
            if message["type"] == type_:
                return message
        raise AssertionError(f"50 messages, none of type {type_}")

    async def closed(self) -> int:
        """The code the server closes with, whatever it says before."""
        async with asyncio.timeout(SECONDS):
            while (output := await self.receive_output(SECONDS))["type"] != "websocket.close":
                pass
        return output["code"]

    async def leave(self) -> None:
        await self.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wait(SECONDS)


@asynccontextmanager
async def socket(path: str, **headers: str):
    """A connected socket, closed at the end."""
    opened = Socket(path, **headers)
    assert await opened.connect(), f"{path} was refused"
    try:
        yield opened
    finally:
        await opened.leave()


async def refused(path: str, **headers: str) -> bool:
    """Whether the handshake is refused."""
    opened = Socket(path, **headers)
    accepted = await opened.connect()
    await opened.leave()
    return not accepted
