"""The node, with web3 hidden behind a few typed questions. Foreign errors become ours in one table."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Literal, TypeVar

from django.conf import settings
from django.db import connections
from eth_typing import HexStr
from hexbytes import HexBytes
from requests import RequestException
from web3 import HTTPProvider, Web3
from web3.exceptions import (
    BadResponseFormat,
    BlockNotFound,
    ContractLogicError,
    TransactionNotFound,
    Web3Exception,
    Web3RPCError,
)
from web3.middleware import ExtraDataToPOAMiddleware
from web3.types import BlockData

from contracts.artifacts import UnknownErrorData, decode_error
from contracts.views import View
from marketplace.chain.errors import (
    ContractReverted,
    NetworkInAtomicBlock,
    NoContract,
    NodeRefused,
    NodeUnreachable,
)
from marketplace.chain.fees import Market
from marketplace.chain.intent_rules import Receipt
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
        """What its contract answers now. Raises ContractReverted, NoContract, NetworkUnknown."""
        deployed = deployment_current()
        to = deployed.anchor if view.contract == "ProvenanceAnchor" else deployed.escrow
        with self._asking() as web3:
            returned = web3.eth.call({"to": Web3.to_checksum_address(to), "data": HexBytes(view.data)})
        try:
            return view.answer(bytes(returned))
        except Malformed as error:
            raise NoContract(to, settings.CHAIN_ID) from error

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

    def transaction_count(self, address: str, block: int | Literal["latest"] = "latest") -> int:
        """How many nonces an address has used up to a block."""
        with self._asking() as web3:
            return web3.eth.get_transaction_count(Web3.to_checksum_address(address), block)

    def receipt(self, digest: str) -> Receipt | None:
        """What the block that holds a transaction says of it; None while none does."""
        try:
            with self._asking() as web3:
                found = web3.eth.get_transaction_receipt(HexStr(digest))
        except NodeRefused as error:
            if isinstance(error.__cause__, TransactionNotFound):
                return None
            raise
        return Receipt(
            block=found["blockNumber"],
            block_digest=hex_of(found["blockHash"]),
            succeeded=bool(found["status"]),
            gas_used=found["gasUsed"],
            cost=Wei(found["gasUsed"] * found["effectiveGasPrice"]),
        )

    def knows(self, digest: str) -> bool:
        """Whether the node has a transaction, in its pool or in a block."""
        try:
            with self._asking() as web3:
                web3.eth.get_transaction(HexStr(digest))
        except NodeRefused as error:
            if isinstance(error.__cause__, TransactionNotFound):
                return False
            raise
        return True

    def market(self) -> Market:
        """What gas costs now."""
        with self._asking() as web3:
            base_fee = web3.eth.get_block("latest").get("baseFeePerGas", 0)
            return Market(base_fee, web3.eth.max_priority_fee)

    def send_raw(self, raw: bytes) -> str:
        """Hand the node a signed transaction: its objection in its own words, empty if it took it."""
        try:
            with self._asking() as web3:
                web3.eth.send_raw_transaction(raw)
        except NodeRefused as error:
            if isinstance(error.__cause__, Web3RPCError) and error.__cause__.rpc_response:
                return error.__cause__.rpc_response["error"]["message"]
            raise
        return ""

    def simulate(self, *, sender: str, to: str, data: str, value: int, block: int) -> None:
        """Try a transaction on the state after a block. Raises ContractReverted where it fails."""
        with self._asking() as web3:
            web3.eth.call(
                {
                    "from": Web3.to_checksum_address(sender),
                    "to": Web3.to_checksum_address(to),
                    "data": HexBytes(data),
                    "value": Wei(value),  # type: ignore[typeddict-item]
                },
                block,
            )


@cache
def _client_at(url: str) -> NodeClient:
    return NodeClient(url)


def client() -> NodeClient:
    """The node at RPC_URL."""
    return _client_at(settings.RPC_URL)
