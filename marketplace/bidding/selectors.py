"""Reading bids: who may see which, and their ranking, computed anew at each reading."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from marketplace.bidding.errors import BidPrinterUnfit, BidUnknownPrinter
from marketplace.bidding.models import Bid, Decline
from marketplace.bidding.rules import Market, Wanted
from marketplace.bidding.void_rules import Void
from marketplace.chain.selectors import deployment_current
from marketplace.jobs.models import Job
from marketplace.matching.engine import BidColumns, Ranked, rank
from marketplace.matching.selectors import spec_for, timing_of
from marketplace.providers.models import Printer
from marketplace.providers.selectors import printer_of
from protocol.capability import Capability
from protocol.jobspec import unfit
from protocol.statuses import BidStatus, JobStatus
from protocol.terms import Bid as Terms
from protocol.typed import escrow_domain
from protocol.units import Wei, address_of, digest_of, hex_of

DECIDED = (BidStatus.OPEN, BidStatus.AWARDED, BidStatus.LOST)
"""What is ranked once a job is no longer open; while it is, only what can still be awarded."""


def market() -> Market:
    """What this marketplace deals in, from its settings and deployment. Raises NetworkUnknown."""
    deployed = deployment_current()
    return Market(
        domain=escrow_domain(deployed.chain_id, address_of(deployed.escrow)),
        arbiters=frozenset(settings.ARBITERS),
        fee_bps=settings.FEE_BPS,
        fee_to=settings.FEE_TO,
    )


def wanted_of(job: Job) -> Wanted:
    """What a bid on this job must answer."""
    return Wanted(designer=job.designer_id, job_digest=digest_of(job.job_digest), quantity=job.quantity)


def printer_for(bid: Terms, job: Job) -> Printer:
    """The bidder's own printer, able to make the job. Raises BidUnknownPrinter, BidPrinterUnfit."""
    printer = printer_of(hex_of(bid.printer))
    if printer is None or printer.provider_id != bid.provider:
        raise BidUnknownPrinter(
            "You have registered no printer with this digest: register its profile first."
        )
    if not printer.current:
        raise BidUnknownPrinter("This printer has a newer profile since: bid with the newer one's digest.")
    reasons = unfit(Capability.from_json(printer.capability), spec_for(job))
    if reasons:
        raise BidPrinterUnfit(" ".join(reasons), {"bid.printer": list(reasons)})
    return printer


@dataclass(frozen=True)
class Standing:
    """A bid and where it stands; no rank or score for one that is out. `price` is for the whole job.

    `void` says why it is WITHDRAWN; `expected_seconds` is how long its printer prints, by estimate and pace.
    """

    bid: Bid
    status: BidStatus
    price: Wei
    over_budget: bool
    void: Void | None = None
    rank: int | None = None
    score: float | None = None
    parts: dict[str, float] = field(default_factory=dict)
    expected_seconds: int | None = None

    @property
    def is_tight(self) -> bool:
        """Whether printing alone is expected to take longer than the bid promises."""
        return (self.expected_seconds or 0) > self.bid.make_time


def standings_of(job: Job, now: datetime) -> list[Standing]:
    """Every bid on a job: the ranked best first, then those that are out."""
    bids = list(Bid.objects.filter(job=job).select_related("provider", "printer"))
    timing = timing_of(job, now)
    statuses = {bid.pk: _status(bid, now) for bid in bids}
    ranked = (BidStatus.OPEN,) if job.status == JobStatus.OPEN else DECIDED
    places = {place.id: place for place in rank(_columns(job, [b for b in bids if statuses[b.pk] in ranked]))}
    standings = [
        replace(
            _standing(job, bid, statuses[bid.pk], places.get(bid.pk)),
            expected_seconds=timing.expected(bid.printer.pace),
        )
        for bid in bids
    ]
    return sorted(standings, key=lambda one: (one.rank is None, one.rank or 0, one.bid.received_at))


def _status(bid: Bid, now: datetime) -> BidStatus:
    """As stored, but for readers time has done what tasks do later, or only once the chain is past it."""
    status = BidStatus(bid.status)
    if status == BidStatus.OPEN and bid.valid_until <= now:
        return BidStatus.EXPIRED
    if status == BidStatus.OPEN and bid.key_until and bid.key_until < now:
        return BidStatus.WITHDRAWN
    return status


def _void(bid: Bid, status: BidStatus) -> Void | None:
    if status != BidStatus.WITHDRAWN:
        return None
    return Void(bid.void) if bid.void else Void.SIGNER


def _columns(job: Job, bids: Sequence[Bid]) -> BidColumns:
    return BidColumns(
        ids=[bid.pk for bid in bids],
        price=[_price(job, bid) for bid in bids],
        make_time_s=[bid.make_time for bid in bids],
        time_left_s=[(job.deadline - bid.received_at).total_seconds() for bid in bids],
        completed=[bid.provider.completed for bid in bids],
        failed=[bid.provider.failed for bid in bids],
        received_at_s=[bid.received_at.timestamp() for bid in bids],
    )


def _price(job: Job, bid: Bid) -> Wei:
    return Wei(int(bid.unit_price) * job.quantity)


def _standing(job: Job, bid: Bid, status: BidStatus, place: Ranked | None) -> Standing:
    price = _price(job, bid)
    known = (bid, status, price, price > int(job.budget_wei), _void(bid, status))
    return Standing(*known, place.rank, place.score, place.parts) if place else Standing(*known)


def standings_for(job: Job, person: str, now: datetime) -> Iterable[Standing]:
    """What a person may see of a job's bids: its designer all, a provider their own with its rank."""
    return [one for one in standings_of(job, now) if person in (job.designer_id, one.bid.provider_id)]


def has_bid(job: UUID, person: str) -> bool:
    """Whether a provider has (or had) a bid on a job."""
    return Bid.objects.filter(job=job, provider=person).exists()


def declines_of(job: Job) -> QuerySet[Decline]:
    """Why providers would not bid, oldest first."""
    return Decline.objects.filter(job=job)
