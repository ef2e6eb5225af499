"""Deriving again: the stored logs from the chain, every projected row from the stored logs."""

from collections.abc import Iterator

from django.db import transaction

from marketplace.chain.models import Cursor
from marketplace.chain.nodes import client
from marketplace.chain.projections import Difference, projections
from marketplace.chain.reading import Reader
from marketplace.chain.rows import PLACE, LogRow
from marketplace.chain.selectors import deployment_current, rows_between
from marketplace.chain.services import chain_advance, cursor_get

BLOCKS_AT_ONCE = 2_000
THE_CHAIN = "the chain"


def differences(*, ask_chain: bool) -> Iterator[Difference]:
    """Every difference: of rows from the stored logs and, if asked, of the logs from the chain and of the
    contracts from both. Raises what the node's client raises, and LogsInconsistent."""
    for projection in projections():
        yield from projection.differences()
    if ask_chain:
        yield from logs_against_chain()
        for projection in projections():
            yield from projection.against_chain()


def logs_against_chain() -> Iterator[Difference]:
    """The stored logs up to the last block read, against those a node has. Raises what the client raises."""
    deployment = deployment_current()
    cursor = cursor_get(deployment=deployment)
    reader = Reader((deployment.escrow, deployment.anchor))
    node, _ = client().newest(cursor.seen)
    for first in range(deployment.block, cursor.seen + 1, BLOCKS_AT_ONCE):
        last = min(first + BLOCKS_AT_ONCE - 1, cursor.seen)
        yield from _differing(rows_between(cursor, first, last), reader.rows(node, first, last))


def _differing(stored: list[LogRow], found: list[LogRow]) -> Iterator[Difference]:
    here, there = ({PLACE(row): row for row in rows} for rows in (stored, found))
    for place in sorted(here.keys() | there.keys()):
        mine, theirs = here.get(place), there.get(place)
        if mine != theirs:
            subject = f"log {place[0]}/{place[1]}"
            yield Difference(subject, THE_CHAIN, "log", mine and mine.name, theirs and theirs.name)


def projections_rebuild() -> list[Difference]:
    """Derive every row anew beside the live ones, then write those that differ in one atomic block.

    Returns what differed. The follower waits meanwhile, and only while those few are written.
    """
    found = [(projection, list(projection.differences())) for projection in projections()]
    with transaction.atomic():
        Cursor.objects.select_for_update().get(pk=cursor_get(deployment=deployment_current()).pk)
        for projection, some in found:
            projection.rebuild(subjects={difference.subject for difference in some})
    return [difference for _, some in found for difference in some]


def logs_forget(*, first: int) -> int:
    """Take back every log from block `first` on and what follows from them: the follower reads them anew.

    Says how many. Raises CursorMoved where a follower is at work.
    """
    cursor = cursor_get(deployment=deployment_current())
    changed = chain_advance(cursor=cursor, fork=first - 1, final=cursor.final, stretch=None)
    return len(changed.removed)
