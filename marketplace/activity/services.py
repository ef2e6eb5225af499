"""Writing activity."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.db import transaction

from marketplace.activity.models import Activity
from marketplace.activity.rules import ActivityOutsideAtomicBlock, check_words
from marketplace.activity.subscribers import subscribers_wake


def activity_record(
    *, kind: str, subject: str, actor: str | None = None, data: dict[str, Any] | None = None
) -> Activity:
    """Add one row inside the caller's atomic block; subscribers are woken when that block commits.

    Raises ActivityMalformed, ActivityOutsideAtomicBlock.
    """
    activity = Activity(kind=kind, subject=subject, actor=actor or "", data=data or {})
    activities_record(activities=[activity])
    return activity


def activities_record(*, activities: Iterable[Activity]) -> None:
    """The same of several rows that happened together, in their order."""
    activities = list(activities)
    for activity in activities:
        check_words(activity.kind, activity.subject)
    if not transaction.get_connection().in_atomic_block:
        raise ActivityOutsideAtomicBlock
    if activities:
        Activity.objects.bulk_create(activities)
        transaction.on_commit(partial(subscribers_wake, activities))
