"""Reading intents, their attempts, and how the sender fares."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, QuerySet

from marketplace.chain.fees import cost_most
from marketplace.chain.intent_rules import IntentStatus
from marketplace.chain.models import Attempt, Intent
from protocol.units import Wei

ON_THE_WAY = (IntentStatus.SENT, IntentStatus.MINED)


@dataclass(frozen=True)
class SenderHealth:
    """How many intents wait, and how many signed ones are not final."""

    waiting: int
    on_the_way: int


def sender_health() -> SenderHealth:
    """What the site says of its sender, by the rows alone: only who signs needs the key."""
    return SenderHealth(
        waiting=intents_waiting().count(),
        on_the_way=Intent.objects.filter(status__in=ON_THE_WAY).count(),
    )


def intents_waiting() -> QuerySet[Intent]:
    """What was wanted and is not signed, oldest first."""
    return Intent.objects.filter(status=IntentStatus.WANTED)


def block_seen() -> int:
    """The newest block that any intent was seen in; a node that has not come so far is behind."""
    return Intent.objects.aggregate(newest=Max("block"))["newest"] or 0


def intents_before(intent: Intent) -> QuerySet[Intent]:
    """What was wanted before an intent and is not mined."""
    return Intent.objects.filter(pk__lt=intent.pk, status__in=(IntentStatus.WANTED, IntentStatus.SENT))


def intents_unmined() -> QuerySet[Intent]:
    """What was signed and is in no block yet, or in one where it reverted."""
    return Intent.objects.filter(status=IntentStatus.SENT)


def intents_on_the_way() -> list[Intent]:
    """What was signed and is not final, in the order in which each sender's can be mined."""
    return list(Intent.objects.filter(status__in=ON_THE_WAY).order_by("sender", "nonce"))


def attempts_of(intent: Intent) -> QuerySet[Attempt]:
    """What was signed for an intent at the nonce it has now, newest first."""
    return intent.attempts.filter(sender=intent.sender, nonce=intent.nonce or 0).order_by("-number")


def nonces_taken(sender: str, used: int) -> Collection[int]:
    """Nonces from `used` on that a transaction of ours holds."""
    return set(Attempt.objects.filter(sender=sender, nonce__gte=used).values_list("nonce", flat=True))


def bound_by(sender: str) -> Wei:
    """What of a sender's balance its transactions that are not mined yet may take."""
    unmined = intents_unmined().filter(sender=sender)
    newest = [(intent, attempts_of(intent).first()) for intent in unmined]
    return Wei(sum(cost_most(a.gas, a.max_fee, int(intent.value)) for intent, a in newest if a))


def spent_since(sender: str, since: datetime, *, besides: Intent) -> Wei:
    """What all other intents signed from then on have cost, or can cost at most while on their way."""
    worst: dict[int, int] = {}
    signed = Attempt.objects.filter(sender=sender, signed_at__gte=since).exclude(intent=besides)
    for attempt in signed.select_related("intent"):
        intent = attempt.intent
        most = cost_most(attempt.gas, attempt.max_fee, int(intent.value))
        paid = int(intent.cost) if intent.cost else most
        worst[intent.pk] = max(worst.get(intent.pk, 0), paid)
    return Wei(sum(worst.values()))
