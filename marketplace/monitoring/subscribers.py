"""What happened, told to agents."""

from collections.abc import Iterable, Iterator, Sequence

from marketplace.accounts.selectors import people_known
from marketplace.activity.models import Activity
from marketplace.activity.subscribers import subscribe
from marketplace.escrow.models import Agreement
from marketplace.jobs.models import Job
from marketplace.monitoring.groups import AGENTS, Push, agent_group, groups_push
from marketplace.monitoring.messages import Message, agreement_changed, bid_changed, job_changed, job_open
from protocol.statuses import JobStatus

WERE_OPEN = (JobStatus.AWARDED, JobStatus.WITHDRAWN, JobStatus.EXPIRED, JobStatus.CLOSED)
"""Agents hear of a job once it has been open; before that it is the designer's alone."""


def activities_tell(activities: Sequence[Activity]) -> None:
    """Push what concerns agents to those it concerns; the rest is nothing to them."""
    groups_push([*_of_jobs(activities), *_of_bids(activities), *_of_printers(activities)])
    groups_push(_of_agreements(activities))


def _of_jobs(activities: Iterable[Activity]) -> Iterator[Push]:
    ids = dict.fromkeys(each.subject_id for each in activities if each.kind.startswith("job."))
    jobs = Job.objects.in_bulk(ids)
    for job in jobs.values():
        if job.status == JobStatus.OPEN:
            yield AGENTS, {"type": "agent.job", "message": job_open(job)}
        elif job.status in WERE_OPEN:
            yield AGENTS, {"type": "agent.say", "message": job_changed(job)}


def _of_bids(activities: Iterable[Activity]) -> Iterator[Push]:
    for each in activities:
        if each.kind == "bid.changed":
            yield _said(each.data["provider"], bid_changed(each.data))


def _of_printers(activities: Iterable[Activity]) -> Iterator[Push]:
    for each in activities:
        if each.kind == "printer.registered":
            yield agent_group(each.actor), {"type": "agent.registered"}


def _of_agreements(activities: Iterable[Activity]) -> Iterator[Push]:
    """Of providers known here: nobody else can be listening."""
    providers = {
        each.subject_id: each.data["provider"] for each in activities if each.kind.startswith("agreement.")
    }
    known = people_known(providers.values())
    concerned = {agreement: who for agreement, who in providers.items() if who in known}
    rows = Agreement.objects.in_bulk(concerned)
    for agreement, provider in concerned.items():
        yield _said(provider, agreement_changed(agreement, rows.get(agreement)))


def _said(address: str, message: Message) -> Push:
    return agent_group(address), {"type": "agent.say", "message": message}


def subscribe_all() -> None:
    """For the app's ready()."""
    subscribe("*", activities_tell)
