"""What happened, told to agents."""

from marketplace.activity.models import Activity
from marketplace.activity.subscribers import subscribe
from marketplace.jobs.models import Job
from marketplace.monitoring.groups import AGENTS, agent_group, group_push
from marketplace.monitoring.messages import agreement_changed, bid_changed, job_changed, job_open
from protocol.statuses import JobStatus

WERE_OPEN = (JobStatus.AWARDED, JobStatus.WITHDRAWN, JobStatus.EXPIRED, JobStatus.CLOSED)
"""Agents hear of a job once it has been open; before that it is the designer's alone."""


def activity_tell(activity: Activity) -> None:
    """Push what concerns agents to those it concerns; the rest is nothing to them."""
    entity, _, id_ = activity.subject.partition(":")
    if activity.kind.startswith("job."):
        _job_tell(Job.objects.get(pk=id_))
    elif activity.kind == "bid.changed":
        _say(activity.data["provider"], bid_changed(activity.data))
    elif activity.kind == "printer.registered":
        group_push(agent_group(activity.actor), {"type": "agent.registered"})
    elif entity == "agreement" and activity.kind.startswith("agreement."):
        _say(activity.data["provider"], agreement_changed(id_))


def _job_tell(job: Job) -> None:
    if job.status == JobStatus.OPEN:
        group_push(AGENTS, {"type": "agent.job", "message": job_open(job)})
    elif job.status in WERE_OPEN:
        group_push(AGENTS, {"type": "agent.say", "message": job_changed(job)})


def _say(address: str, message: dict[str, object]) -> None:
    group_push(agent_group(address), {"type": "agent.say", "message": message})


def subscribe_all() -> None:
    """For the app's ready()."""
    subscribe("*", activity_tell)
