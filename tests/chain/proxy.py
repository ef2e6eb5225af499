"""A real HTTP server in front of a real node, which does to its answers what bad nodes and lines do."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import requests

from marketplace.chain import rpc

Call = dict[str, Any]
Fault = Callable[["Line", list[Call], list[Call]], list[Call]]
"""What becomes of the answers to some calls. May raise Broken, or rest first."""


class Broken(Exception):
    """The line breaks: `status` and `body` are sent instead, cut off where `cut`."""

    def __init__(self, status: int = 200, body: bytes = b"", *, cut: bool = False) -> None:
        self.status, self.body, self.cut = status, body, cut


@dataclass
class Line:
    """The way to a node; `fault` happens to the next `times` requests that it concerns."""

    node: str
    fault: Fault | None = None
    times: int = 0
    methods: list[str] = field(default_factory=list)
    url: str = ""

    def breaks(self, fault: Fault, times: int = 1) -> None:
        self.fault, self.times = fault, times

    def answer(self, body: bytes) -> bytes:
        calls = json.loads(body)
        many = calls if isinstance(calls, list) else [calls]
        self.methods += [call["method"] for call in many]
        answers = requests.post(self.node, json=many, timeout=30).json()
        if self.fault and self.times > 0:
            answers = self.fault(self, many, answers)
        return json.dumps(answers if isinstance(calls, list) else answers[0]).encode()

    def spent(self) -> None:
        """One of the times that the fault was to happen."""
        self.times -= 1


@contextmanager
def line_to(node: str) -> Iterator[Line]:
    """A server that passes everything on to the node, until told otherwise."""
    line = Line(node)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            try:
                self._send(200, line.answer(body))
            except Broken as broken:
                self._send(broken.status, broken.body, longer=100 if broken.cut else 0)
                self.close_connection = True

        def _send(self, status: int, body: bytes, longer: int = 0) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body) + longer))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    line.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield line
    finally:
        server.shutdown()
        server.server_close()


def of(method: str) -> Callable[[Fault], Fault]:
    """A fault of the requests with this method alone, and of logs where there are any."""

    def only(fault: Fault) -> Fault:
        def happens(line: Line, calls: list[Call], answers: list[Call]) -> list[Call]:
            if not any(call["method"] == method for call in calls) or answers[0].get("result") == []:
                return answers
            line.spent()
            return fault(line, calls, answers)

        return happens

    return only


def silent(line: Line, calls: list[Call], answers: list[Call]) -> list[Call]:
    """No answer for longer than anybody waits."""
    time.sleep(2 * rpc.TIMEOUT_SECONDS)
    return answers


def cut_off(line: Line, calls: list[Call], answers: list[Call]) -> list[Call]:
    """The connection ends in the middle of the answer."""
    raise Broken(body=json.dumps(answers).encode()[:-20], cut=True)


def garbled(line: Line, calls: list[Call], answers: list[Call]) -> list[Call]:
    """Half an answer that claims to be whole."""
    raise Broken(body=json.dumps(answers).encode()[:-20])


def busy(line: Line, calls: list[Call], answers: list[Call]) -> list[Call]:
    raise Broken(429, b"slow down")


def page_of_an_error(line: Line, calls: list[Call], answers: list[Call]) -> list[Call]:
    raise Broken(502, b"<html>bad gateway</html>")


def too_much(line: Line, calls: list[Call], answers: list[Call]) -> list[Call]:
    """The node does not want to give that many logs."""
    error = {"code": -32005, "message": "query returned more than 10000 results"}
    return [{"jsonrpc": "2.0", "id": call["id"], "error": error} for call in calls]


def _with_result(answers: list[Call], change: Callable[[Any], Any]) -> list[Call]:
    return [{**answer, "result": change(answer["result"])} for answer in answers]


def no_logs(line: Line, calls: list[Call], answers: list[Call]) -> list[Call]:
    """A node that has not indexed them yet."""
    return _with_result(answers, lambda logs: [])


def half_the_logs(line: Line, calls: list[Call], answers: list[Call]) -> list[Call]:
    return _with_result(answers, lambda logs: logs[::2])


def doubled_logs(line: Line, calls: list[Call], answers: list[Call]) -> list[Call]:
    return _with_result(answers, lambda logs: logs + logs[:1])


def foreign_log(line: Line, calls: list[Call], answers: list[Call]) -> list[Call]:
    """A log of another contract among ours."""
    return _with_result(answers, lambda logs: [{**log, "address": "0x" + "99" * 20} for log in logs])


def log_of_another_block(line: Line, calls: list[Call], answers: list[Call]) -> list[Call]:
    return _with_result(answers, lambda logs: [{**log, "blockHash": "0x" + "99" * 32} for log in logs])


def log_without_parts(line: Line, calls: list[Call], answers: list[Call]) -> list[Call]:
    return _with_result(answers, lambda logs: [{"address": log["address"]} for log in logs])


def nothing_finalized(line: Line, calls: list[Call], answers: list[Call]) -> list[Call]:
    """A node that does not know what is final."""
    return [{**answer, "result": None} for answer in answers]
