"""Measuring in the background. A message is only a wake-up: the sweep runs the same claim."""

from celery import shared_task

from marketplace.designs.services import design_measure_next
from marketplace.designs.slicings import slicing_next


@shared_task(name="designs.measure")
def measure() -> int:
    """Measure whatever waits; says how many designs."""
    count = 0
    while design_measure_next():
        count += 1
    return count


@shared_task(name="designs.slice")
def slice_waiting() -> int:
    """Slice whatever waits, for its estimate; says how many slices."""
    count = 0
    while slicing_next():
        count += 1
    return count
