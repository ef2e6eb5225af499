"""What the escrow holds for a reader, who may act for them there, and what they are the arbiter of."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404

from contracts.views import Accounts, AccountWord
from marketplace.bidding.authorities import hot_keys_of
from marketplace.chain.errors import ChainError
from marketplace.chain.fate import transactions_noted
from marketplace.chain.models import Log, SentTransaction
from marketplace.chain.nodes import client
from marketplace.chain.selectors import chain_now
from marketplace.escrow.models import Agreement
from marketplace.escrow.selectors import agreements_of
from protocol.units import ZERO_ADDRESS, address_of, seconds_of, time_of

SENT_SHOWN = 10
LAST_SECOND = 253_402_300_799
"""The last that a calendar can tell."""


@dataclass(frozen=True)
class KeyRow:
    """A hot key in the chain's own coin. `until` is None where no calendar reaches it."""

    key: str
    until: datetime | None
    bond_left: int
    live: bool


def purse_of(person: str) -> AccountWord | None:
    """A reader's account in the chain's own coin; None where no node answers."""
    try:
        return client().ask(Accounts(ZERO_ADDRESS, address_of(person)))
    except ChainError:
        return None


def keys_of(person: str) -> list[KeyRow]:
    """The hot keys that a reader ever set, live ones first."""
    now = seconds_of(chain_now())
    rows = [
        KeyRow(
            key=key,
            until=time_of(word.until) if word.until <= LAST_SECOND else None,
            bond_left=word.bond_left,
            live=word.until >= now,
        )
        for (token, _, key), word in hot_keys_of(person).items()
        if token == ZERO_ADDRESS
    ]
    return sorted(rows, key=lambda row: (not row.live, row.key))


def sent_by(person: str) -> list[SentTransaction]:
    """What a reader sent last."""
    return list(transactions_noted(person)[:SENT_SHOWN])


def disputes_of(arbiter: str) -> QuerySet[Agreement]:
    """Agreements that were disputed and name somebody as their arbiter, those to be ruled first."""
    disputed = Log.objects.filter(agreement=OuterRef("pk"), name="Disputed")
    named = Agreement.objects.filter(Exists(disputed), terms__arbiter=arbiter)
    return named.order_by("rule_until", "-clock")


def agreement_read_by(agreement: str, person: str) -> Agreement:
    """An agreement for its parties and, once it was disputed, for its arbiter. Raises Http404 for others."""
    for allowed in (agreements_of(person), disputes_of(person)):
        if found := allowed.filter(pk=agreement).select_related("job").first():
            return found
    raise Http404
