"""A stretch of the chain as one node gives it: logs and blocks, taken only where all fit together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from marketplace.chain.answers import BlockHead, RawLog, Tips
from marketplace.chain.client import NodeClient
from marketplace.chain.errors import NodeInconsistent, NodeRefused
from marketplace.chain.rows import ORIGIN, PLACE, LogRow, rows_of, untimed
from marketplace.chain.rules import Span, bloom_of, is_one_chain

UNFINAL_BLOCKS_AT_ONCE = 256


@dataclass(frozen=True)
class Stretch:
    """What was read, up to the block `last`. `blocks` are those whose digests are kept, in order."""

    last: BlockHead
    blocks: tuple[BlockHead, ...]
    logs: tuple[LogRow, ...]


@dataclass
class Reader:
    """Reads the logs of some contracts. Raises what the client raises, NodeInconsistent, UnknownLog."""

    addresses: tuple[str, ...]
    span: Span = field(default_factory=Span)

    def __post_init__(self) -> None:
        self._blooms = bloom_of(self.addresses)

    def stretch(self, node: NodeClient, tips: Tips, *, first: int, parent: str | None) -> Stretch | None:
        """Read on from block `first`; None where the node was asked for too much and is to be asked for less.

        `parent`: the digest that block `first` - 1 must have, where it was read.
        """
        last = self._last(node, tips, first)
        raw = self._logs(node, first, last.number)
        if raw is None:
            return None
        # After the logs: if the last block is still the same one, all of them are of one chain.
        kept = range(max(first, tips.finalized.number), last.number + 1) or [last.number]
        before = [first - 1] if parent else []
        found = node.blocks(sorted({*kept, *untimed(raw, node.name), last.number, *before}))
        _require(node, found.get(last.number) == last, f"block {last.number} changed meanwhile")
        blocks = [found[number] for number in kept if number in found]
        _require(node, len(blocks) == len(kept) and is_one_chain(blocks), "its blocks are not one chain")
        _require(
            node, parent is None or _stands(found, first, parent), f"block {first - 1} changed meanwhile"
        )
        logs = rows_of(raw, found, node.name)
        self._require_fitting(node, logs, first, last, blocks)
        return Stretch(last, tuple(blocks), tuple(logs))

    def rows(self, node: NodeClient, first: int, last: int) -> list[LogRow]:
        """The logs of blocks that are final, however many requests that takes."""
        found: list[LogRow] = []
        while first <= last:
            until = min(last, first + self.span.blocks - 1)
            raw = self._logs(node, first, until)
            if raw is not None:
                found += rows_of(raw, node.blocks(untimed(raw, node.name)), node.name)
                first = until + 1
        return found

    def _last(self, node: NodeClient, tips: Tips, first: int) -> BlockHead:
        reach = first + self.span.blocks - 1
        reach = min(reach, max(tips.finalized.number, first + UNFINAL_BLOCKS_AT_ONCE - 1))
        if reach >= tips.head.number:
            return tips.head
        last = node.block(reach)
        if last is None:
            raise NodeInconsistent(node.name, f"block {reach} is missing below its newest")
        return last

    def _logs(self, node: NodeClient, first: int, last: int) -> list[RawLog] | None:
        try:
            found = node.logs(self.addresses, first, last)
        except NodeRefused:
            if not self.span.refused():
                raise
            return None
        self.span.answered(len(found))
        return found

    def _require_fitting(
        self,
        node: NodeClient,
        logs: Sequence[LogRow],
        first: int,
        last: BlockHead,
        blocks: Iterable[BlockHead],
    ) -> None:
        digests = {block.number: block.digest for block in blocks}
        origins = set(map(ORIGIN, logs))
        for number, digest, address in origins:
            within = first <= number <= last.number and address in self.addresses
            _require(node, within, f"a log of block {number} that was not asked for")
            _require(node, digests.setdefault(number, digest) == digest, f"a log of another block {number}")
        _require(node, len(set(map(PLACE, logs))) == len(logs), "a log twice")
        told = {number for number, _, _ in origins}
        for block in blocks:
            if block.number not in told and self._may_have_logs(block):
                _require(
                    node, not node.logs_in(self.addresses, block.digest), f"no logs of block {block.number}"
                )

    def _may_have_logs(self, block: BlockHead) -> bool:
        """What the block itself says: never wrong where it says no."""
        return any(block.bloom & bits == bits for bits in self._blooms)


def _stands(found: dict[int, BlockHead], first: int, parent: str) -> bool:
    before, own = found.get(first - 1), found.get(first)
    return before is not None and before.digest == parent and (own is None or own.parent == parent)


def _require(node: NodeClient, holds: bool, otherwise: str) -> None:
    if not holds:
        raise NodeInconsistent(node.name, otherwise)
