"""What an operator must look at, told once while it lasts."""

import logging

from django.db import IntegrityError, transaction
from django.utils import timezone

from marketplace.activity.services import activity_record
from marketplace.chain.models import Alarm

logger = logging.getLogger(__name__)


def alarm_raise(*, key: str, words: str) -> None:
    """Open an alarm, unless it is open already."""
    if Alarm.objects.filter(key=key, cleared_at=None).exists():
        return
    try:
        with transaction.atomic():
            Alarm.objects.create(key=key, words=words)
            activity_record(kind="chain.alarm_raised", subject=f"alarm:{key}", data={"words": words})
    except IntegrityError:  # another process raised it in this very moment
        return
    logger.error("alarm %s: %s", key, words)


def alarm_clear(*, key: str) -> None:
    """Close an alarm, if it is open."""
    with transaction.atomic():
        if Alarm.objects.filter(key=key, cleared_at=None).update(cleared_at=timezone.now()):
            activity_record(kind="chain.alarm_cleared", subject=f"alarm:{key}")


def alarms_open() -> list[Alarm]:
    """The alarms that last, newest first."""
    return list(Alarm.objects.filter(cleared_at=None))
