"""The line to a Bambu printer: reports that come by themselves, merged, and requests that are answered."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import Callable
from typing import Any

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from provider_agent.drivers.bambu.tls import Peer, foreign, pinned_context
from provider_agent.drivers.errors import PrinterForbids, PrinterMisspoke, PrinterSilent, PrinterUnreachable

USER = "bblp"
KEEPALIVE_S = 15
STALE_S = 120.0
"""Without a report for so long the line is taken for dead. A whole report is asked for once a line only: some
printers falter when it is asked for more often than every few minutes."""
Report = dict[str, Any]


class Line:
    """One MQTT connection at a time, made on first use, never by itself.

    Printers report only what has changed, so the reports of one connection are merged, beginning with a whole
    one. Every method is called from the event loop.
    """

    def __init__(self, peer: Peer, device: str) -> None:
        self.peer = peer
        self._device = device
        self._numbers = itertools.count(1)
        self._open: _Connection | None = None
        self._opening = asyncio.Lock()

    async def report(self) -> Report:
        """All the printer has reported on this connection. Raises PrinterUnreachable, PrinterMisspoke."""
        return dict((await self._connection()).report)

    async def seen_at(self) -> float:
        """When it reported last, epoch seconds. Raises as `report` does."""
        return (await self._connection()).seen_at

    @property
    def number(self) -> int:
        """Which connection this is: another one may have missed what happened in between."""
        return 0 if self._open is None else self._open.number

    async def change(self) -> None:
        """Until the next report. Raises PrinterUnreachable once the line is lost."""
        await (await self._connection()).next()

    async def ask(self, kind: str, command: str, **members: Any) -> Report:
        """The printer's answer to a request.

        Raises PrinterSilent where none comes, and as `report` does before anything was sent.
        """
        connection = await self._connection()
        number = str(next(self._numbers))
        request = {kind: {"sequence_id": number, "command": command, **members}}
        return await connection.ask(request, number, self.peer.timeout_s)

    async def close(self) -> None:
        """Let go of the connection."""
        if self._open is not None:
            connection, self._open = self._open, None
            await asyncio.to_thread(connection.end)

    async def _connection(self) -> _Connection:
        async with self._opening:
            if self._open is not None and not self._open.alive(STALE_S):
                await self.close()
            if self._open is None:
                self._open = await self._connect()
            return self._open

    async def _connect(self) -> _Connection:
        connection = _Connection(self._device, next(self._numbers))
        try:
            await connection.begin(self.peer)
            request = {"pushing": {"sequence_id": "0", "command": "pushall", "version": 1, "push_target": 1}}
            connection.send(request)
            await connection.until(lambda: "gcode_state" in connection.report, self.peer.timeout_s)
        except (OSError, ValueError) as error:
            await asyncio.to_thread(connection.end)
            raise foreign(error, str(self.peer)) from error
        except (PrinterUnreachable, PrinterMisspoke):
            await asyncio.to_thread(connection.end)
            raise
        return connection


class _Connection:
    """One connection. paho runs it in a thread of its own; what it brings is handed to the event loop."""

    def __init__(self, device: str, number: int) -> None:
        self.number = number
        self.report: Report = {}
        self.seen_at = time.time()
        self._heard_at = time.monotonic()
        self._device = device
        self._answers: dict[str, Report] = {}
        self._reports = 0
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Condition()
        self._refused: str | None = None
        self._up = self._lost = False
        self._client = Client(CallbackAPIVersion.VERSION2, reconnect_on_failure=False)
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message

    async def begin(self, peer: Peer) -> None:
        """Connect and listen. Raises OSError, PrinterForbids, PrinterSilent, PrinterUnreachable."""
        self._client.username_pw_set(USER, peer.code)
        self._client.tls_set_context(pinned_context(peer.certificate))
        self._client.tls_insecure_set(True)
        self._client.connect_timeout = peer.timeout_s
        await asyncio.to_thread(self._client.connect, peer.host, peer.port, KEEPALIVE_S)
        self._client.loop_start()
        await self.until(lambda: self._up, peer.timeout_s)
        self._client.subscribe(f"device/{self._device}/report")

    def end(self) -> None:
        """Hang up."""
        self._client.disconnect()
        self._client.loop_stop()

    def alive(self, stale_s: float) -> bool:
        """Whether it can still be believed, by a clock that is never set: a wrong one keeps no dead line."""
        told = not self._lost and self._client.is_connected()
        return told and time.monotonic() - self._heard_at < stale_s

    def send(self, request: Report, qos: int = 0) -> None:
        """Raises PrinterUnreachable where the line is gone."""
        topic = f"device/{self._device}/request"
        if self._client.publish(topic, json.dumps(request), qos).rc is not MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise PrinterUnreachable("the line to the printer was lost before anything was sent")

    async def ask(self, request: Report, number: str, timeout_s: float) -> Report:
        """The report that answers this number."""
        self.send(request, qos=1)
        try:
            await self.until(lambda: number in self._answers, timeout_s)
        except PrinterUnreachable as error:
            raise PrinterSilent(f"the printer did not answer: {error}") from error
        return self._answers.pop(number)

    async def next(self) -> None:
        """The next report."""
        before = self._reports
        while self._reports == before:
            await self.until(lambda: self._reports != before, None)

    async def until(self, check: Callable[[], bool], timeout_s: float | None) -> None:
        """Raises PrinterForbids, PrinterUnreachable, PrinterSilent when the time is up."""
        try:
            async with asyncio.timeout(timeout_s), self._news:
                await self._news.wait_for(lambda: check() or self._lost or self._refused is not None)
        except TimeoutError as error:
            raise PrinterSilent(f"the printer says nothing within {timeout_s} s") from error
        if self._refused is not None:
            raise PrinterForbids(f"the printer does not take the access code: {self._refused}")
        if self._lost and not check():
            raise PrinterUnreachable("the printer hung up")

    def _on_connect(
        self, _client: Client, _data: Any, _flags: ConnectFlags, reason: ReasonCode, _more: Properties | None
    ) -> None:
        if reason.is_failure:
            self._hand(self._tell, {"_refused": str(reason)})
        else:
            self._hand(self._tell, {"_up": True})

    def _on_disconnect(
        self,
        _client: Client,
        _data: Any,
        _flags: DisconnectFlags,
        _reason: ReasonCode,
        _more: Properties | None,
    ) -> None:
        self._hand(self._tell, {"_lost": True})

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        try:
            told = json.loads(message.payload)
        except ValueError:
            return
        if isinstance(told, dict):
            self._hand(self._take, told)

    def _hand(self, work: Callable[[Any], None], what: Any) -> None:
        """From paho's thread to the loop, which may be closed by now."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(lambda: self._loop.create_task(self._announce(work, what)))

    async def _announce(self, work: Callable[[Any], None], what: Any) -> None:
        async with self._news:
            work(what)
            self._news.notify_all()

    def _tell(self, changes: Report) -> None:
        vars(self).update(changes)

    def _take(self, told: Report) -> None:
        for body in told.values():
            if not isinstance(body, dict):
                continue
            if body.get("command") == "push_status":
                self.report = merged(self.report, body)
                self.seen_at, self._heard_at = time.time(), time.monotonic()
                self._reports += 1
            elif "result" in body or body.get("command") == "get_version":
                self._answers[str(body.get("sequence_id"))] = body


def merged(before: Report, changes: Report) -> Report:
    """A report with what has changed since: objects member by member, anything else whole."""
    result = dict(before)
    for key, value in changes.items():
        known = result.get(key)
        result[key] = merged(known, value) if isinstance(known, dict) and isinstance(value, dict) else value
    return result
