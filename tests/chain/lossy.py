"""A line to a node that loses answers: the node gets the request, who asked never hears."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests


class LossyLine:
    """A real HTTP server in front of a node. `losing` names the methods whose answers get lost."""

    def __init__(self, node: str) -> None:
        self.node = node
        self.losing: set[str] = set()
        self.lost: list[str] = []
        self.url = ""

    def answer(self, body: bytes) -> bytes | None:
        answer = requests.post(
            self.node, data=body, headers={"Content-Type": "application/json"}, timeout=30
        ).content
        method = json.loads(body)["method"]
        if method not in self.losing:
            return answer
        self.lost.append(method)
        return None


@contextmanager
def lossy_line(node: str) -> Iterator[LossyLine]:
    line = LossyLine(node)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer = line.answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.close_connection = True
            if answer is None:
                return
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Tests read no access log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    line.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield line
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
