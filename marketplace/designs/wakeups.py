"""What news sets in motion here."""

from collections.abc import Sequence

from marketplace.activity.models import Activity
from marketplace.designs.tasks import measure, repair, slice_waiting


def measure_soon(activities: Sequence[Activity]) -> None:
    """A model was uploaded."""
    measure.delay()


def repair_soon(activities: Sequence[Activity]) -> None:
    """A repair was asked for."""
    repair.delay()


def slice_soon(activities: Sequence[Activity]) -> None:
    """A slice was asked for."""
    slice_waiting.delay()
