"""One Ethereum node behind a few typed questions."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from django.conf import settings

from contracts.views import View
from marketplace.chain.errors import NoContract, NodeInconsistent
from marketplace.chain.rpc import Question, Rpc
from marketplace.chain.rules import BlockHead, RawLog, Tips
from marketplace.chain.selectors import deployment_current
from protocol.errors import Malformed
from protocol.units import Wei, address_of, bytes_of, hex_of, time_of

Answer = TypeVar("Answer")
BLOCKS_AT_ONCE = 100


class NodeClient:
    """A node at a URL. Every question raises what `Rpc` raises."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._rpc = Rpc(url)
        self.name = self._rpc.name

    def chain_id(self) -> int:
        return self._number(self._rpc.ask("eth_chainId"))

    def tips(self) -> Tips:
        """Both ends of what can still change, from one request."""
        questions: list[Question] = [
            ("eth_getBlockByNumber", [each, False]) for each in ("latest", "finalized")
        ]
        head, finalized = (self._head(block) for block in self._rpc.ask_all(questions))
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
        """What the escrow answers now. Raises ContractReverted, NoContract, NetworkUnknown."""
        escrow = deployment_current().escrow
        returned = self._rpc.ask("eth_call", {"to": escrow, "data": hex_of(view.data)}, "latest")
        try:
            return view.answer(self._bytes(returned))
        except Malformed as error:
            raise NoContract(escrow, settings.CHAIN_ID) from error

    def estimate_gas(self, *, sender: str, to: str, data: str, value: int = 0) -> int:
        """Gas a transaction would use now. Raises ContractReverted where it would fail."""
        call = {"from": sender, "to": address_of(to), "data": data, "value": hex(value)}
        return self._number(self._rpc.ask("eth_estimateGas", call))

    def _head(self, block: Any) -> BlockHead | None:
        if block is None:
            return None
        try:
            time = time_of(int(block["timestamp"], 16))
            return BlockHead(
                number=int(block["number"], 16),
                digest=block["hash"],
                parent=block["parentHash"],
                time=time,
                bloom=int(block["logsBloom"], 16),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise NodeInconsistent(self.name, "a block without number, digest or time") from error

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
