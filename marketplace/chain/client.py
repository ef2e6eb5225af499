"""One Ethereum node behind a few typed questions."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from django.conf import settings

from contracts.views import View
from marketplace.chain.answers import BlockHead, Market, RawLog, Receipt, Tips, Transaction
from marketplace.chain.errors import NoContract, NodeInconsistent, NodeRefused, WrongChain
from marketplace.chain.rpc import Question, Rpc
from marketplace.chain.selectors import deployment_current
from protocol.errors import Malformed
from protocol.units import Wei, address_of, bytes_of, hex_of, time_of

Answer = TypeVar("Answer")
BLOCKS_AT_ONCE = 100


def _at(block: int | None) -> str:
    return "latest" if block is None else hex(block)


class NodeClient:
    """A node at a URL. Every question raises what `Rpc` raises."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._rpc = Rpc(url)
        self.name = self._rpc.name

    def chain_id(self) -> int:
        return self._number(self._rpc.ask("eth_chainId"))

    def require_chain(self) -> None:
        """Raises WrongChain where the node serves another chain than the configured one."""
        self._require(self.chain_id())

    def tips(self) -> Tips:
        """Both ends of what can still change, from one request. Raises WrongChain: who answers may change."""
        questions: list[Question] = [
            ("eth_getBlockByNumber", [each, False]) for each in ("latest", "finalized")
        ]
        chain_id, *blocks = self._rpc.ask_all([("eth_chainId", []), *questions])
        self._require(self._number(chain_id))
        head, finalized = (self._head(block) for block in blocks)
        if head is None or finalized is None:
            raise NodeInconsistent(self.name, "it has no newest block")
        return Tips(head, finalized)

    def block(self, number: int) -> BlockHead | None:
        """A block by number; None where the chain is not that long."""
        return self._head(self._rpc.ask("eth_getBlockByNumber", hex(number), False))

    def blocks(self, numbers: Sequence[int]) -> dict[int, BlockHead]:
        """Blocks by number, a hundred in a request; without those that the chain does not have."""
        found: dict[int, BlockHead] = {}
        for start in range(0, len(numbers), BLOCKS_AT_ONCE):
            some = numbers[start : start + BLOCKS_AT_ONCE]
            questions: list[Question] = [("eth_getBlockByNumber", [hex(number), False]) for number in some]
            heads = (self._head(block) for block in self._rpc.ask_all(questions))
            found |= {head.number: head for head in heads if head}
        return found

    def logs(self, addresses: Iterable[str], first: int, last: int) -> list[RawLog]:
        """The logs of contracts in blocks first..last, as the node orders them."""
        span = {"fromBlock": hex(first), "toBlock": hex(last)}
        return self._logs({"address": list(addresses), **span})

    def logs_in(self, addresses: Iterable[str], digest: str) -> list[RawLog]:
        """The logs of contracts in one block, named by its digest."""
        return self._logs({"address": list(addresses), "blockHash": digest})

    def _logs(self, filters: dict[str, Any]) -> list[RawLog]:
        found = self._rpc.ask("eth_getLogs", filters)
        if not isinstance(found, list):
            raise NodeInconsistent(self.name, "its logs are no list")
        return found

    def code_at(self, address: str) -> bytes:
        """The contract code at an address, empty where there is none."""
        return self._bytes(self._rpc.ask("eth_getCode", address, "latest"))

    def balance_of(self, address: str) -> Wei:
        """Native coin at an address, in wei."""
        return Wei(self._number(self._rpc.ask("eth_getBalance", address, "latest")))

    def ask(self, view: View[Answer]) -> Answer:
        """What a view's contract answers now. Raises ContractReverted, NoContract, NetworkUnknown."""
        deployed = deployment_current()
        to = deployed.anchor if view.contract == "ProvenanceAnchor" else deployed.escrow
        returned = self._rpc.ask("eth_call", {"to": to, "data": hex_of(view.data)}, "latest")
        try:
            return view.answer(self._bytes(returned))
        except Malformed as error:
            raise NoContract(to, settings.CHAIN_ID) from error

    def estimate_gas(self, *, sender: str, to: str, data: str, value: int = 0) -> int:
        """Gas a transaction would use now. Raises ContractReverted where it would fail."""
        call = {"from": sender, "to": address_of(to), "data": data, "value": hex(value)}
        # Said, since without it some nodes count in what waits in their pool.
        return self._number(self._rpc.ask("eth_estimateGas", call, _at(None)))

    def call(
        self,
        *,
        sender: str,
        to: str,
        data: str,
        value: int = 0,
        gas: int | None = None,
        block: int | None = None,
    ) -> bytes:
        """What a transaction would return after a block, or now. Raises ContractReverted if it would fail."""
        call = {"from": sender, "to": address_of(to), "data": data, "value": hex(value)}
        if gas is not None:
            call["gas"] = hex(gas)
        return self._bytes(self._rpc.ask("eth_call", call, _at(block)))

    def transaction_count(self, address: str, block: int | None = None) -> int:
        """How many nonces an address has used up to a block, or up to now: its next nonce."""
        return self._number(self._rpc.ask("eth_getTransactionCount", address, _at(block)))

    def transaction(self, digest: str) -> Transaction | None:
        """A transaction in a block or waiting for one; None where the node does not know it."""
        found = self._rpc.ask("eth_getTransactionByHash", digest)
        return self._transaction(found) if found else None

    def transactions_in(self, block: int) -> list[Transaction]:
        """The transactions of a block. Raises NodeInconsistent where there is none."""
        found = self._rpc.ask("eth_getBlockByNumber", hex(block), True)
        if found is None:
            raise NodeInconsistent(self.name, f"it has no block {block}")
        with self._whole("a block"):
            return [self._transaction(each) for each in found["transactions"]]

    def receipt(self, digest: str) -> Receipt | None:
        """What the block that holds a transaction says of it; None while none does."""
        found = self._rpc.ask("eth_getTransactionReceipt", digest)
        if found is None:
            return None
        with self._whole("a receipt"):
            gas_used = int(found["gasUsed"], 16)
            return Receipt(
                block=int(found["blockNumber"], 16),
                block_digest=found["blockHash"],
                succeeded=int(found["status"], 16) == 1,
                gas_used=gas_used,
                cost=Wei(gas_used * int(found["effectiveGasPrice"], 16)),
            )

    def market(self) -> Market:
        """What gas costs now."""
        block, priority = self._rpc.ask_all(
            [("eth_getBlockByNumber", ["latest", False]), ("eth_maxPriorityFeePerGas", [])]
        )
        with self._whole("a block"):
            return Market(int(block.get("baseFeePerGas", "0x0"), 16), self._number(priority))

    def gas_price(self) -> Wei:
        """What a unit of gas costs about now, in wei."""
        return Wei(self._number(self._rpc.ask("eth_gasPrice")))

    def send_raw(self, raw: bytes) -> str:
        """Hand the node a signed transaction: its objection in its own words, empty if it took it."""
        try:
            self._rpc.ask("eth_sendRawTransaction", hex_of(raw))
        except NodeRefused as error:
            return error.words
        return ""

    def _require(self, chain_id: int) -> None:
        if chain_id != settings.CHAIN_ID:
            raise WrongChain(self.name, chain_id, settings.CHAIN_ID)

    def _transaction(self, found: Any) -> Transaction:
        with self._whole("a transaction"):
            return Transaction(
                digest=found["hash"],
                sender=address_of(found["from"]),
                nonce=int(found["nonce"], 16),
                to=address_of(found["to"]) if found.get("to") else None,
                data=found["input"],
                value=int(found["value"], 16),
                gas=int(found["gas"], 16),
                block=int(found["blockNumber"], 16) if found.get("blockNumber") else None,
            )

    @contextmanager
    def _whole(self, what: str) -> Iterator[None]:
        try:
            yield
        except (KeyError, TypeError, ValueError, Malformed) as error:
            raise NodeInconsistent(self.name, f"{what} without its parts: {error!r}") from error

    def _head(self, block: Any) -> BlockHead | None:
        if block is None:
            return None
        with self._whole("a block"):
            return BlockHead(
                number=int(block["number"], 16),
                digest=block["hash"],
                parent=block["parentHash"],
                time=time_of(int(block["timestamp"], 16)),
                bloom=int(block["logsBloom"], 16),
            )

    def _number(self, answer: Any) -> int:
        try:
            return int(answer, 16)
        except (TypeError, ValueError) as error:
            raise NodeInconsistent(self.name, f"{str(answer)[:40]} is no number") from error

    def _bytes(self, answer: Any) -> bytes:
        try:
            return bytes_of(answer)
        except Malformed as error:
            raise NodeInconsistent(self.name, f"{str(answer)[:40]} is no data") from error
