"""A chain that does the same in every run: fresh, with a clock of its own, and every sender unlocked."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from eth_typing import HexStr
from hexbytes import HexBytes
from web3 import HTTPProvider, Web3
from web3.contract.contract import Contract
from web3.types import RPCEndpoint, TxParams, Wei

from benchmarks.gas.sources import Compiled
from demo.binaries import foundry_path
from demo.place import free_port
from protocol.units import Address, address_of

START = 2_000_000_000
START_SECONDS = 20
GAS_LIMIT = 2_000_000


class Reverted(Exception):
    """A measured transaction failed: its gas would mean nothing."""


class Chain:
    """Sends transactions and says what they cost. Each mines a block, a second after the one before."""

    def __init__(self, url: str) -> None:
        self.web3 = Web3(HTTPProvider(url))
        self._now = START + 3600

    def rpc(self, method: str, *params: Any) -> Any:
        """The result of a call to the node."""
        answer = self.web3.provider.make_request(RPCEndpoint(method), list(params))
        if "error" in answer:
            raise Reverted(f"{method}: {answer['error']}")
        return answer["result"]

    def send(
        self, sender: Address, to: Address | None, data: HexStr, value: int = 0
    ) -> tuple[int, Address | None]:
        """Gas used, and the contract created if one was. Raises Reverted."""
        self._now += 1
        self.rpc("evm_setNextBlockTimestamp", self._now)
        transaction: TxParams = {
            "from": Web3.to_checksum_address(sender),
            "data": data,
            "value": Wei(value),
            "gas": GAS_LIMIT,
            "maxFeePerGas": Wei(10**10),
            "maxPriorityFeePerGas": Wei(0),
        }
        if to is not None:
            transaction["to"] = Web3.to_checksum_address(to)
        receipt = self.web3.eth.wait_for_transaction_receipt(
            self.web3.eth.send_transaction(transaction), 20, 0.005
        )
        if receipt["status"] != 1:
            raise Reverted(f"{sender} to {to} with {data[:10]} was reverted")
        created = receipt["contractAddress"]
        return int(receipt["gasUsed"]), address_of(created) if created else None

    def call(self, contract: Contract, name: str, *arguments: Any, by: Address, value: int = 0) -> int:
        """Gas used by a call of a contract's function. Raises Reverted."""
        data = contract.encode_abi(name, arguments)
        return self.send(by, address_of(contract.address), data, value)[0]

    def create(self, compiled: Compiled, sender: Address, *arguments: Any) -> Contract:
        """Deploy one of the benchmark's own contracts."""
        factory = self.web3.eth.contract(abi=compiled.abi, bytecode=compiled.bytecode)
        creation = HexBytes(factory.constructor(*arguments).data_in_transaction)
        _, created = self.send(sender, None, HexStr(creation.to_0x_hex()))
        assert created is not None
        return self.web3.eth.contract(address=Web3.to_checksum_address(created), abi=compiled.abi)

    def wait(self, seconds: int) -> None:
        """Let the next block come that much later."""
        self._now += seconds

    @property
    def now(self) -> int:
        """Time of the newest block."""
        return self._now

    @contextmanager
    def undone(self) -> Iterator[None]:
        """What happens in the block leaves no trace on the chain."""
        before, now = self.rpc("evm_snapshot"), self._now
        try:
            yield
        finally:
            self.rpc("evm_revert", before)
            self._now = now


@contextmanager
def own_chain() -> Iterator[Chain]:
    """A chain that lives as long as the block. Raises ProgramMissing, TimeoutError."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    options = ["--port", str(port), "--timestamp", str(START), "--auto-impersonate", "--silent"]
    child = subprocess.Popen([foundry_path("anvil"), *options])
    try:
        chain = Chain(url)
        deadline = time.monotonic() + START_SECONDS
        while not chain.web3.is_connected():
            if time.monotonic() > deadline:
                raise TimeoutError(f"Anvil does not answer at {url}")
            time.sleep(0.05)
        yield chain
    finally:
        child.terminate()
        child.wait()
