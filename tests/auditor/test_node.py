"""Reading a real node, and one that refuses, moves or answers nonsense."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
import requests

from auditor.errors import CannotTell
from auditor.sources.node import Node
from tests.auditor.conftest import quiet, told_of

Change = Any


@contextmanager
def between(url: str, change: Change) -> Iterator[str]:
    """A node in front of the real one; `change(request, answer)` gives the answer that is sent on."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answer = requests.post(url, json=request, timeout=30).json()
            body = json.dumps(change(request, answer)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def facts(scene, url: str):
    return Node(url, scene.escrow).facts(scene.agreement, 0, quiet)


def test_a_node_that_answers_nonsense_cannot_be_used(scene):
    scene.award()
    for result in ("hello", None, [], {}, "0x"):
        with (
            between(scene.anvil.url, lambda _, answer, result=result: {**answer, "result": result}) as url,
            pytest.raises(CannotTell) as refused,
        ):
            facts(scene, url)
        assert refused.value.code in ("node-unreachable", "no-contract")


def test_a_chain_that_moves_while_it_is_read_cannot_be_told(scene):
    scene.award()
    asked: list[str] = []

    def moving(request, answer):
        if request["method"] == "eth_getBlockByNumber":
            asked.append(request["params"][0])
            if asked.count(asked[-1]) > 1 or "latest" not in asked[-1]:
                answer["result"]["hash"] = "0x" + "99" * 32
        return answer

    with between(scene.anvil.url, moving) as url, pytest.raises(CannotTell) as refused:
        facts(scene, url)
    assert refused.value.code == "chain-moved"


def test_a_node_that_refuses_wide_ranges_is_asked_for_narrow_ones(scene):
    scene.story()
    right = told_of(scene).node
    widest = 3

    def refusing(request, answer):
        if request["method"] == "eth_getLogs":
            query = request["params"][0]
            if int(query["toBlock"], 16) - int(query["fromBlock"], 16) >= widest:
                return {
                    "jsonrpc": "2.0",
                    "id": request["id"],
                    "error": {"code": -32005, "message": "range too wide"},
                }
        return answer

    with between(scene.anvil.url, refusing) as url:
        assert facts(scene, url) == right


def test_a_node_that_refuses_every_range_cannot_be_used(scene):
    scene.award()

    def refusing(request, answer):
        refusal = {"jsonrpc": "2.0", "id": request["id"], "error": {"code": -32005, "message": "no"}}
        return refusal if request["method"] == "eth_getLogs" else answer

    with between(scene.anvil.url, refusing) as url, pytest.raises(CannotTell) as refused:
        facts(scene, url)
    assert refused.value.code == "node-unreachable"


def test_a_node_without_finality_is_read_all_the_same(scene):
    scene.award()

    def unsure(request, answer):
        refusal = {
            "jsonrpc": "2.0",
            "id": request["id"],
            "error": {"code": -32602, "message": "unknown block tag"},
        }
        return refusal if request["params"][:1] == ["finalized"] else answer

    with between(scene.anvil.url, unsure) as url:
        assert facts(scene, url).finalized is None


def test_progress_reaches_the_end(scene):
    scene.award()
    told: list[tuple[int, int]] = []
    Node(scene.anvil.url, scene.escrow).facts(
        scene.agreement, 0, lambda done, total: told.append((done, total))
    )
    assert told[-1][0] == told[-1][1] == scene.anvil.web3.eth.block_number + 1


def test_a_contract_is_asked_whether_it_signed(scene):
    """Code that answers ERC-1271's magic word to anything, code that reverts, and no code."""
    node, head = Node(scene.anvil.url, scene.escrow), scene.anvil.web3.eth.block_number
    assert node.contract_accepts(scene.bo.address, b"\x01" * 32, b"any", head) is False
    scene.anvil.rpc("anvil_setCode", scene.bo.address, "0x7f1626ba7e" + "00" * 28 + "60005260206000f3")
    assert node.contract_accepts(scene.bo.address, b"\x01" * 32, b"any", "latest") is True
    scene.anvil.rpc("anvil_setCode", scene.bo.address, "0x60006000fd")
    assert node.contract_accepts(scene.bo.address, b"\x01" * 32, b"any", "latest") is False
