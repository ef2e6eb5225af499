"""What happened, told to browsers: only its kind and subject; pages fetch the rest themselves."""

from marketplace.activity.models import Activity
from marketplace.activity.subscribers import subscribe
from marketplace.bidding.models import Bid
from marketplace.monitoring.groups import HOME, group_push, job_group

COUNTED = ("job.", "bid.", "agreement.", "printer.")
"""Kinds that change a number on the home page."""


def activity_show(activity: Activity) -> None:
    """Wake the pages of the job an activity is about, and the home page where a count changes."""
    if job := _job_of(activity):
        changed = {"type": "changed", "kind": activity.kind, "subject": activity.subject}
        group_push(job_group(job), {"type": "live.changed", "message": changed})
    if activity.kind.startswith(COUNTED):
        # Anyone may listen here, so no subject.
        group_push(HOME, {"type": "live.changed", "message": {"type": "changed", "kind": activity.kind}})


def _job_of(activity: Activity) -> str | None:
    entity, _, id_ = activity.subject.partition(":")
    if entity == "job":
        return id_
    if entity == "agreement":
        known = activity.data.get("job") or Bid.objects.filter(pk=id_).values_list("job", flat=True).first()
        return str(known) if known else None
    return None


def subscribe_all() -> None:
    """For the app's ready()."""
    subscribe("*", activity_show)
