"""The printer's HTTP. Like real ones it answers 2xx to a start that did not happen: read the body."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import WSMsgType, web

from provider_agent.drivers.virtual.host import FileRefused, VirtualPrinter
from provider_agent.drivers.virtual.machine import Fault

PUSH_EVERY_S = 0.1
CHUNK_BYTES = 65_536
COMMANDS = ("pause", "resume", "cancel", "clear", "recover", "emergency-stop")


class PrinterApi:
    """Routes of one printer, below a prefix."""

    def __init__(self, printer: VirtualPrinter) -> None:
        self._printer = printer

    def routes(self, prefix: str = "") -> list[web.RouteDef]:
        """All routes; the prefix begins with a slash or is empty."""
        commands = [web.post(f"{prefix}/{name}", self._command) for name in COMMANDS]
        return [
            web.get(f"{prefix}/identify", self._identify),
            web.get(f"{prefix}/definition", self._definition),
            web.get(f"{prefix}/snapshot", self._snapshot),
            web.get(f"{prefix}/history", self._history),
            web.get(f"{prefix}/events", self._events),
            web.post(f"{prefix}/files/{{name}}", self._upload),
            web.delete(f"{prefix}/files/{{name}}", self._delete),
            web.post(f"{prefix}/start", self._start),
            web.post(f"{prefix}/fault", self._fault),
            *commands,
        ]

    async def _identify(self, request: web.Request) -> web.Response:
        return web.json_response(self._printer.identify())

    async def _definition(self, request: web.Request) -> web.Response:
        made = self._printer.definition
        return web.json_response({"bed_um": list(made.bed_um), "nozzle_um": made.nozzle_um})

    async def _snapshot(self, request: web.Request) -> web.Response:
        return web.json_response(self._printer.snapshot())

    async def _history(self, request: web.Request) -> web.Response:
        return web.json_response({"prints": self._printer.history()})

    async def _upload(self, request: web.Request) -> web.Response:
        name, expected = request.match_info["name"], request.query.get("sha256")
        try:
            file = await self._printer.receive(name, request.content.iter_chunked(CHUNK_BYTES), expected)
        except FileRefused as refusal:
            return _problem(409, str(refusal))
        return web.json_response({"name": file.name, "bytes": file.bytes, "sha256": file.sha256}, status=201)

    async def _delete(self, request: web.Request) -> web.Response:
        try:
            deleted = self._printer.delete(request.match_info["name"])
        except FileRefused as refusal:
            return _problem(409, str(refusal))
        return web.json_response({"deleted": deleted})

    async def _start(self, request: web.Request) -> web.Response:
        body = await _body(request)
        name, attempt = body.get("name"), body.get("attempt")
        if not isinstance(name, str) or not isinstance(attempt, str) or not attempt:
            return _problem(422, "start needs name and attempt, both texts")
        answer = self._printer.start(name, attempt)
        facts = {"started": answer.started, "repeated": answer.repeated, "reason": answer.reason}
        return web.json_response(facts | {"attempt": attempt}, status=201)

    async def _command(self, request: web.Request) -> web.Response:
        reason = self._printer.command(request.path.rsplit("/", 1)[-1])
        return web.json_response({"accepted": reason is None, "reason": reason})

    async def _fault(self, request: web.Request) -> web.Response:
        wanted = (await _body(request)).get("fault")
        if wanted not in set(Fault):
            return _problem(422, f"no such fault; one of {', '.join(Fault)}")
        self._printer.machine.inject(Fault(wanted))
        self._printer.tick(0.0)
        return web.json_response({"accepted": True, "reason": None})

    async def _events(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        sent: dict[str, Any] | None = None
        while not socket.closed:
            if (now := self._printer.snapshot()) != sent:
                await socket.send_json(now)
                sent = now
            try:
                message = await socket.receive(timeout=PUSH_EVERY_S)
            except TimeoutError:
                continue
            if message.type in (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR):
                break
        return socket


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.read())
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _problem(status: int, detail: str) -> web.Response:
    return web.json_response({"detail": detail}, status=status)
