"""What happened, told to browsers: only its kind and subject; pages fetch the rest themselves."""

from collections.abc import Iterator, Sequence

from marketplace.activity.models import Activity
from marketplace.activity.subscribers import subscribe
from marketplace.bidding.models import Bid
from marketplace.monitoring.groups import HOME, Push, groups_push, job_group

COUNTED = ("job.", "bid.", "agreement.", "printer.")
"""Kinds that change a number on the home page."""


def activities_show(activities: Sequence[Activity]) -> None:
    """Wake the pages of the jobs that activities are about, and the home page where a count changes."""
    groups_push([*_to_jobs(activities), *_to_home(activities)])


def _to_jobs(activities: Sequence[Activity]) -> Iterator[Push]:
    jobs = _jobs_of_agreements([each for each in activities if each.about("agreement")])
    for each in activities:
        if job := each.subject_id if each.about("job") else jobs.get(each.subject_id):
            changed = {"type": "changed", "kind": each.kind, "subject": each.subject}
            yield job_group(job), {"type": "live.changed", "message": changed}


def _jobs_of_agreements(activities: Sequence[Activity]) -> dict[str, str]:
    """By agreement: what its news say, else the job of its bid, which has the agreement's id."""
    said = {each.subject_id: job for each in activities if (job := each.data.get("job"))}
    unsaid = {each.subject_id for each in activities} - said.keys()
    found = Bid.objects.filter(pk__in=unsaid).values_list("pk", "job")
    return said | {bid: str(job) for bid, job in found}


def _to_home(activities: Sequence[Activity]) -> Iterator[Push]:
    for kind in dict.fromkeys(each.kind for each in activities if each.kind.startswith(COUNTED)):
        # Anyone may listen here, so no subject.
        yield HOME, {"type": "live.changed", "message": {"type": "changed", "kind": kind}}


def subscribe_all() -> None:
    """For the app's ready()."""
    subscribe("*", activities_show)
