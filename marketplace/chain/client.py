"""The node, with web3 hidden behind a few typed questions. Foreign errors become ours in one table."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Literal, TypeVar, cast

from django.conf import settings
from django.db import connections
from hexbytes import HexBytes
from requests import RequestException
from web3 import HTTPProvider, Web3
from web3.exceptions import (
    BadResponseFormat,
    BlockNotFound,
    ContractLogicError,
    TransactionNotFound,
    Web3Exception,
)
from web3.middleware import ExtraDataToPOAMiddleware
from web3.types import BlockData, TxData, TxParams

from contracts.artifacts import UnknownErrorData, decode_error
from contracts.views import View
from marketplace.chain.errors import (
    ContractReverted,
    NetworkInAtomicBlock,
    NoContract,
    NodeRefused,
    NodeUnreachable,
)
from marketplace.chain.fate_rules import NodeReceipt, NodeTransaction
from marketplace.chain.selectors import deployment_current
from protocol.errors import Malformed
from protocol.units import Wei, hex_of, time_of

TIMEOUT_SECONDS = 10

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class BlockHead:
    """A block: its number, digest, its parent's digest (0x text) and time."""

    number: int
    digest: str
    parent: str
    time: datetime


@dataclass(frozen=True)
class NodeLog:
    """A log as the node gives it; digests, topics and data are 0x text."""

    block: int
    block_digest: str
    log_index: int
    transaction: str
    address: str
    topics: tuple[str, ...]
    data: str


def atomic_block_refuse() -> None:
    """Raises NetworkInAtomicBlock while a block is open, other than the one a test case wraps itself in."""
    for connection in connections.all(initialized_only=True):
        if any(not block._from_testcase for block in connection.atomic_blocks):  # type: ignore[attr-defined]
            raise NetworkInAtomicBlock


def _reverted(error: ContractLogicError) -> ContractReverted:
    if isinstance(error.data, str):
        try:
            found = decode_error(HexBytes(error.data))
        except UnknownErrorData:
            return ContractReverted(str(error))
        return ContractReverted(found.name, found.args)
    return ContractReverted(str(error.message))


def _head_of(block: BlockData) -> BlockHead:
    return BlockHead(
        block["number"], hex_of(block["hash"]), hex_of(block["parentHash"]), time_of(block["timestamp"])
    )


def _transaction_of(found: TxData) -> NodeTransaction:
    return NodeTransaction(
        digest=hex_of(found["hash"]),
        sender=found["from"],
        nonce=found["nonce"],
        to=found.get("to"),
        data=hex_of(found["input"]),
        value=found["value"],
        gas=found["gas"],
        block=found.get("blockNumber"),
    )


