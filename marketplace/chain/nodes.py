"""Several nodes as one: the first that answers is asked, and what is final is the same on all."""

import time
from collections.abc import Callable, Iterator
from functools import cache
from typing import TypeVar

from django.conf import settings

from contracts.views import View
from marketplace.chain.answers import BlockHead, Tips, Transaction
from marketplace.chain.client import NodeClient
from marketplace.chain.errors import (
    ChainError,
    NodeBusy,
    NodeInconsistent,
    NodeRefused,
    NodesBehind,
    NodesDisagree,
    NodeUnreachable,
    WrongChain,
)
from protocol.units import Wei

Answer = TypeVar("Answer")
AWAY_SECONDS = 5.0
"""A node that failed is asked last for so long."""
ANOTHER_MAY_ANSWER = (NodeUnreachable, NodeBusy, NodeRefused, NodeInconsistent, WrongChain)


class Nodes:
    """The nodes of RPC_URL, in its order."""

    def __init__(self, nodes: list[NodeClient]) -> None:
        self.nodes = nodes
        self._failed_at: dict[str, float] = {}
        self._checked: set[str] = set()

    def __str__(self) -> str:
        return ", ".join(node.name for node in self.nodes)

    def first(self, question: Callable[[NodeClient], Answer]) -> Answer:
        """The first answer. Raises what the last node raised where none answers, ContractReverted at once."""
        trouble: ChainError | None = None
        for node in self._in_order():
            try:
                return question(self._checked_node(node))
            except ANOTHER_MAY_ANSWER as error:
                self._failed(node)
                trouble = error
        assert trouble is not None  # noqa: S101 - there is always a node
        raise trouble

    def newest(self, seen: int) -> tuple[NodeClient, Tips]:
        """A node to read on from, one that has block `seen` if any does. Raises NodesBehind, ChainError."""
        answers, trouble = [], None
        for node in self._in_order():
            try:
                tips = self._checked_node(node).tips()
            except ANOTHER_MAY_ANSWER as error:
                self._failed(node)
                trouble = error
                continue
            if tips.head.number >= seen:
                return node, tips
            answers.append((node, tips))
        if trouble is None:
            return max(answers, key=lambda answer: answer[1].head.number)  # the chain became shorter
        if answers:
            raise NodesBehind(seen) from trouble
        raise trouble

    def second(
        self, node: NodeClient, number: int, question: Callable[[NodeClient], Answer]
    ) -> Answer | None:
        """What another node that has block `number` says; None where there is none."""
        for other in self._others(node):
            try:
                if self._checked_node(other).block(number):
                    return question(other)
            except ANOTHER_MAY_ANSWER:
                self._failed(other)
        return None

    def agree(self, node: NodeClient, finalized: BlockHead) -> None:
        """Raises NodesDisagree where another node that answers holds another block for final."""
        for other in self._others(node):
            try:
                theirs = self._checked_node(other).tips().finalized
                number = min(finalized.number, theirs.number)
                digests = {
                    each.name: _digest(each, block, number)
                    for each, block in ((node, finalized), (other, theirs))
                }
            except ANOTHER_MAY_ANSWER:
                self._failed(other)
                continue
            if len(set(digests.values())) > 1:
                raise NodesDisagree(number, digests)

    def _others(self, node: NodeClient) -> list[NodeClient]:
        return [other for other in self._in_order() if other is not node]

    def _in_order(self) -> Iterator[NodeClient]:
        now = time.monotonic()
        away = {url for url, at in self._failed_at.items() if now - at < AWAY_SECONDS}
        yield from sorted(self.nodes, key=lambda node: node.url in away)

    def _checked_node(self, node: NodeClient) -> NodeClient:
        """Once after each absence: what comes back may be another node. Raises WrongChain."""
        if node.url not in self._checked:
            node.require_chain()
            self._checked.add(node.url)
        return node

    def _failed(self, node: NodeClient) -> None:
        self._checked.discard(node.url)
        self._failed_at[node.url] = time.monotonic()

    # What may be asked of any of them, as of one.

    def head(self) -> BlockHead:
        """The newest block."""
        return self.first(lambda node: node.tips().head)

    def code_at(self, address: str) -> bytes:
        """The contract code at an address, empty where there is none."""
        return self.first(lambda node: node.code_at(address))

    def balance_of(self, address: str) -> Wei:
        """Native coin at an address, in wei."""
        return self.first(lambda node: node.balance_of(address))

    def ask(self, view: View[Answer]) -> Answer:
        """What a view's contract answers now. Raises ContractReverted, NoContract, NetworkUnknown."""
        return self.first(lambda node: node.ask(view))

    def estimate_gas(self, *, sender: str, to: str, data: str, value: int = 0) -> int:
        """Gas a transaction would use now. Raises ContractReverted where it would fail."""
        return self.first(lambda node: node.estimate_gas(sender=sender, to=to, data=data, value=value))

    def call(self, *, sender: str, to: str, data: str) -> bytes:
        """What a call would return now. Raises ContractReverted where it would fail."""
        return self.first(lambda node: node.call(sender=sender, to=to, data=data))

    def gas_price(self) -> Wei:
        """What a unit of gas costs about now, in wei."""
        return self.first(lambda node: node.gas_price())

    def transaction(self, digest: str) -> Transaction | None:
        """A transaction in a block or waiting for one; None where the node does not know it."""
        return self.first(lambda node: node.transaction(digest))


def _digest(node: NodeClient, finalized: BlockHead, number: int) -> str:
    found = finalized if finalized.number == number else node.block(number)
    if found is None:
        raise NodeInconsistent(node.name, f"block {number} is missing below its finalized one")
    return found.digest


@cache
def _nodes_at(urls: tuple[str, ...]) -> Nodes:
    return Nodes([NodeClient(url) for url in urls])


def client() -> Nodes:
    """The nodes at RPC_URL."""
    return _nodes_at(tuple(settings.RPC_URL.split(",")))
