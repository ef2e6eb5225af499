"""What the sender needs a person for, as far as its rows show it."""

from marketplace.chain.alarms import Figures
from marketplace.chain.intent_rules import ENDS
from marketplace.chain.models import Intent
from marketplace.chain.outbox_selectors import attempts_of, intents_unmined, intents_waiting

SENDER_ALARMS = (
    "balance-low",
    "fee-cap",
    "foreign-nonce",
    "key-missing",
    "nonce-gap",
    "refused",
    "spending-cap",
)


def intent_alarms(*, has_key: bool) -> dict[str, Figures]:
    """Nobody to sign what waits, a foreign hand on the key, a node that refuses: figures by alarm."""
    found: dict[str, Figures] = {}
    if not has_key and (waiting := intents_waiting().count()):
        found["key-missing"] = {"waiting": waiting}
    if displaced := Intent.objects.exclude(status__in=ENDS).filter(displaced__gt=0).first():
        found["foreign-nonce"] = {"intent": displaced.key}
    for intent in intents_unmined():
        newest = attempts_of(intent).first()
        if newest and newest.objection:
            found["refused"] = {"intent": intent.key, "objection": newest.objection}
    return found
