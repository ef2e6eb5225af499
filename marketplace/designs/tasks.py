"""Measuring, repairing, slicing in the background. A message only wakes up: a sweep makes the same claim."""

from celery import shared_task
from celery.signals import worker_init
from django.utils import timezone

from marketplace.designs.reading import plain_sweep
from marketplace.designs.repairs import repair_next
from marketplace.designs.resumable import uploads_sweep
from marketplace.designs.services import design_measure_next
from marketplace.designs.slicings import slicing_next


@shared_task(name="designs.measure")
def measure() -> int:
    """Measure whatever waits; says how many designs."""
    count = 0
    while design_measure_next():
        count += 1
    return count


@shared_task(name="designs.uploads")
def uploads() -> int:
    """Finish uploads that are whole, forget those that have expired, remove what killed readers left; says
    how many."""
    return uploads_sweep(now=timezone.now()) + plain_sweep()


@worker_init.connect
def left_remove(**_: object) -> None:
    """Before anything else, at the start of a worker."""
    plain_sweep()


@shared_task(name="designs.repair")
def repair() -> int:
    """Repair whatever waits; says how many designs."""
    count = 0
    while repair_next():
        count += 1
    return count


@shared_task(name="designs.slice")
def slice_waiting() -> int:
    """Slice whatever waits, for its estimate; says how many slices."""
    count = 0
    while slicing_next():
        count += 1
    return count
