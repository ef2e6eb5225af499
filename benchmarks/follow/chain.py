"""A chain with many of our logs, 100 a transaction."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
import solcx

from contracts.compiler import NPM_SOLC, ROOT, standard_input
from demo.binaries import foundry_path
from demo.place import free_port
from protocol.units import address_of

SOURCE = "benchmarks/follow/Emitter.sol"
PER_TRANSACTION = 100
TRANSACTIONS_AT_ONCE = 100
GAS = 2_000_000
BLOCKS_TO_FINAL = 64
MEMORY_BYTES = 12 * 1024**3
SELECTOR = "emitLogs(uint256,uint256)"


@dataclass(frozen=True)
class Filled:
    """Where the logs are: the node's address, the contract, its first block and the last one."""

    url: str
    emitter: str
    first: int
    last: int
    logs: int


class Node:
    """The few calls that fill a chain."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = httpx.Client(timeout=120)

    def ask(self, *questions: tuple[str, list[Any]]) -> list[Any]:
        """Their results, in one request. Raises RuntimeError for an error among them."""
        body = [
            {"jsonrpc": "2.0", "id": number, "method": method, "params": parameters}
            for number, (method, parameters) in enumerate(questions)
        ]
        answers = orjson.loads(self._client.post(self.url, content=orjson.dumps(body), headers=JSON).content)
        if wrong := [answer["error"] for answer in answers if "error" in answer]:
            raise RuntimeError(str(wrong[0]))
        return [answer["result"] for answer in sorted(answers, key=lambda answer: answer["id"])]


JSON = {"Content-Type": "application/json"}


@contextmanager
def filled(logs: int) -> Iterator[Filled]:
    """A chain of its own with that many logs. Raises ProgramMissing, TimeoutError."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    options = ["--port", str(port), "--no-mining", "--gas-limit", str(GAS * 200), "--slots-in-an-epoch", "1"]
    command = [str(foundry_path("anvil")), *options, "--silent", "--auto-impersonate"]
    # A chain this full grows: within a limit it fails by itself, and not the machine.
    child = subprocess.Popen(["prlimit", f"--as={MEMORY_BYTES}", *command])
    try:
        node = Node(url)
        _wait(node)
        yield _fill(node, logs)
    finally:
        child.terminate()
        child.wait()


def _wait(node: Node) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            node.ask(("eth_chainId", []))
        except httpx.TransportError:
            if time.monotonic() > deadline:
                raise TimeoutError(f"Anvil does not answer at {node.url}") from None
            time.sleep(0.05)
        else:
            return


def _fill(node: Node, logs: int) -> Filled:
    [accounts] = node.ask(("eth_accounts", []))
    creation, selector = _compiled()
    transaction = {"from": accounts[0], "data": creation, "gas": hex(GAS)}
    [digest, _] = node.ask(("eth_sendTransaction", [transaction]), ("evm_mine", []))
    [receipt] = node.ask(("eth_getTransactionReceipt", [digest]))
    emitter, first = address_of(receipt["contractAddress"]), int(receipt["blockNumber"], 16)
    call = {"from": accounts[0], "to": emitter, "data": _calldata(selector), "gas": hex(GAS)}
    left = logs // PER_TRANSACTION
    while left:
        now = min(left, TRANSACTIONS_AT_ONCE)
        node.ask(*[("eth_sendTransaction", [call])] * now)
        node.ask(("evm_mine", []))
        left -= now
    [last, _] = node.ask(("eth_blockNumber", []), ("anvil_mine", [hex(BLOCKS_TO_FINAL)]))
    return Filled(node.url, emitter, first, int(last, 16), logs // PER_TRANSACTION * PER_TRANSACTION)


def _calldata(selector: str) -> str:
    agreements, rest = divmod(PER_TRANSACTION, 3)
    return f"0x{selector}{agreements:064x}{rest:064x}"


def _compiled() -> tuple[str, str]:
    """The creation code and the selector of the call that emits."""
    sources = {SOURCE: {"content": (ROOT / SOURCE).read_text()}}
    outputs = {SOURCE: {"*": ["evm.bytecode.object", "evm.methodIdentifiers"]}}
    request = {
        "language": "Solidity",
        "sources": sources,
        "settings": {**standard_input()["settings"], "outputSelection": outputs},
    }
    output = solcx.compile_standard(request, solc_binary=NPM_SOLC, base_path=ROOT, allow_paths=str(ROOT))
    found = output["contracts"][SOURCE]["Emitter"]["evm"]
    return "0x" + found["bytecode"]["object"], found["methodIdentifiers"][SELECTOR]
