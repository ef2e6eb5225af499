"""Who may sign bids, as a projection: kept logs and bids against the logs, bids against the escrow."""

from collections.abc import Collection, Iterator

from contracts.artifacts import error_selectors
from contracts.views import IsAwardable
from marketplace.bidding.authority_logs import KEPT, authority_logs_keep, authority_row
from marketplace.bidding.models import AuthorityLog, Bid
from marketplace.bidding.void_rules import Void
from marketplace.bidding.voiding import bids_follow, columns_of, following
from marketplace.chain.models import Log
from marketplace.chain.nodes import client
from marketplace.chain.projections import Difference
from marketplace.chain.rows import PLACE, LogRow
from marketplace.chain.selectors import chain_now, deployment_current, rows_stored
from protocol.units import address_of, bytes_of

NOT_OURS = ("BondUncovered", "BidExpired")
"""What the escrow may say of a bid that is OPEN here: money and time are looked at when it is awarded."""


class BidProjection:
    """What `chain.projections` asks of bids and of the logs about their signers."""

    name = "bids"

    def differences(self) -> Iterator[Difference]:
        """Kept logs against the stored ones, and against those each bid that can be awarded or revived."""
        for name, model in KEPT.items():
            yield from _kept_against_logs(name, model)
        now = chain_now()
        for bid, expected in columns_of(following(Bid.objects.all(), now), now):
            if bid.key_until == expected["key_until"] and bid.key_until and bid.key_until < now:
                continue  # time did this: the sweep follows
            for name, value in expected.items():
                if (stored := getattr(bid, name)) != value:
                    yield Difference(bid.pk, "the logs", name, stored, value)

    def against_chain(self) -> Iterator[Difference]:
        """Raises what the node's client raises."""
        now = chain_now()
        for bid, expected in columns_of(following(Bid.objects.all(), now), now):
            stored, found = expected["void"], _void_on_chain(bid)
            if stored != found:
                yield Difference(bid.pk, "the chain", "void", stored or "none", found or "none")

    def rebuild(self, *, subjects: Collection[str]) -> None:
        """Subjects are bids, and providers whose logs are kept."""
        owners = Bid.objects.filter(pk__in=subjects).values_list("provider", flat=True)
        providers = {*subjects, *owners}
        for model in KEPT.values():
            model._default_manager.filter(provider__in=providers).delete()
        theirs = [log for log in _logs() if authority_row(log).provider in providers]
        authority_logs_keep(removed=(), added=theirs)
        bids_follow(bids=Bid.objects.filter(provider__in=providers))


def _logs() -> list[LogRow]:
    return rows_stored(Log.objects.filter(name__in=KEPT, address=deployment_current().escrow))


def _kept_against_logs(name: str, model: type[AuthorityLog]) -> Iterator[Difference]:
    here = model._default_manager.filter(escrow=deployment_current().escrow)
    kept = {row.place: row for row in here}
    logged = {PLACE(log): authority_row(log) for log in _logs() if log.name == name}
    for place in sorted(kept.keys() | logged.keys()):
        rows = [row for row in (kept.get(place), logged.get(place)) if row]
        if len({row.word for row in rows}) != 1 or len(rows) != 2:
            where = f"{name} at {place[0]}/{place[1]}"
            words = [row and " ".join(map(str, row.word)) for row in (kept.get(place), logged.get(place))]
            yield Difference(rows[0].provider, "the logs", where, *words)


def _void_on_chain(bid: Bid) -> str:
    """Why the escrow would not award it now, empty where it would, as far as it is ours to know."""
    terms, signer = bid.terms, address_of(bid.signer)
    view = IsAwardable(terms, bytes_of(bid.signature), signer, terms.min_units)
    reason = client().ask(view).reason
    if not any(reason):
        return ""
    error = error_selectors().get(reason)
    name = error.name if error else reason.hex()
    return "" if name in NOT_OURS else Void(name) if name in set(Void) else name
