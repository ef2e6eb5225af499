"""Bids that can be bound: the one to award, and the standby that may take over from it."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import Http404

from marketplace.bidding.models import Bid
from marketplace.escrow.errors import BidNotAwardable, StandbyUnknown, StepRefused
from marketplace.escrow.mandate_selectors import units_dispatched
from marketplace.escrow.models import Agreement
from marketplace.escrow.rules import NO_STANDBY
from marketplace.escrow.selectors import job_units
from protocol.statuses import BidStatus, JobStatus
from protocol.terms import Bid as Terms
from protocol.units import ZERO_DIGEST, Address, Digest, address_of, bytes_of, digest_of


@dataclass(frozen=True)
class Offer:
    """A bid as the contract takes it."""

    terms: Terms
    signature: bytes
    signer: Address


@dataclass(frozen=True)
class Target:
    """A bid about to be bound, for how many units, with which standby."""

    row: Bid
    offer: Offer
    units: int
    standby: Digest

    @property
    def price(self) -> int:
        return int(self.offer.terms.unit_price) * self.units


def offer_of(bid: Bid) -> Offer:
    """What was received."""
    return Offer(bid.terms, bytes_of(bid.signature), address_of(bid.signer))


def award_target(bid: str, person: str, wanted: dict[str, Any]) -> Target:
    """A bid on one's own job, for all units that are left unless told.

    Raises Http404, BidNotAwardable, StandbyUnknown.
    """
    found = _open_bid(bid, Q(job__designer=person))
    units = _units(found, wanted.get("units"))
    return Target(found, offer_of(found), units, _standby(found, wanted.get("standby"), units))


def consented_target(bid: str, person: str, units: int, standby: Digest) -> Target:
    """A bid that its designer consented to award, for both. Raises Http404, BidNotAwardable."""
    found = _open_bid(bid, Q(job__designer=person) | Q(provider=person))
    return Target(found, offer_of(found), _units(found, units), standby)


def _units(bid: Bid, wanted: int | None) -> int:
    """As many as wanted or as are left; a consent may be older than another award. Raises BidNotAwardable."""
    coming = units_dispatched(bid.job)
    left = bid.job.quantity - job_units(bid.job).bound - coming
    if coming and (wanted or 1) > left:
        raise BidNotAwardable(
            f"The dispatcher is awarding {coming} of the job's units under your mandate: wait, or revoke it."
        )
    if (wanted or left) > left:
        raise BidNotAwardable(f"The job has {left} units left: award at most as many.")
    return wanted or left


def _open_bid(bid: str, whose: Q) -> Bid:
    found = Bid.objects.filter(whose, pk=bid).select_related("job").first()
    if found is None:
        raise Http404
    if found.job.status != JobStatus.OPEN:
        raise BidNotAwardable(f"The job is {found.job.status}: only bids on an OPEN job can be awarded.")
    if found.status != BidStatus.OPEN:
        raise BidNotAwardable(f"The bid is {found.status}: choose an OPEN one.")
    return found


def _standby(bid: Bid, standby: str | None, units: int) -> Digest:
    """Only a standby that could take over is named. Raises StandbyUnknown."""
    if standby is None:
        return ZERO_DIGEST
    other = Bid.objects.filter(pk=standby, job=bid.job, status=BidStatus.OPEN).first()
    if other is None or other.provider_id == bid.provider_id or other.terms.token != bid.terms.token:
        raise StandbyUnknown(
            "The standby must be an open bid of another provider on this job, in the same token."
        )
    terms, pot = other.terms, int(bid.unit_price) * units + int(bid.bond)
    if not terms.min_units <= units <= terms.max_units:
        raise StandbyUnknown(
            f"The standby's bid is for {terms.min_units} to {terms.max_units} units, not {units}."
        )
    if int(terms.unit_price) * units > pot:
        raise StandbyUnknown(
            "The standby costs more than the price and the bond together: name a cheaper one."
        )
    return digest_of(standby)


def standby_offer(row: Agreement) -> Offer:
    """The bid that an agreement names as its standby. Raises StepRefused, StandbyUnknown."""
    if row.standby == NO_STANDBY:
        raise StepRefused("NotStandby")
    found = Bid.objects.filter(pk=row.standby).first()
    if found is None:
        raise StandbyUnknown("The standby's bid was never received here: ask its provider to send this step.")
    return offer_of(found)
