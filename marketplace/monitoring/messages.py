"""What agents are told. All are wake-ups: what is missed is found over REST and on the chain."""

from typing import Any

from django.utils import timezone

from marketplace.escrow.models import Agreement
from marketplace.jobs.models import Job
from marketplace.jobs.selectors import jobs_open
from protocol.statuses import AgreementStatus
from protocol.units import seconds_of

Message = dict[str, Any]
JOBS_LIMIT = 1_000
"""Open jobs sent to an agent that connects; more are found over REST."""


def hello() -> Message:
    """The first message: our clock."""
    return {"type": "hello", "time": seconds_of(timezone.now())}


def jobs_open_now() -> list[Message]:
    """Every job that takes bids, oldest first."""
    return [job_open(job) for job in jobs_open(timezone.now())[:JOBS_LIMIT]]


def job_open(job: Job) -> Message:
    """One open job, with all a bidder needs."""
    body = {
        "id": str(job.pk),
        "spec": job.spec,
        "salt": job.salt_text,
        "job_digest": job.job_digest,
        "shown": job.shown,
        "bids_close_at": job.bids_close_at.isoformat().replace("+00:00", "Z"),
    }
    return {"type": "job.open", "job": body}


def job_changed(job: Job) -> Message:
    """A job's status, as it is now."""
    return {"type": "job.changed", "job": str(job.pk), "status": job.status}


def bid_changed(data: Message) -> Message:
    """A bid's status, from its activity."""
    return {"type": "bid.changed", "bid": data["bid"], "status": data["status"]}


def agreement_changed(agreement: str, found: Agreement | None) -> Message:
    """An agreement as it is now; NONE once a reorganisation removed it."""
    return {
        "type": "agreement.changed",
        "agreement": agreement,
        "status": found.status if found else AgreementStatus.NONE.value,
        "final": bool(found and found.status == found.final_status),
        "grant": bool(found and found.granted),
    }
