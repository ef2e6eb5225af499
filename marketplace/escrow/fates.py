"""What became of people's transactions, in words, and what they may be noted to be about."""

from typing import Any

from django.db.models import Q

from marketplace.bidding.models import Bid
from marketplace.chain.fate_rules import Fate
from marketplace.chain.models import SentTransaction
from marketplace.escrow.errors import ADVICE
from marketplace.escrow.selectors import agreement_near

SUBJECT = "agreement:"
FORGOTTEN_TEXT = (
    "The node has not known it for an hour: look in your wallet whether it was sent. If it was, note it "
    "again."
)


def fate_json(sent: SentTransaction) -> dict[str, Any]:
    """A fate as the API shows it."""
    return {
        "hash": sent.digest,
        "step": sent.label or None,
        "agreement": sent.subject.removeprefix(SUBJECT) or None,
        "status": sent.status,
        "settled": sent.settled,
        "summary": fate_text(sent),
        "block": sent.block,
        "replaced_by": sent.replaced_by or None,
        "error": {"name": sent.error, "args": sent.error_args} if sent.error else None,
        "noted_at": sent.noted_at,
        "changed_at": sent.changed_at,
    }


def fate_text(sent: SentTransaction) -> str:
    """What became of a transaction, in words for a person."""
    if sent.status == Fate.FAILED:
        return f"It failed in block {sent.block}, and only gas was spent. {_failure(sent.error)}"
    if sent.status == Fate.REPLACED:
        other = f", {sent.replaced_by}" if sent.replaced_by else ""
        return f"Another transaction of your wallet took its place{other}. This one is void."
    return {
        Fate.PENDING: "Sent, and waiting for a block.",
        Fate.MINED: f"In block {sent.block}, which the chain has not finalised yet.",
        Fate.FINAL: f"In block {sent.block}, for good.",
        Fate.FORGOTTEN: FORGOTTEN_TEXT,
    }[Fate(sent.status)]


def _failure(name: str) -> str:
    if not name:
        return "The node cannot say why: it may have run out of gas, or another step came first."
    return ADVICE.get(name, f"The reason is {name}.")


def subject_of(agreement: str | None, person: str) -> str:
    """What a transaction is about, which must be the person's to know of. Raises Http404."""
    if agreement is None:
        return ""
    bids = Bid.objects.filter(Q(job__designer=person) | Q(provider=person), pk=agreement)
    if not bids.exists():
        agreement_near(agreement, person)
    return SUBJECT + agreement
