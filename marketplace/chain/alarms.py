"""What the sender needs a person for: recorded once, shown until it passes."""

import logging
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from marketplace.activity.services import activity_record
from marketplace.chain.intent_rules import ENDS
from marketplace.chain.models import Alarm, Intent
from marketplace.chain.outbox_selectors import attempts_of, intents_unmined, intents_waiting

logger = logging.getLogger(__name__)
SUBJECT = "chain:sender"
Conditions = dict[str, dict[str, Any]]
"""Alarm name -> figures for whoever reads it, in JSON."""


def intent_alarms(*, has_key: bool) -> Conditions:
    """What the intents themselves show: nobody to sign them, a foreign hand on the key, a refusing node."""
    found: Conditions = {}
    if not has_key and (waiting := intents_waiting().count()):
        found["key-missing"] = {"waiting": waiting}
    if displaced := Intent.objects.exclude(status__in=ENDS).filter(displaced__gt=0).first():
        found["foreign-nonce"] = {"intent": displaced.key}
    for intent in intents_unmined():
        newest = attempts_of(intent).first()
        if newest and newest.objection:
            found["refused"] = {"intent": intent.key, "objection": newest.objection}
    return found


def alarms_settle(*, present: Mapping[str, dict[str, Any]]) -> None:
    """Record what is new as `chain.alarm`, what has passed as `chain.alarm_passed`, and nothing twice."""
    known = set(Alarm.objects.values_list("name", flat=True))
    for name in present.keys() - known:
        _raise(name, present[name])
    for name in known - present.keys():
        _pass(name)


@transaction.atomic
def _raise(name: str, data: dict[str, Any]) -> None:
    _, created = Alarm.objects.get_or_create(name=name, defaults={"data": data})
    if created:
        logger.warning("alarm %s: %s", name, data)
        activity_record(kind="chain.alarm", subject=SUBJECT, data={"alarm": name, **data})


@transaction.atomic
def _pass(name: str) -> None:
    deleted, _ = Alarm.objects.filter(name=name).delete()
    if deleted:
        activity_record(kind="chain.alarm_passed", subject=SUBJECT, data={"alarm": name})
