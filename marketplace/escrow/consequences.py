"""What an agreement's row means for its bid, its job and the designs. Inside the caller's atomic block.

Only what a later log may undo follows logs as they are seen: bids are LOST and jobs CLOSED once the logs
behind that are final. Under a mandate they stay open: if an agreement fails, the next one is awarded.
"""

from collections.abc import Iterable

from marketplace.bidding.services import bid_award, bid_reopen, bids_lose
from marketplace.designs.services import design_grant_revoke
from marketplace.escrow.mandate_selectors import keeps_bids
from marketplace.escrow.models import Agreement
from marketplace.escrow.selectors import agreement_projection, job_units, refusal_now
from marketplace.jobs.models import Job
from marketplace.jobs.services import job_award, job_close, job_grant, job_reopen
from marketplace.providers.models import Provider
from marketplace.providers.selectors import providers_registered
from marketplace.providers.services import provider_record
from protocol.statuses import AgreementStatus, How, JobStatus

COMPLETED = (How.RELEASED, How.REDEEMED, How.CLAIMED)
FAILED = (How.REFUNDED, How.REAWARDED)


def bid_follow(*, agreement: Agreement, gone: bool) -> None:
    """The bid is AWARDED while there is an agreement, OPEN again when a reorganisation took it back."""
    if gone:
        bid_reopen(agreement=agreement.pk)
    else:
        bid_award(agreement=agreement.pk)


def job_follow(*, job: Job) -> None:
    """The job is AWARDED while all units are under live or fulfilled agreements, CLOSED once all are made."""
    job, units = Job.objects.select_for_update().get(pk=job.pk), job_units(job)
    if units.bound < job.quantity:
        job_reopen(job=job)
        return
    job_award(job=job)
    if job.status == JobStatus.AWARDED and units.bound_finally >= job.quantity and not keeps_bids(job):
        bids_lose(job=job.pk)
    if units.made_finally >= job.quantity and job_close(job=job):
        bids_lose(job=job.pk)


def providers_follow(*, addresses: Iterable[str]) -> None:
    """The counters of providers registered here."""
    for provider in providers_registered(addresses):
        _provider_follow(provider)


def _provider_follow(provider: str) -> None:
    """The provider's counters, as the contract keeps them, by what is final: where a bond was locked."""
    # Who counts later counts also what was final sooner: one at a time.
    Provider.objects.select_for_update(no_key=True).filter(pk=provider).first()
    closed = Agreement.objects.filter(provider=provider, final_status=AgreementStatus.CLOSED)
    bonded = closed.exclude(terms__bond="0")
    completed, failed = (bonded.filter(how__in=hows).count() for hows in (COMPLETED, FAILED))
    provider_record(address=provider, completed=completed, failed=failed)


def grant_follow(*, agreement: Agreement, gone: bool) -> bool:
    """Give the winner the designs, or take them back. Whether they were given just now."""
    projection = None if gone else agreement_projection(agreement.pk)
    if projection and agreement.job and refusal_now(projection) is None:
        return _grant(agreement, agreement.job)
    Agreement.objects.filter(pk=agreement.pk, granted=True).update(granted=False)
    design_grant_revoke(agreement=agreement.pk)
    return False


def _grant(agreement: Agreement, job: Job) -> bool:
    """Claimed by a conditional update, so that handler and sweep never both announce it."""
    if not Agreement.objects.filter(pk=agreement.pk, granted=False).update(granted=True):
        return False
    job_grant(job=job, provider=agreement.provider, agreement=agreement.pk)
    return True
