"""What the stored logs say of who may sign whose bids."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from django.db.models import Max, QuerySet

from marketplace.bidding.models import Bid, EpochBump, HotKeySet
from marketplace.bidding.void_rules import Authority, HotKey, Place, hot_key_after
from marketplace.chain.models import Log
from marketplace.chain.selectors import deployment_current
from protocol.terms import Bid as Terms
from protocol.units import time_of

Key = tuple[str, str, str]
"""Token, provider, hot key."""


def authority_of(terms: Terms, signer: str) -> Authority:
    """What the logs say about a bid that is not kept (yet)."""
    return authorities_of([(terms, signer)])[0]


def authorities_of(signed: Collection[tuple[Terms, str]]) -> list[Authority]:
    """The same of several bids and their signers, in few queries."""
    providers = {terms.provider for terms, _ in signed}
    keys = {(terms.token, terms.provider, signer) for terms, signer in signed if signer != terms.provider}
    epochs, hot = _epochs(providers), hot_keys(keys)
    return [
        Authority(
            epoch=epochs.get((terms.token, terms.provider), 0),
            key=hot.get((terms.token, terms.provider, signer)),
        )
        for terms, signer in signed
    ]


def _epochs(providers: Iterable[str]) -> dict[tuple[str, str], int]:
    """Epochs only rise, so the highest that is logged is the newest."""
    rows = EpochBump.objects.filter(escrow=deployment_current().escrow, provider__in=providers)
    highest = rows.values("token", "provider").annotate(highest=Max("epoch"))
    return {(row["token"], row["provider"]): row["highest"] for row in highest}


def hot_keys(keys: Collection[Key]) -> dict[Key, HotKey]:
    """Each of these hot keys after all its logs, also one that was never set.

    What bids lock that were never received here is unknown: an award asks the escrow itself, and
    `chain_check` names the difference.
    """
    if not keys:
        return {}
    settings, bonds = _settings(keys), _bonds(keys)
    return {key: hot_key_after(settings[key], bonds[key]) for key in keys}


def hot_keys_of(provider: str) -> dict[Key, HotKey]:
    """Every hot key that a provider ever set."""
    rows = HotKeySet.objects.filter(escrow=deployment_current().escrow, provider=provider)
    return hot_keys(set(rows.values_list("token", "provider", "key")))


def _settings(keys: Collection[Key]) -> dict[Key, list[tuple[Place, HotKey]]]:
    found: dict[Key, list[tuple[Place, HotKey]]] = defaultdict(list)
    rows = HotKeySet.objects.filter(
        escrow=deployment_current().escrow,
        provider__in={provider for _, provider, _ in keys},
        key__in={key for _, _, key in keys},
    )
    for row in rows:
        setting = HotKey(row.until, int(row.bond_left))
        found[row.token, row.provider, row.key].append((row.place, setting))
    return found


def _bonds(keys: Collection[Key]) -> dict[Key, list[tuple[Place, int]]]:
    providers, signers = ({key[place] for key in keys} for place in (1, 2))
    theirs = Bid.objects.filter(provider__in=providers, signer__in=signers).exclude(bond="0")
    found: dict[Key, list[tuple[Place, int]]] = defaultdict(list)
    for bid, place in awarded(theirs):
        found[bid.terms.token, bid.provider_id, bid.signer].append((place, int(bid.bond)))
    return found


def awarded(bids: QuerySet[Bid]) -> Iterator[tuple[Bid, Place]]:
    """Those of them whose award is among the stored logs, and its place."""
    logs = Log.objects.filter(name="Awarded", agreement__in=bids.order_by().values("pk"))
    places = {log.agreement: (log.block, log.log_index) for log in logs}
    for key, bid in bids.in_bulk(places).items():
        yield bid, places[key]


def key_until(terms: Terms, held: Authority) -> datetime | None:
    """The last second of the hot key that signed a bid, as far as it matters; None where there is none."""
    return None if held.key is None else time_of(min(held.key.until, terms.valid_until))
