"""Bids follow what the logs say about their signers: WITHDRAWN by it, and OPEN again where it goes.

Nothing here is for good: a log that is taken back, or a hot key that is set again, revives what it voided.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet

from marketplace.bidding.authorities import authorities_of, awarded, key_until
from marketplace.bidding.authority_logs import KEPT, authority_logs_keep, authority_row
from marketplace.bidding.models import Bid
from marketplace.bidding.news import bid_changed_record
from marketplace.bidding.void_rules import Void, void_of
from marketplace.chain.handlers import Changed
from marketplace.chain.parts import in_parts
from marketplace.chain.selectors import chain_now
from protocol.statuses import BidStatus
from protocol.units import seconds_of

FOLLOWING = (BidStatus.OPEN, BidStatus.WITHDRAWN)


def authority_follow(*, changed: Changed) -> None:
    """Keep what these logs say, and let the bids that they concern follow. Twice changes nothing.

    A log is looked at again once it is final: a bid that came in the moment it was read follows then.
    """
    authority_logs_keep(removed=changed.removed, added=changed.added)
    logs = (*changed.removed, *changed.added, *changed.final)
    named = {authority_row(log).provider for log in logs if log.name in KEPT}
    # An award lowers what a hot key may still lock.
    locking = Bid.objects.exclude(signer=F("provider"))
    for some in in_parts(changed.agreements):
        named |= set(locking.filter(pk__in=some).values_list("provider", flat=True))
    if named:
        bids_follow(bids=Bid.objects.filter(provider__in=named))


def bids_follow(*, bids: QuerySet[Bid]) -> int:
    """Withdraw those of these OPEN bids that the escrow would not award for their signer or epoch; open those
    again that it would. Says how many changed. What is over or awarded stays as it is."""
    now = chain_now()
    with transaction.atomic():
        return sum(_move(bid, columns) for bid, columns in columns_of(following(bids, now), now))


def following(bids: QuerySet[Bid], now: datetime) -> list[Bid]:
    """Those of them that can still be awarded or revived."""
    waiting = bids.filter(status__in=FOLLOWING, valid_until__gte=now)
    # By the logs: while a move of the follower is handled, agreements are not projected yet.
    bound = {bid.pk for bid, _ in awarded(waiting)}
    return [bid for bid in waiting if bid.pk not in bound]


def columns_of(bids: Sequence[Bid], now: datetime) -> Iterator[tuple[Bid, dict[str, Any]]]:
    """Each of these bids with the columns that the logs decide at this time."""
    held = authorities_of([(bid.terms, bid.signer) for bid in bids])
    for bid, each in zip(bids, held, strict=True):
        void = void_of(bid.terms, each, seconds_of(now))
        status = BidStatus.WITHDRAWN if void else BidStatus.OPEN
        yield bid, {"status": status, "void": void or "", "key_until": key_until(bid.terms, each)}


def _move(bid: Bid, columns: dict[str, Any]) -> bool:
    """Claimed by a conditional update, so that follower and sweep never both tell of it."""
    if all(getattr(bid, name) == value for name, value in columns.items()):
        return False
    claimed = Bid.objects.filter(pk=bid.pk, status=bid.status).update(**columns) == 1
    news = claimed and bid.status != columns["status"]
    if news:
        bid_changed_record(bid, columns["status"])
    return news


def bids_follow_time() -> int:
    """Withdraw OPEN bids whose hot key's time is over, and open those for which a reorganisation set the
    chain's time back. Says how many changed."""
    now = chain_now()
    over = Q(status=BidStatus.OPEN, key_until__lt=now)
    again = Q(status=BidStatus.WITHDRAWN, void=Void.SIGNER, key_until__gte=now)
    return bids_follow(bids=Bid.objects.filter(over | again))
