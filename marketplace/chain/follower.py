"""Reading the escrow's logs, step by step: rewind if the chain changed its mind, read on, finalise.

Every question to the node is asked outside atomic blocks. A step may stop anywhere: the cursor moves with the
rows it stands for, so the next step goes on from there, and following a range twice changes nothing.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from django.conf import settings

from contracts.artifacts import Deployment, abi
from marketplace.chain.client import BlockHead, NodeClient, NodeLog, client
from marketplace.chain.errors import NoContract, NodeRefused, WrongChain
from marketplace.chain.models import Block, Cursor, Log
from marketplace.chain.rules import LogDecoder, Span
from marketplace.chain.selectors import deployment_current
from marketplace.chain.services import block_finalise, block_remove, block_see, blocks_prune, cursor_get

logger = logging.getLogger(__name__)
WITHOUT_AGREEMENT = "0x" + "0" * 64


@dataclass(frozen=True)
class Step:
    """What one step did. `head` is the node's newest block, `seen` the last one read."""

    head: int
    seen: int
    added: int
    removed: int
    finalised: int

    @property
    def behind(self) -> bool:
        """Whether there is more to read at once."""
        return self.seen < self.head


@dataclass
class Follower:
    """Follows one escrow. Raises what the client raises, and CursorMoved where a second follower runs."""

    deployment: Deployment
    node: NodeClient
    span: Span = field(default_factory=Span)

    def __post_init__(self) -> None:
        self.decoder = LogDecoder(abi("PrintEscrow"))

    def check(self) -> None:
        """Raises WrongChain or NoContract where the node cannot be the one that is meant."""
        chain_id = self.node.chain_id()
        if chain_id != settings.CHAIN_ID:
            raise WrongChain(chain_id, settings.CHAIN_ID)
        if not self.node.code_at(self.deployment.escrow):
            raise NoContract(self.deployment.escrow, chain_id)

    def step(self) -> Step:
        """One rewind if needed, one range of blocks, one finalisation."""
        cursor = cursor_get(deployment=self.deployment)
        removed = self._rewind(cursor)
        head, final = self.node.head(), self.node.finalized()
        added = self._read(cursor, head)
        finalised = self._finalise(cursor, final)
        blocks_prune(cursor=cursor)
        return Step(head.number, cursor.seen, added, removed, finalised)

    def _stands(self, block: Block | None) -> bool:
        """Whether a block that was read is still part of the node's chain."""
        if block is None:
            return True
        found = self.node.block(block.number)
        return found is not None and found.digest == block.digest

    def _rewind(self, cursor: Cursor) -> int:
        """Take back what the node's chain no longer holds. Returns how many logs."""
        floor = self.deployment.block - 1
        window = list(cursor.blocks.order_by("-number"))
        if self._stands(window[0]) if window else cursor.seen <= floor:
            return 0
        common = next((block.number for block in window[1:] if self._stands(block)), None)
        if common is None or common < cursor.final:
            logger.error("the chain took back blocks it had called final (up to %s)", cursor.final)
        floor = floor if common is None else common
        gone = Log.objects.filter(address=self.deployment.escrow).order_by("-block", "-log_index")
        logs = list(gone if common is None else gone.filter(block__gt=common))
        logger.warning("reorganisation: rewinding %s to %s, %s logs", cursor.seen, floor, len(logs))
        for number, of_block in _by_block(logs):
            block_remove(cursor=cursor, seen=max(floor, number - 1), logs=of_block)
        block_remove(cursor=cursor, seen=floor, logs=[])
        return len(logs)

    def _read(self, cursor: Cursor, head: BlockHead) -> int:
        """Read one range. Returns how many logs were new."""
        first = cursor.seen + 1
        if first > head.number:
            return 0
        last = self.node.block(min(head.number, first + self.span.blocks - 1))
        # The order matters: if `last` is the same before and after, everything between was one chain.
        if last is None or not self._stands(cursor.blocks.order_by("-number").first()):
            return 0
        found = self._logs(first, last.number)
        if found is None:
            return 0
        blocks = {last.number: last} | self._heads({log.block for log in found} - {last.number})
        again = self.node.block(last.number)
        if again != last or any(blocks[log.block].digest != log.block_digest for log in found):
            return 0  # the chain moved while it was read: the next step finds out where
        self._store(cursor, found, blocks, last)
        return len(found)

    def _logs(self, first: int, last: int) -> list[NodeLog] | None:
        try:
            found = self.node.logs(self.deployment.escrow, first, last)
        except NodeRefused:
            if not self.span.refused():
                raise
            return None
        self.span.answered(len(found))
        return found

    def _heads(self, numbers: Iterable[int]) -> dict[int, BlockHead]:
        return {number: head for number in numbers if (head := self.node.block(number))}

    def _store(
        self, cursor: Cursor, found: list[NodeLog], blocks: dict[int, BlockHead], last: BlockHead
    ) -> None:
        logs = [self._log_of(log, blocks[log.block]) for log in found]
        for number, of_block in _by_block(logs):
            block_see(cursor=cursor, block=_block_of(blocks[number]), logs=of_block, seen=number)
        if cursor.seen < last.number:
            block_see(cursor=cursor, block=_block_of(last), logs=[], seen=last.number)

    def _log_of(self, found: NodeLog, block: BlockHead) -> Log:
        name, args = self.decoder.decode(found.topics, found.data)
        agreement = args.get("agreement", "")
        return Log(
            block=found.block,
            log_index=found.log_index,
            block_digest=found.block_digest,
            transaction=found.transaction,
            address=found.address,
            name=name,
            agreement="" if agreement == WITHOUT_AGREEMENT else agreement,
            args=args,
            topics=list(found.topics),
            data=found.data,
            time=block.time,
        )

    def _finalise(self, cursor: Cursor, final: BlockHead) -> int:
        """Mark what was read up to the finalized block as final. Returns how many logs."""
        last = min(final.number, cursor.seen)
        # Asked after the node named `final`: what was read may have been taken back since the rewind.
        if last <= cursor.final or not self._stands(cursor.blocks.order_by("-number").first()):
            return 0
        waiting = Log.objects.filter(address=self.deployment.escrow, final=False, block__lte=last)
        logs = list(waiting.order_by("block", "log_index"))
        for number, of_block in _by_block(logs):
            block_finalise(cursor=cursor, number=number, block=None, logs=of_block)
        # Its digest is a place every later rewind can stop at.
        anchor = _block_of(final) if final.number == last else None
        block_finalise(cursor=cursor, number=last, block=anchor, logs=[])
        return len(logs)


def _by_block(logs: Iterable[Log]) -> Iterator[tuple[int, list[Log]]]:
    """Logs that are ordered by block, a list for each block."""
    for number, of_block in groupby(logs, key=lambda log: log.block):
        yield number, list(of_block)


def _block_of(head: BlockHead) -> Block:
    return Block(number=head.number, digest=head.digest, time=head.time)


def follower_current() -> Follower:
    """A follower of the configured escrow on the node at RPC_URL. Raises NetworkUnknown."""
    return Follower(deployment_current(), client())


def follow_to_head() -> Step:
    """Read up to the node's head and stop there. Raises what the client raises, WrongChain, NoContract."""
    follower = follower_current()
    follower.check()
    step = follower.step()
    while step.behind:
        step = follower.step()
    return step
