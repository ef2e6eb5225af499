"""What an operator must look at: recorded once, shown until it passes."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction

from marketplace.activity.services import activity_record
from marketplace.chain.models import Alarm

SUBJECT = "chain:alarms"
Figures = dict[str, Any]
"""What an alarm says to whoever reads it, in JSON."""


def alarm_raise(*, name: str, data: Figures) -> None:
    """Open an alarm and record it as `chain.alarm`, unless it is open already."""
    with transaction.atomic():
        _, created = Alarm.objects.get_or_create(name=name, defaults={"data": data})
        if created:
            activity_record(kind="chain.alarm", subject=SUBJECT, data={"alarm": name, **data})


def alarm_pass(*, name: str) -> None:
    """Close an alarm and record it as `chain.alarm_passed`, if it is open."""
    if not Alarm.objects.filter(name=name).exists():
        return
    with transaction.atomic():
        deleted, _ = Alarm.objects.filter(name=name).delete()
        if deleted:
            activity_record(kind="chain.alarm_passed", subject=SUBJECT, data={"alarm": name})


def alarms_settle(*, names: Collection[str], present: Mapping[str, Figures]) -> None:
    """Of these `names`, open what is present and close what is not; nothing is recorded twice."""
    opened = set(Alarm.objects.filter(name__in=names).values_list("name", flat=True))
    for name in present.keys() - opened:
        alarm_raise(name=name, data=present[name])
    for name in opened - present.keys():
        alarm_pass(name=name)


def alarms_open() -> dict[str, Figures]:
    """The alarms that last, by name."""
    return dict(Alarm.objects.order_by("name").values_list("name", "data"))
