"""A job's mandates as its designer reads them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marketplace.bidding.operator import operator_address
from marketplace.escrow.mandate_rules import MandateStatus
from marketplace.escrow.mandate_selectors import mandate_json, mandates_of
from marketplace.pages.selectors import JobPage
from protocol.mandate import Mandate
from protocol.statuses import JobStatus


@dataclass(frozen=True)
class MandateCard:
    """Limits that were signed, what is used of them, and what the dispatcher waits for."""

    id: str
    limits: Mandate
    status: str
    used: int
    units: int
    valid_until: datetime
    waiting: dict[str, Any]
    awards: list[dict[str, Any]]

    @property
    def live(self) -> bool:
        """Whether it can still be used, now or when units come back."""
        return self.status in (MandateStatus.ACTIVE, MandateStatus.USED_UP)

    @property
    def waits(self) -> str:
        """Why nothing is awarded now; nothing where its status says it."""
        return str(self.waiting.get("text", "")) if self.status == MandateStatus.ACTIVE else ""

    @property
    def missing(self) -> int:
        """What the free balance lacks for the best bid, in wei."""
        return int(self.waiting.get("deposit", 0)) if self.status == MandateStatus.ACTIVE else 0

    @property
    def deposit_body(self) -> str:
        return json.dumps({"amount": str(self.missing)})

    @property
    def revoke_body(self) -> str:
        return json.dumps({"mandate": self.limits.to_json()})


def mandate_cards(page: JobPage) -> Iterator[MandateCard]:
    """Those of a job, newest first; nobody's but its designer's."""
    if not page.own:
        return
    for row in mandates_of(page.viewer).filter(job=page.job):
        told = mandate_json(row)
        yield MandateCard(
            id=row.pk,
            limits=row.terms,
            status=told["status"],
            used=told["used"],
            units=told["units"],
            valid_until=row.valid_until,
            waiting=told["waiting_for"] or {},
            awards=told["awards"],
        )


def mandates_shown(page: JobPage) -> dict[str, Any]:
    """What the section shows; a mandate is offered where none lives and somebody could use it.

    While one is at work the page asks again by itself: others who watch the job are not told of mandates.
    """
    cards = list(mandate_cards(page))
    offered = page.own and page.job.status == JobStatus.OPEN and operator_address() is not None
    return {
        "mandates": cards,
        "may_dispatch": offered and not any(card.live for card in cards),
        "at_work": any(card.status == MandateStatus.ACTIVE for card in cards),
    }
