"""The marketplace's side of the boundary, as small as an agent can live with; the real one is in the stack tests.

Its answers can be turned into refusals, and it keeps what it was sent.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pyrage
from aiohttp import web
from pyrage.x25519 import Recipient

from protocol.canonical import keccak
from protocol.units import ZERO_ADDRESS


@dataclass
class Market:
    """State of the pretend marketplace. `refusals`: path suffix -> (status, problem document)."""

    chain_id: int
    escrow: str
    url: str = ""
    domain: str = ""
    arbiters: list[str] = field(default_factory=list)
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    printers: list[dict[str, Any]] = field(default_factory=list)
    bids: list[dict[str, Any]] = field(default_factory=list)
    declines: list[dict[str, Any]] = field(default_factory=list)
    agreed: dict[str, str] = field(default_factory=dict)
    waived: set[str] = field(default_factory=set)
    grants: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    sealed: dict[tuple[str, str, bytes], bytes] = field(default_factory=dict)
    statements: list[dict[str, Any]] = field(default_factory=list)
    evidence: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    telemetry: list[dict[str, Any]] = field(default_factory=list)
    reports: int = 0
    refusals: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    bid_status: str = "OPEN"
    operator: str | None = None
    receipt: Callable[[dict[str, Any]], Any] = lambda bid: None
    books: list[dict[str, Any]] = field(default_factory=list)
    file_pause: float = 0.0
    cut_after: int | None = None
    ranges: list[int] = field(default_factory=list)
    sign_ins: int = 0
    requests: list[str] = field(default_factory=list)

    def application(self) -> web.Application:
        app = web.Application(middlewares=[self._gate])
        api = "/api/v1"
        app.add_routes(
            [
                web.get(f"{api}/network", self._network),
                web.post(f"{api}/auth/challenge", self._challenge),
                web.post(f"{api}/auth/tokens", self._token),
                web.post(f"{api}/printers", self._printer),
                web.get(f"{api}/jobs", self._jobs),
                web.get(f"{api}/jobs/{{id}}/spec", self._spec),
                web.post(f"{api}/jobs/{{id}}/bids", self._bid),
                web.get(f"{api}/jobs/{{id}}/bids", self._own_bids),
                web.post(f"{api}/jobs/{{id}}/declines", self._decline),
                web.get(f"{api}/jobs/{{id}}/books", self._books),
                web.get(f"{api}/jobs/{{id}}/books/{{number}}", self._book),
                web.get(f"{api}/agreements", self._agreements),
                web.get(f"{api}/agreements/{{id}}", self._agreement),
                web.get(f"{api}/agreements/{{id}}/evidence", self._evidence_told),
                web.get(f"{api}/printers/{{digest}}", self._printer_told),
                web.post(f"{api}/agreements/{{id}}/designs", self._designs),
                web.post(f"{api}/agreements/{{id}}/evidence", self._evidence),
                web.get("/files/{name}", self._file),
                web.get("/ws/agent", self._socket),
            ]
        )
        return app

    @web.middleware
    async def _gate(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.requests.append(f"{request.method} {request.path}")
        for suffix, (status, problem) in self.refusals.items():
            if request.path.endswith(suffix):
                return web.json_response(problem, status=status, content_type="application/problem+json")
        return await handler(request)

    async def _network(self, request: web.Request) -> web.Response:
        return web.json_response(
            {
                "chain_id": self.chain_id,
                "escrow": self.escrow,
                "fee_bps": 0,
                "fee_to": ZERO_ADDRESS,
                "arbiters": self.arbiters,
                "operator": self.operator,
            }
        )

    async def _challenge(self, request: web.Request) -> web.Response:
        address = (await request.json())["address"]
        now = datetime.now(UTC)
        domain = self.domain or self.url.removeprefix("http://")
        message = (
            f"{domain} wants you to sign in with your Ethereum account:\n{address}\n\nSign in to Infill.\n\n"
            f"URI: {self.url}\nVersion: 1\nChain ID: {self.chain_id}\nNonce: 0123456789abcdef\n"
            f"Issued At: {now:%Y-%m-%dT%H:%M:%SZ}\nExpiration Time: {now + timedelta(minutes=5):%Y-%m-%dT%H:%M:%SZ}"
        )
        return web.json_response({"message": message, "expires_at": None})

    async def _token(self, request: web.Request) -> web.Response:
        self.sign_ins += 1
        expires = datetime.now(UTC) + timedelta(days=30)
        return web.json_response(
            {"id": 1, "token": f"t{self.sign_ins}", "expires_at": expires.isoformat()}, status=201
        )

    async def _printer(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.printers.append(body)
        return web.json_response({"digest": "0x" + "00" * 32}, status=201)

    async def _jobs(self, request: web.Request) -> web.Response:
        return web.json_response([{"id": job} for job in self.jobs])

    async def _spec(self, request: web.Request) -> web.Response:
        return web.json_response(self.jobs[request.match_info["id"]])

    async def _bid(self, request: web.Request) -> web.Response:
        self.bids.append(await request.json())
        receipt = self.receipt(self.bids[-1]["bid"])
        return web.json_response({"id": "", "status": "OPEN", "rank": 1, "receipt": receipt}, status=201)

    async def _own_bids(self, request: web.Request) -> web.Response:
        return web.json_response([{**bid, "status": self.bid_status} for bid in self.bids if "id" in bid])

    async def _agreements(self, request: web.Request) -> web.Response:
        return web.json_response([{"id": id, "job": job} for id, job in self.agreed.items()])

    async def _evidence_told(self, request: web.Request) -> web.Response:
        kept = self.evidence.get(request.match_info["id"], [])
        return web.json_response({"provider": kept, "designer": []})

    async def _printer_told(self, request: web.Request) -> web.Response:
        return web.json_response({"serial": self.printers[-1]["profile"]["serial"]})

    async def _books(self, request: web.Request) -> web.Response:
        return web.json_response(self.books)

    async def _book(self, request: web.Request) -> web.Response:
        number = int(request.match_info["number"])
        return web.json_response(next(one for one in self.books if one["book"]["number"] == number))

    async def _decline(self, request: web.Request) -> web.Response:
        self.declines.append(await request.json())
        return web.json_response({}, status=201)

    async def _agreement(self, request: web.Request) -> web.Response:
        agreement = request.match_info["id"]
        job = self.agreed.get(agreement)
        return web.json_response({"id": agreement, "job": job, "grace_waived": agreement in self.waived})

    async def _designs(self, request: web.Request) -> web.Response:
        found = self.grants.get(request.match_info["id"])
        if found is None:
            problem = {"code": "design-not-granted", "detail": "not final"}
            return web.json_response(problem, status=403)
        self.statements.append(await request.json())
        return web.json_response(
            [self._delivered(entry, self.statements[-1]["recipient"]) for entry in found]
        )

    def _delivered(self, entry: dict[str, Any], recipient: str) -> dict[str, Any]:
        """An entry with what its file is once encrypted to a recipient; what the entry says itself stays."""
        sealed = self._seal(entry["url"].rsplit("/", 1)[1], recipient)
        digest = "0x" + keccak(sealed).hex()
        return {"recipient": recipient, "sealed": digest, "sealed_bytes": len(sealed), **entry}

    def _seal(self, name: str, recipient: str) -> bytes:
        key = (name, recipient, self.files[name])
        if key not in self.sealed:
            self.sealed[key] = pyrage.encrypt(self.files[name], [Recipient.from_str(recipient)])
        return self.sealed[key]

    async def _evidence(self, request: web.Request) -> web.Response:
        body = await request.json()
        kept = self.evidence.setdefault(request.match_info["id"], [])
        seq = int(body["record"]["seq"])
        if seq < len(kept):
            if kept[seq]["record"] != body["record"]:
                return web.json_response(
                    {"code": "evidence-conflict", "detail": "another record"}, status=409
                )
            return web.json_response({"seq": seq}, status=200)
        if seq > len(kept):
            problem = {"code": "evidence-out-of-order", "detail": "gap", "expected_seq": len(kept)}
            return web.json_response(problem, status=409)
        kept.append(body)
        return web.json_response({"seq": seq}, status=201)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        """A file, encrypted to who last asked for it, from where the range begins; in eight pieces, with a pause
        after each."""
        data = self._seal(request.match_info["name"], self.statements[-1]["recipient"])
        first = int(request.headers.get("Range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))
        self.ranges.append(first)
        data = data[first:]
        piece = max(1, len(data) // 8)
        response = web.StreamResponse(status=206 if first else 200)
        response.content_length = len(data)
        await response.prepare(request)
        for number, start in enumerate(range(0, len(data), piece)):
            if number == self.cut_after and request.transport:
                await asyncio.sleep(0.2)  # what was written has arrived
                request.transport.abort()
                break
            await response.write(data[start : start + piece])
            await asyncio.sleep(self.file_pause)
        return response

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "time": 0})
        async for frame in socket:
            message = json.loads(frame.data)
            if message["type"] == "telemetry":
                self.reports += 1
                self.telemetry.extend(message["samples"])
        return socket


@contextmanager
def running(market: Market) -> Iterator[Market]:
    """Serve from a thread of its own, so that tests may wait for the agent without stopping it."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def begin() -> web.AppRunner:
        runner = web.AppRunner(market.application(), shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        market.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return runner

    runner = asyncio.run_coroutine_threadsafe(begin(), loop).result(10)
    try:
        yield market
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
