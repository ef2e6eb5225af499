"""Writing activity."""

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
    check_words(kind, subject)
    if not transaction.get_connection().in_atomic_block:
        raise ActivityOutsideAtomicBlock
    activity = Activity.objects.create(kind=kind, subject=subject, actor=actor or "", data=data or {})
    transaction.on_commit(partial(subscribers_wake, activity))
    return activity
