"""What news sets in motion here."""

from marketplace.activity.models import Activity
from marketplace.designs.tasks import measure


def measure_soon(activity: Activity) -> None:
    """A model was uploaded."""
    measure.delay()
