"""What follows from the chain alone: read, dropped, and followed anew."""

from __future__ import annotations

from io import StringIO
from typing import Any

from django.core.management import call_command
from django.utils import timezone

from marketplace.bidding.models import Bid
from marketplace.chain.follower import Follower, follow_to_head
from marketplace.chain.models import Block, Cursor, Log
from marketplace.chain.nodes import client
from marketplace.chain.rules import Span
from marketplace.chain.selectors import deployment_current
from marketplace.designs.models import Grant
from marketplace.escrow.models import Agreement
from marketplace.escrow.tasks import grant
from marketplace.jobs.models import Job
from marketplace.providers.models import Provider
from protocol.statuses import BidStatus, JobStatus

Rows = dict[str, list[Any]]


def projected() -> Rows:
    """Every row or column that the chain decides."""
    logs = Log.objects.order_by("block", "log_index").values()
    return {
        "logs": [{**row, "id": None, "cursor_id": None} for row in logs],
        "agreements": list(Agreement.objects.order_by("pk").values()),
        "bids": list(Bid.objects.order_by("pk").values_list("pk", "status")),
        "jobs": list(Job.objects.order_by("pk").values_list("pk", "status")),
        "providers": list(Provider.objects.order_by("pk").values_list("pk", "completed", "failed")),
        "grants": sorted(Grant.objects.filter(revoked_at=None).values_list("agreement", "design")),
    }


def empty() -> None:
    """Drop all of it. A bid that LOST stays lost: that was said for good, when something else was final."""
    for model in (Agreement, Log, Block, Cursor):
        model.objects.all().delete()
    Bid.objects.filter(status=BidStatus.AWARDED).update(status=BidStatus.OPEN)
    Job.objects.filter(status__in=[JobStatus.AWARDED, JobStatus.CLOSED]).update(status=JobStatus.OPEN)
    Provider.objects.update(completed=0, failed=0)
    Grant.objects.filter(revoked_at=None).update(revoked_at=timezone.now())


def equals_a_fresh_follow(*, blocks_at_once: int = 1_000) -> None:
    """The rows are what the chain says, and following it from its first block makes the same ones."""
    grant()
    call_command("chain_check", stdout=StringIO())
    followed = projected()
    empty()
    follower = Follower(deployment_current(), client(), Span(blocks=blocks_at_once, largest=blocks_at_once))
    while follower.step().behind:
        pass
    grant()
    assert projected() == followed


def follow() -> None:
    """To the head of the chain, and what time alone brings about."""
    follow_to_head()
    grant()
