"""What other apps' news sets in motion here."""

from collections.abc import Sequence

from marketplace.activity.models import Activity
from marketplace.jobs.tasks import estimate, settle


def settle_soon(activities: Sequence[Activity]) -> None:
    """A design was measured or refused, or a job posted: a job may be ready."""
    settle.delay()


def estimate_soon(activities: Sequence[Activity]) -> None:
    """A design was sliced, or a job opened for which there are slices already."""
    estimate.delay()