class NodeClient:
    """One Ethereum node. Every method raises NodeUnreachable, NodeRefused, NetworkInAtomicBlock."""

    def __init__(self, url: str) -> None:
        self.url = url
        provider = HTTPProvider(
            url, request_kwargs={"timeout": TIMEOUT_SECONDS}, exception_retry_configuration=None
        )
        self._web3 = Web3(provider)
        # Proof-of-authority chains put more into a block's extra data than web3 otherwise accepts.
        self._web3.middleware_onion.inject(ExtraDataToPOAMiddleware, layer=0)

    @contextmanager
    def _asking(self) -> Iterator[Web3]:
        atomic_block_refuse()
        try:
            yield self._web3
        except ContractLogicError as error:
            raise _reverted(error) from error
        except (RequestException, BadResponseFormat) as error:
            raise NodeUnreachable(self.url, type(error).__name__) from error
        except Web3Exception as error:
            raise NodeRefused(f"The node at {self.url} refuses: {error}") from error

    def chain_id(self) -> int:
        with self._asking() as web3:
            return web3.eth.chain_id

    def head(self) -> BlockHead:
        """The newest block."""
        return self._block("latest")

    def finalized(self) -> BlockHead:
        """The newest block that no reorganisation takes back."""
        return self._block("finalized")

    def block(self, number: int) -> BlockHead | None:
        """A block by number; None where the chain is not that long."""
        try:
            return self._block(number)
        except NodeRefused as error:
            if isinstance(error.__cause__, BlockNotFound):
                return None
            raise

    def _block(self, which: int | Literal["latest", "finalized"]) -> BlockHead:
        with self._asking() as web3:
            return _head_of(web3.eth.get_block(which))

    def code_at(self, address: str) -> bytes:
        """The contract code at an address, empty where there is none."""
        with self._asking() as web3:
            return bytes(web3.eth.get_code(Web3.to_checksum_address(address)))

    def balance_of(self, address: str) -> Wei:
        """Native coin at an address, in wei."""
        with self._asking() as web3:
            return Wei(web3.eth.get_balance(Web3.to_checksum_address(address)))

    def logs(self, address: str, first: int, last: int) -> list[NodeLog]:
        """The logs of a contract in blocks first..last, in chain order."""
        with self._asking() as web3:
            found = web3.eth.get_logs(
                {"address": Web3.to_checksum_address(address), "fromBlock": first, "toBlock": last}
            )
        logs = [
            NodeLog(
                block=log["blockNumber"],
                block_digest=hex_of(log["blockHash"]),
                log_index=log["logIndex"],
                transaction=hex_of(log["transactionHash"]),
                address=log["address"],
                topics=tuple(hex_of(topic) for topic in log["topics"]),
                data=hex_of(log["data"]),
            )
            for log in found
        ]
        return sorted(logs, key=lambda log: (log.block, log.log_index))

    def ask(self, view: View[Answer]) -> Answer:
        """What the escrow answers now. Raises ContractReverted, NoContract, NetworkUnknown."""
        escrow = deployment_current().escrow
        with self._asking() as web3:
            returned = web3.eth.call({"to": Web3.to_checksum_address(escrow), "data": HexBytes(view.data)})
        try:
            return view.answer(bytes(returned))
        except Malformed as error:
            raise NoContract(escrow, settings.CHAIN_ID) from error

    def estimate_gas(self, *, sender: str, to: str, data: str, value: int = 0) -> int:
        """Gas a transaction would use now. Raises ContractReverted where it would fail."""
        with self._asking() as web3:
            return web3.eth.estimate_gas(
                {
                    "from": Web3.to_checksum_address(sender),
                    "to": Web3.to_checksum_address(to),
                    "data": HexBytes(data),
                    "value": Wei(value),  # type: ignore[typeddict-item]
                }
            )

    def gas_price(self) -> Wei:
        """What a unit of gas costs about now, in wei."""
        with self._asking() as web3:
            return Wei(web3.eth.gas_price)

    def call(
        self,
        *,
        sender: str,
        to: str,
        data: str,
        value: int = 0,
        gas: int | None = None,
        block: int | Literal["latest"] = "latest",
    ) -> bytes:
        """What a transaction would return after a block. Raises ContractReverted where it would fail."""
        asked: TxParams = {
            "from": Web3.to_checksum_address(sender),
            "to": Web3.to_checksum_address(to),
            "data": HexBytes(data),
            "value": Wei(value),  # type: ignore[typeddict-item]
        }
        if gas is not None:
            asked["gas"] = gas
        with self._asking() as web3:
            return bytes(web3.eth.call(asked, block))

    def transaction(self, digest: str) -> NodeTransaction | None:
        """A transaction in a block or waiting for one; None where the node does not know it."""
        try:
            with self._asking() as web3:
                return _transaction_of(web3.eth.get_transaction(HexBytes(digest)))
        except NodeRefused as error:
            if isinstance(error.__cause__, TransactionNotFound):
                return None
            raise

    def transactions_in(self, block: int) -> list[NodeTransaction]:
        """The transactions of a block."""
        with self._asking() as web3:
            found = web3.eth.get_block(block, full_transactions=True)["transactions"]
        return [_transaction_of(cast(TxData, each)) for each in found]

    def receipt(self, digest: str) -> NodeReceipt | None:
        """Where a transaction was mined; None while it is not."""
        try:
            with self._asking() as web3:
                found = web3.eth.get_transaction_receipt(HexBytes(digest))
        except NodeRefused as error:
            if isinstance(error.__cause__, TransactionNotFound):
                return None
            raise
        return NodeReceipt(found["blockNumber"], hex_of(found["blockHash"]), found["status"] == 1)

    def transaction_count(self, address: str, block: int | Literal["latest"] = "latest") -> int:
        """How many transactions of an address are in blocks up to one: its next nonce there."""
        with self._asking() as web3:
            return web3.eth.get_transaction_count(Web3.to_checksum_address(address), block)


@cache
def _client_at(url: str) -> NodeClient:
    return NodeClient(url)


def client() -> NodeClient:
    """The node at RPC_URL."""
    return _client_at(settings.RPC_URL)
