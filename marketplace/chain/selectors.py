"""What is known of the chain without asking the node."""

from dataclasses import dataclass
from datetime import datetime

import orjson
from django.conf import settings
from django.db.models import F, QuerySet
from django.utils import timezone

from contracts.artifacts import Deployment, DeploymentDamaged, UnknownDeployment, deployment
from marketplace.chain.errors import NetworkUnknown
from marketplace.chain.models import Block, Cursor, Log
from marketplace.chain.rows import LogRow


@dataclass(frozen=True)
class Followed:
    """How far the follower has come: the last block read and finalised, and the time of the former."""

    head: int
    finalized: int
    time: datetime | None


def deployment_current() -> Deployment:
    """The contracts this marketplace works with. Raises NetworkUnknown."""
    try:
        return deployment(settings.CHAIN_ID, settings.DEPLOYMENTS_DIR)
    except (UnknownDeployment, DeploymentDamaged) as error:
        raise NetworkUnknown(f"{error} Its folder is set by DEPLOYMENTS_DIR.") from error


def followed() -> Followed | None:
    """Where the follower stands on this escrow; None before its first step. Raises NetworkUnknown."""
    escrow = deployment_current().escrow
    cursor = Cursor.objects.filter(chain_id=settings.CHAIN_ID, escrow=escrow).first()
    if cursor is None:
        return None
    newest = Block.objects.filter(cursor=cursor).order_by("-number").first()
    return Followed(cursor.seen, cursor.final, newest.time if newest else None)


def chain_now() -> datetime:
    """The time that deadlines run by, as far as known without asking: ours, or a chain's that is ahead."""
    where = followed()
    return max(timezone.now(), where.time) if where and where.time else timezone.now()


def final_time() -> datetime | None:
    """The time of the newest final block read; none before it can change. Raises NetworkUnknown."""
    final = Block.objects.filter(
        cursor__chain_id=settings.CHAIN_ID,
        cursor__escrow=deployment_current().escrow,
        number__lte=F("cursor__final"),
    )
    newest = final.order_by("-number").first()
    return newest.time if newest else None


def follower_lag(head: int) -> int | None:
    """Blocks between the node's head and the last one read; None before the first step."""
    where = followed()
    return None if where is None else max(0, head - where.head)


def logs_of(agreement: str) -> QuerySet[Log]:
    """Every stored log of one agreement, in chain order."""
    return Log.objects.filter(agreement=agreement).order_by("block", "log_index")


def rows_stored(logs: QuerySet[Log]) -> list[LogRow]:
    """The logs of a query as they were read, in chain order."""
    ordered = logs.order_by("block", "log_index").values(*LogRow._fields)
    return [LogRow(**row | {"topics": orjson.dumps(row["topics"]).decode()}) for row in ordered]


def rows_between(cursor: Cursor, first: int, last: int) -> list[LogRow]:
    """The stored logs of blocks first..last as they were read, in chain order."""
    return rows_stored(cursor.logs.filter(block__gte=first, block__lte=last))


def block_kept(cursor: Cursor, number: int) -> str | None:
    """The digest of a block that was read, if it is kept."""
    return cursor.blocks.filter(number=number).values_list("digest", flat=True).first()
