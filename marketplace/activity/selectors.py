"""Reading activity."""

from django.db.models import QuerySet

from marketplace.activity.models import Activity


def activity_of(subject: str) -> QuerySet[Activity]:
    """What happened to one subject, oldest first."""
    return Activity.objects.filter(subject=subject).order_by("id")


def activity_newest(limit: int) -> QuerySet[Activity]:
    """The newest rows of all subjects, newest first."""
    return Activity.objects.order_by("-id")[:limit]
