"""Writing what was read from the chain: block by block, each in one atomic block with the cursor's move."""

from collections.abc import Sequence

from django.conf import settings
from django.db import transaction

from contracts.artifacts import Deployment
from marketplace.chain.errors import CursorMoved
from marketplace.chain.handlers import handlers_call
from marketplace.chain.models import Block, Cursor, Log

# Digests kept below the finalized block, should a chain ever take even that back.
KEPT_BELOW_FINAL = 64


def cursor_get(*, deployment: Deployment) -> Cursor:
    """The escrow's cursor, standing just before its first block when it is new."""
    before = deployment.block - 1
    cursor, _ = Cursor.objects.get_or_create(
        chain_id=settings.CHAIN_ID, escrow=deployment.escrow, defaults={"seen": before, "final": before}
    )
    return cursor


def _cursor_move(cursor: Cursor, *, seen: int, final: int) -> None:
    """Guarded by where the cursor stood when this follower read it. Raises CursorMoved."""
    standing = Cursor.objects.filter(pk=cursor.pk, seen=cursor.seen, final=cursor.final)
    if standing.update(seen=seen, final=final) != 1:
        raise CursorMoved
    cursor.seen, cursor.final = seen, final


def _block_keep(cursor: Cursor, block: Block) -> None:
    Block.objects.update_or_create(
        cursor=cursor, number=block.number, defaults={"digest": block.digest, "time": block.time}
    )


@transaction.atomic
def block_see(*, cursor: Cursor, block: Block, logs: Sequence[Log], seen: int) -> None:
    """Store a block's new logs in order, tell the handlers, and move the cursor up to `seen`."""
    _cursor_move(cursor, seen=seen, final=cursor.final)
    _block_keep(cursor, block)
    for log in logs:
        log.save(force_insert=True)
        handlers_call(log=log, change="seen")


@transaction.atomic
def block_finalise(*, cursor: Cursor, number: int, block: Block | None, logs: Sequence[Log]) -> None:
    """Mark a block's logs final, tell the handlers, and move the cursor's final block up to `number`."""
    _cursor_move(cursor, seen=cursor.seen, final=number)
    if block is not None:
        _block_keep(cursor, block)
    for log in logs:
        log.final = True
        log.save(update_fields=["final"])
        handlers_call(log=log, change="final")


@transaction.atomic
def block_remove(*, cursor: Cursor, seen: int, logs: Sequence[Log]) -> None:
    """Take logs back, newest first, tell the handlers, and move the cursor down to `seen`."""
    _cursor_move(cursor, seen=seen, final=min(cursor.final, seen))
    Block.objects.filter(cursor=cursor, number__gt=seen).delete()
    for log in logs:
        Log.objects.filter(pk=log.pk).delete()
        handlers_call(log=log, change="removed")


def blocks_prune(*, cursor: Cursor) -> None:
    """Drop digests no reorganisation can reach any more."""
    below = Block.objects.filter(cursor=cursor, number__lte=cursor.final).order_by("-number")
    oldest = below.values_list("number", flat=True)[KEPT_BELOW_FINAL : KEPT_BELOW_FINAL + 1].first()
    if oldest is not None:
        Block.objects.filter(cursor=cursor, number__lte=oldest).delete()
