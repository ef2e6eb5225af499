"""Writing what was read from the chain: each move in one atomic block with the cursor's."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from contracts.artifacts import Deployment
from marketplace.chain.errors import CursorMoved
from marketplace.chain.handlers import Changed, handlers_call
from marketplace.chain.models import Block, Cursor
from marketplace.chain.reading import Stretch
from marketplace.chain.rows import LogRow
from marketplace.chain.selectors import rows_stored
from marketplace.chain.store import logs_insert

# Digests kept below the finalized block, should a chain ever take even that back.
KEPT_BELOW_FINAL = 64
TURN = timedelta(seconds=30)


def cursor_get(*, deployment: Deployment) -> Cursor:
    """The deployment's cursor, standing just before its first block when it is new."""
    before = deployment.block - 1
    cursor, _ = Cursor.objects.get_or_create(
        chain_id=settings.CHAIN_ID, escrow=deployment.escrow, defaults={"seen": before, "final": before}
    )
    return cursor


def cursor_take(*, cursor: Cursor, holder: str) -> bool:
    """Take or keep the turn to follow; False while it is another's. By the database's clock."""
    free = Q(holder=holder) | Q(holder="") | Q(held_until__lt=Now())
    taken = Cursor.objects.filter(free, pk=cursor.pk).update(holder=holder, held_until=Now() + TURN) == 1
    cursor.holder = holder if taken else cursor.holder
    return taken


def cursor_renew(*, cursor: int, holder: str) -> bool:
    """Keep the turn for as long again; False where it is another's by now."""
    return Cursor.objects.filter(pk=cursor, holder=holder).update(held_until=Now() + TURN) == 1


def cursor_leave(*, holder: str) -> None:
    """Let another follower have its turn at once."""
    Cursor.objects.filter(holder=holder).update(holder="", held_until=None)


@transaction.atomic
def chain_advance(*, cursor: Cursor, fork: int, final: int, stretch: Stretch | None) -> Changed:
    """Take back what was read above `fork`, store what was read instead, call final what is up to `final`.

    Handlers are told once of all of it. Raises CursorMoved, having changed nothing.
    """
    seen_before, final_before = cursor.seen, cursor.final
    seen = stretch.last.number if stretch else fork
    _cursor_move(cursor, seen=seen, final=min(final, seen))
    removed = _take_back(cursor, above=fork) if fork < seen_before else []
    added = list(stretch.logs) if stretch else []
    _blocks_keep(cursor, stretch)
    logs_insert(cursor=cursor.pk, rows=added)
    changed = Changed(removed, added, _newly_final(cursor, final_before, fork, added))
    handlers_call(changed=changed)
    _blocks_prune(cursor)
    return changed


def _cursor_move(cursor: Cursor, *, seen: int, final: int) -> None:
    """Guarded by where the cursor stood, and whose turn it was, when it was read. Raises CursorMoved."""
    standing = Cursor.objects.filter(pk=cursor.pk, seen=cursor.seen, final=cursor.final, holder=cursor.holder)
    if standing.update(seen=seen, final=final) != 1:
        raise CursorMoved
    cursor.seen, cursor.final = seen, final


def _take_back(cursor: Cursor, *, above: int) -> list[LogRow]:
    """Delete the logs and digests of the blocks that are gone."""
    gone = cursor.logs.filter(block__gt=above)
    rows = rows_stored(gone)
    gone.delete()
    cursor.blocks.filter(number__gt=above).delete()
    return rows


def _newly_final(cursor: Cursor, before: int, fork: int, added: list[LogRow]) -> list[LogRow]:
    """The logs that are final now and were not `before`: those stored earlier, and those of now."""
    earlier = cursor.logs.filter(block__gt=before, block__lte=min(cursor.final, fork))
    return rows_stored(earlier) + [row for row in added if row.block <= cursor.final]


def _blocks_keep(cursor: Cursor, stretch: Stretch | None) -> None:
    blocks = [
        Block(cursor=cursor, number=head.number, digest=head.digest, parent=head.parent, time=head.time)
        for head in (stretch.blocks if stretch else ())
    ]
    Block.objects.bulk_create(blocks, ignore_conflicts=True)


def _blocks_prune(cursor: Cursor) -> None:
    """Drop digests no reorganisation can reach any more."""
    below = Block.objects.filter(cursor=cursor, number__lte=cursor.final).order_by("-number")
    oldest = below.values_list("number", flat=True)[KEPT_BELOW_FINAL : KEPT_BELOW_FINAL + 1].first()
    if oldest is not None:
        Block.objects.filter(cursor=cursor, number__lte=oldest).delete()
