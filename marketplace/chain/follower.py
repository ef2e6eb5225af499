"""Reading the contracts' logs, step by step: find where the chain parted, read on, call final what is.

Every question to the nodes is asked outside atomic blocks. A step may stop anywhere: the cursor moves with
the rows it stands for, so the next step goes on from there, and following a range twice changes nothing.
"""

import uuid
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from contracts.artifacts import Deployment
from marketplace.chain.alarms import alarm_pass, alarm_raise
from marketplace.chain.answers import Tips
from marketplace.chain.client import NodeClient
from marketplace.chain.errors import CursorMoved, NoContract, NodeInconsistent, NodesDisagree
from marketplace.chain.handlers import Changed
from marketplace.chain.models import Cursor
from marketplace.chain.nodes import Nodes, client
from marketplace.chain.reading import Reader, Stretch
from marketplace.chain.reorganisation import fork_find
from marketplace.chain.rows import LogRow
from marketplace.chain.rules import Span
from marketplace.chain.selectors import block_kept, deployment_current, rows_between
from marketplace.chain.services import chain_advance, cursor_get, cursor_leave, cursor_take
from marketplace.chain.turns import turn_kept

PROCESS = uuid.uuid4().hex
DISAGREE = "nodes-disagree"
INCOMPLETE = "logs-differ"


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


@dataclass(frozen=True)
class Move:
    """What the nodes say is to be done: back to `fork`, on by `stretch`, and `final` up to there."""

    head: int
    fork: int
    final: int
    stretch: Stretch | None


@dataclass
class Follower:
    """Follows the contracts of one deployment. Raises what the nodes raise, and CursorMoved out of turn."""

    deployment: Deployment
    nodes: Nodes
    span: Span = field(default_factory=Span)
    holder: str = PROCESS

    def __post_init__(self) -> None:
        self.reader = Reader((self.deployment.escrow, self.deployment.anchor), self.span)
        self._ahead = Ahead(self._read)

    def check(self) -> None:
        """Raises WrongChain or NoContract where no node can be the one that is meant."""
        self.nodes.head()
        for address in (self.deployment.escrow, self.deployment.anchor):
            if not self.nodes.code_at(address):
                raise NoContract(address, self.deployment.chain_id)

    def step(self) -> Step:
        """One move: back to where the chain parted if it did, one stretch on, and up to what is final."""
        cursor = cursor_get(deployment=self.deployment)
        if not cursor_take(cursor=cursor, holder=self.holder):
            raise CursorMoved
        with turn_kept(cursor):
            move = self._look(cursor)
        changed = Changed()
        if move.stretch or (move.fork, min(move.final, move.fork)) != (cursor.seen, cursor.final):
            changed = chain_advance(cursor=cursor, fork=move.fork, final=move.final, stretch=move.stretch)
        added, removed, finalised = map(len, (changed.added, changed.removed, changed.final))
        return Step(move.head, cursor.seen, added, removed, finalised)

    def _look(self, cursor: Cursor) -> Move:
        """All that the nodes are asked for a step."""
        node, tips = self.nodes.newest(cursor.seen)
        self._require_agreement(node, tips)
        stands = fork_find(cursor=cursor, deployment=self.deployment, node=node)
        fork, parent = stands.number, stands.digest
        final = max(min(cursor.final, fork), tips.finalized.number)
        if not self._is_confirmed(node, cursor, fork, final):
            fork = final = min(fork, cursor.final)
            parent = block_kept(cursor, fork)
        stretch = self._ahead.stretch(node, tips, first=fork + 1, parent=parent)
        return Move(tips.head.number, fork, final, stretch)

    def _require_agreement(self, node: NodeClient, tips: Tips) -> None:
        try:
            self.nodes.agree(node, tips.finalized)
        except NodesDisagree as error:
            alarm_raise(name=DISAGREE, data={"words": str(error)})
            raise
        alarm_pass(name=DISAGREE)

    def _is_confirmed(self, node: NodeClient, cursor: Cursor, fork: int, final: int) -> bool:
        """Whether what was read while it could change is what the nodes say now that it cannot."""
        first, last = cursor.final + 1, min(final, fork)
        if first > last:
            return True
        read = self._read_again(node, first, last)
        if read is None:
            read = self.reader.rows(node, first, last)
        if rows_between(cursor, first, last) == read:
            alarm_pass(name=INCOMPLETE)
            return True
        alarm_raise(name=INCOMPLETE, data={"first": first, "last": last})
        return False

    def _read(self, node: NodeClient, tips: Tips, first: int, parent: str | None) -> Stretch | None:
        """A stretch of which another node, where there is one, says the same as far as it is final."""
        stretch = self.reader.stretch(node, tips, first=first, parent=parent)
        last = min(stretch.last.number, tips.finalized.number) if stretch else 0
        if stretch and first <= last:
            again = self._read_again(node, first, last)
            if again is not None and again != [row for row in stretch.logs if row.block <= last]:
                raise NodeInconsistent(node.name, f"another node has other logs in blocks {first} to {last}")
        return stretch

    def _read_again(self, node: NodeClient, first: int, last: int) -> list[LogRow] | None:
        return self.nodes.second(node, last, lambda other: self.reader.rows(other, first, last))


class Ahead:
    """Reads the next stretch of what cannot change any more while the last one is being stored."""

    def __init__(self, read: Callable[[NodeClient, Tips, int, str | None], Stretch | None]) -> None:
        self._read = read
        self._pool = ThreadPoolExecutor(max_workers=1)
        self._next: tuple[tuple[str, int, str | None], Future[Stretch | None]] | None = None

    def stretch(self, node: NodeClient, tips: Tips, *, first: int, parent: str | None) -> Stretch | None:
        """The stretch from `first`; None where there is nothing to read. Raises what the reader raises."""
        if first > tips.head.number:
            return None
        found = self._taken((node.url, first, parent))
        if found is None:
            found = self._read(node, tips, first, parent)
        if found and found.last.number < tips.finalized.number:
            unchanging = Tips(tips.finalized, tips.finalized)
            self._read_on(node, unchanging, found.last.number + 1, found.last.digest)
        return found

    def _taken(self, key: tuple[str, int, str | None]) -> Stretch | None:
        if self._next is None:
            return None
        known, future = self._next
        self._next = None
        # Waited for in any case: there is one reader. What failed is read again, and says so again.
        return future.result() if future.exception() is None and known == key else None

    def _read_on(self, node: NodeClient, tips: Tips, first: int, parent: str) -> None:
        future = self._pool.submit(self._read, node, tips, first, parent)
        self._next = ((node.url, first, parent), future)


def follower_current() -> Follower:
    """A follower of the configured contracts on the nodes at RPC_URL. Raises NetworkUnknown."""
    return Follower(deployment_current(), client())


def follow_to_head(follower: Follower | None = None) -> Step:
    """Read up to the node's head and stop there; the last step of it. Raises what a follower raises."""
    follower = follower or follower_current()
    follower.check()
    step = follower.step()
    while step.behind:
        step = follower.step()
    cursor_leave(holder=follower.holder)
    return step
