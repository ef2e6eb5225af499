"""What is looked after by the hour."""

from celery import shared_task

from marketplace.monitoring.services import samples_prune


@shared_task(name="monitoring.prune")
def prune() -> int:
    """Forget samples that are older than SAMPLES_DAYS."""
    return samples_prune()
