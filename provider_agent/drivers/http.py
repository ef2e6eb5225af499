"""JSON over HTTP as printer servers speak it, with every foreign error turned into one of ours here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientMiddlewareType,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    WSMsgType,
)

from provider_agent.drivers.errors import (
    PrinterForbids,
    PrinterMisspoke,
    PrinterSilent,
    PrinterUnreachable,
)

HEARTBEAT_S = 10.0
FORBIDDEN = (401, 403)
CHUNK_BYTES = 1 << 16
Answer = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """An HTTP status below 500 and the JSON object that came with it; empty where there was none."""

    status: int
    body: Answer

    @property
    def ok(self) -> bool:
        """Whether the server took the request, which says nothing of what the printer does."""
        return 200 <= self.status < 300


@dataclass(frozen=True)
class Access:
    """What one server, the one at `url`, is shown by whoever asks it; no other is to see it."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    middlewares: tuple[ClientMiddlewareType, ...] = ()


class JsonHttp:
    """One printer server at `url`; connects on first use. Time in seconds for one request from start to
    end."""

    def __init__(
        self,
        url: str,
        timeout_s: float,
        headers: dict[str, str] | None = None,
        middlewares: tuple[ClientMiddlewareType, ...] = (),
    ) -> None:
        self.url = url.rstrip("/")
        self._middlewares = middlewares
        self._timeout = ClientTimeout(total=timeout_s, sock_connect=timeout_s / 2)
        self._headers = headers
        self._open: ClientSession | None = None

    async def call(self, method: str, path: str, **options: Any) -> Answer:
        """The JSON object answered, whatever the HTTP status below 500.

        Raises PrinterUnreachable (nothing was delivered), PrinterSilent (perhaps it was), PrinterMisspoke.
        """
        where = f"{self.url}/{path}"
        return _object(where, *await self._text(method, where, **options))

    async def ask(self, method: str, path: str, **options: Any) -> Reply:
        """Status and JSON object, for servers whose answers may be empty. A refusal need not be JSON.

        Raises as `call` does, and PrinterForbids where the server does not take our key.
        """
        where = f"{self.url}/{path}"
        status, text = await self._text(method, where, **options)
        if status in FORBIDDEN:
            raise PrinterForbids(
                f"{where} answered {status}: the printer's secret is missing, wrong or withdrawn"
            )
        if 200 <= status < 300 and text.strip():
            return Reply(status, _object(where, status, text))
        return Reply(status, _object_or_reason(where, status, text))

    async def digest(self, path: str, algorithm: str, timeout_s: float) -> str:
        """The hex digest of what a GET gives. Raises as `call` does."""
        found, where = hashlib.new(algorithm), f"{self.url}/{path}"
        try:
            async with self._session().get(where, timeout=ClientTimeout(timeout_s)) as response:
                if response.status != 200:
                    raise PrinterMisspoke(f"{where} answered {response.status}")
                async for chunk in response.content.iter_chunked(CHUNK_BYTES):
                    found.update(chunk)
        except (ClientError, TimeoutError, OSError) as error:
            raise PrinterUnreachable(f"no answer from {where}: {error or type(error).__name__}") from error
        return found.hexdigest()

    async def _text(self, method: str, where: str, **options: Any) -> tuple[int, str]:
        try:
            async with self._session().request(method, where, **options) as response:
                return response.status, await response.text()
        except (ClientConnectorError, ConnectionTimeoutError) as error:
            raise PrinterUnreachable(f"nothing answers at {self.url}: {error}") from error
        except (ClientError, TimeoutError, OSError) as error:
            raise PrinterSilent(f"no answer from {where}: {error or type(error).__name__}") from error

    async def messages(self, path: str) -> AsyncIterator[Answer]:
        """JSON objects off a WebSocket. Raises PrinterUnreachable once the line is lost, PrinterMisspoke."""
        where = f"{self.url}/{path}"
        try:
            async with self._session().ws_connect(where, heartbeat=HEARTBEAT_S) as socket:
                async for message in socket:
                    if message.type is WSMsgType.TEXT:
                        yield _object(where, 200, message.data)
        except (ClientError, TimeoutError, OSError) as error:
            raise PrinterUnreachable(f"no line to {where}: {error}") from error
        raise PrinterUnreachable(f"the printer closed the line at {where}")

    async def close(self) -> None:
        """Let go of connections."""
        if self._open is not None:
            await self._open.close()
            self._open = None

    def _session(self) -> ClientSession:
        if self._open is None:
            self._open = ClientSession(
                timeout=self._timeout, headers=self._headers, middlewares=self._middlewares
            )
        return self._open


def _object(where: str, status: int, text: str) -> Answer:
    try:
        answer = json.loads(text)
    except ValueError:
        answer = None
    if status >= 500 or not isinstance(answer, dict):
        raise PrinterMisspoke(f"{where} answered {status} {text[:80]!r}; is this the right kind of printer?")
    return answer


def _object_or_reason(where: str, status: int, text: str) -> Answer:
    try:
        answer = json.loads(text)
    except ValueError:
        answer = None
    if status >= 500:
        raise PrinterMisspoke(f"{where} answered {status} {text[:80]!r}")
    return answer if isinstance(answer, dict) else {}
