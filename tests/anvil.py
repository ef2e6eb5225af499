"""A real Anvil, and the few calls tests make to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from eth_account.signers.local import LocalAccount
from web3 import HTTPProvider, Web3

from demo.binaries import foundry_path
from tests.processes import accepts, eventually, free_port, process

CHAIN_ID = 31337
ETHER = 10**18


class Anvil:
    """Mines a block for each transaction; `finalized` is two blocks behind the head, or two of its epochs."""

    def __init__(self, url: str, epoch: int = 1) -> None:
        self.url, self.epoch = url, epoch
        self.chain_id = CHAIN_ID
        self.web3 = Web3(HTTPProvider(url))

    def rpc(self, method: str, *params: Any) -> Any:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
        answer = requests.post(self.url, json=body, timeout=30).json()
        assert "error" not in answer, answer["error"]
        return answer["result"]

    def mine(self, blocks: int = 1) -> None:
        self.rpc("anvil_mine", hex(blocks))

    def finalise(self) -> None:
        """Mine until everything sent so far is final."""
        self.mine(2 * self.epoch + 1)

    def advance(self, seconds: int) -> None:
        self.rpc("evm_increaseTime", seconds)
        self.mine()

    def now(self) -> int:
        return self.web3.eth.get_block("latest")["timestamp"]

    def fund(self, *accounts: LocalAccount, ether: int = 100) -> None:
        for account in accounts:
            self.rpc("anvil_setBalance", account.address, hex(ether * ETHER))

    def send(self, account: LocalAccount, transaction: dict[str, Any]) -> Any:
        """Sign and send `{to, data, value}`; the receipt, whatever its status."""
        eth = self.web3.eth
        full = {
            "from": account.address,
            "to": transaction["to"],
            "data": transaction.get("data", "0x"),
            "value": int(transaction.get("value", 0)),
            "nonce": eth.get_transaction_count(account.address),
            "chainId": self.chain_id,
            "gas": 1_000_000,
            "maxFeePerGas": 10**10,
            "maxPriorityFeePerGas": 10**9,
        }
        signed = account.sign_transaction(full)
        return eth.wait_for_transaction_receipt(eth.send_raw_transaction(signed.raw_transaction))


@contextmanager
def running_anvil(folder: Path, *options: str, port: int | None = None, epoch: int = 1) -> Iterator[Anvil]:
    port = port or free_port()
    command = [
        str(foundry_path("anvil")),
        "--port",
        str(port),
        "--slots-in-an-epoch",
        str(epoch),
        "--silent",
        *options,
    ]
    with process(command, folder / "anvil.txt"):
        eventually(lambda: accepts(port))
        yield Anvil(f"http://127.0.0.1:{port}", epoch)
