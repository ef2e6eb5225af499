"""The demo's own line to its Anvil: reading, sending what was signed, and the faucet of a local chain."""

from __future__ import annotations

import time
from typing import Any

import requests

RECEIPT_SECONDS = 20
DEMO_CHAIN_ID = 31337


class NodeError(Exception):
    """The node refused a call; the message is the node's."""


class Node:
    """JSON-RPC over HTTP."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._session = requests.Session()

    def rpc(self, method: str, *params: Any) -> Any:
        """The result of one call. Raises NodeError, or OSError where nobody answers."""
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        answer = self._session.post(self.url, json=body, timeout=10).json()
        if "error" in answer:
            raise NodeError(f"{method}: {answer['error'].get('message', answer['error'])}")
        return answer["result"]

    def number(self, method: str, *params: Any) -> int:
        """A call whose result is a quantity."""
        return int(self.rpc(method, *params), 16)

    def balance(self, address: str) -> int:
        """Wei of an address."""
        return self.number("eth_getBalance", address, "latest")

    def finalized(self) -> int:
        """Number of the newest final block."""
        return int(self.rpc("eth_getBlockByNumber", "finalized", False)["number"], 16)

    def give(self, address: str, wei: int) -> None:
        """The faucet: makes up an address's balance. Works on the local chain alone."""
        if self.number("eth_chainId") != DEMO_CHAIN_ID:
            raise NodeError(f"the faucet works on chain {DEMO_CHAIN_ID} alone")
        if self.balance(address) < wei:
            self.rpc("anvil_setBalance", address, hex(wei))

    def send(self, raw: bytes) -> dict[str, Any]:
        """Send a signed transaction; its receipt. Raises NodeError if refused, reverted or not mined."""
        return self.mined(self.push(raw))

    def push(self, raw: bytes) -> str:
        """Hand in a signed transaction; its digest. Raises NodeError if refused."""
        return str(self.rpc("eth_sendRawTransaction", "0x" + raw.hex()))

    def mined(self, digest: str) -> dict[str, Any]:
        """The receipt of a transaction, waited for. Raises NodeError if reverted or not mined."""
        deadline = time.monotonic() + RECEIPT_SECONDS
        while time.monotonic() < deadline:
            receipt: dict[str, Any] | None = self.rpc("eth_getTransactionReceipt", digest)
            if receipt:
                if int(receipt["status"], 16) != 1:
                    raise NodeError(f"transaction {digest} was reverted")
                return receipt
            time.sleep(0.1)
        raise NodeError(f"transaction {digest} was not mined within {RECEIPT_SECONDS} s")
