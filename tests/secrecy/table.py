"""What of a design each route may show, and to whom. A route that is not here fails the test."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from django.urls import URLPattern, URLResolver, get_resolver

from marketplace.designs.rules import Shown


class Seen(StrEnum):
    """What can be told of a design by an answer."""

    NAME = "file name"
    MEASURES = "measurements"
    PICTURE = "picture"
    LIGHT = "light preview"
    EXACT = "designer's preview"
    SEALED = "original, encrypted"
    ORIGINAL = "original"


N, M, P, L, X, S, O = Seen  # noqa: E741
NOTHING: frozenset[Seen] = frozenset()
BIDDERS = {
    Shown.MEASUREMENTS: frozenset({M}),
    Shown.PICTURES: frozenset({M, N, P}),
    Shown.PREVIEW: frozenset({M, N, P, L}),
}
# Of a job that takes no bids any more.
CLOSED = {shown: had & {M, N} for shown, had in BIDDERS.items()}
NOBODYS = dict.fromkeys(Shown, NOTHING)
WINNER, ALL = (
    dict.fromkeys(Shown, frozenset({N, M, P, X, S})),
    dict.fromkeys(Shown, frozenset({N, M, P, X, O})),
)

COLUMNS = {
    "anonymous": NOBODYS,
    "stranger": NOBODYS,
    "bidder": BIDDERS,
    "winner before final": CLOSED,
    "winner": WINNER,
    "winner whose award was taken back": BIDDERS,
    "loser": CLOSED,
    "operator": NOBODYS,
    "arbiter": NOBODYS,
    "designer": ALL,
}
"""Who, and what they may ever have of a design in a job that shows so much."""

# What a route shows to who may have it; most show nothing.
SHOWS: dict[str, frozenset[Seen]] = {
    "api/v1/designs": frozenset({N, M}),
    "api/v1/designs/<uuid:design>": frozenset({N, M}),
    "api/v1/designs/<uuid:design>/picture": frozenset({P}),
    "api/v1/designs/<uuid:design>/preview": frozenset({X}),
    "api/v1/designs/<uuid:design>/file": frozenset({N, O}),
    "api/v1/deliveries/<uuid:delivery>/file": frozenset({S}),
    "api/v1/jobs": frozenset({N, M}),
    "api/v1/jobs/<uuid:job>": frozenset({N, M}),
    "api/v1/jobs/<uuid:job>/spec": frozenset({N, M}),
    "api/v1/jobs/<uuid:job>/picture": frozenset({P}),
    "api/v1/jobs/<uuid:job>/preview": frozenset({L, X}),
    "api/v1/agreements/<str:agreement>/designs": frozenset({N}),
    "api/v1/agreements/<str:agreement>/bundle": frozenset({N, M}),
    "jobs/<uuid:job>": frozenset({N, M}),
    "jobs/<uuid:job>/facts": frozenset({N, M}),
    "jobs/new": frozenset({N, M}),
    "jobs/new/models/<uuid:design>": frozenset({N, M}),
    "jobs/new/estimate": frozenset({N, M}),
    "jobs/new/parts": frozenset({N, M}),
    "designs/new": frozenset({N, M}),
    "designs/<uuid:design>": frozenset({N, M}),
    "designs/<uuid:design>/card": frozenset({N, M}),
    "designs/<uuid:design>/delete": frozenset({N}),
    "designs/<uuid:design>/repair/card": frozenset({N, M}),
}
SHOW_NOTHING = """
api/v1/healthz api/v1/network api/v1/schema api/v1/docs api/v1/anchors
api/v1/auth/challenge api/v1/auth/session api/v1/auth/me api/v1/auth/tokens api/v1/auth/tokens/<int:token_id>
api/v1/printers api/v1/printers/<str:digest> api/v1/printers/<str:digest>/proof
api/v1/jobs/<uuid:job>/matches api/v1/jobs/<uuid:job>/bids api/v1/jobs/<uuid:job>/declines
api/v1/jobs/<uuid:job>/receipts api/v1/jobs/<uuid:job>/books api/v1/jobs/<uuid:job>/books/<int:number>
api/v1/jobs/<uuid:job>/books/<int:number>/check api/v1/jobs/<uuid:job>/books/<int:number>/proof
api/v1/jobs/<uuid:job>/withdraw
api/v1/bids/<str:bid>/receipt api/v1/bids/<str:bid>/receipt/proof api/v1/bids/<str:bid>/book
api/v1/bids/<str:bid>/award api/v1/bids/<str:bid>/award-with-permit api/v1/bids/<str:bid>/award-for
api/v1/uploads api/v1/uploads/<uuid:upload>
api/v1/designs/<uuid:design>/convert api/v1/designs/<uuid:design>/repair api/v1/designs/<uuid:design>/estimate
api/v1/designs/<uuid:design>/parts
api/v1/agreements api/v1/agreements/<str:agreement> api/v1/agreements/<str:agreement>/steps
api/v1/agreements/<str:agreement>/waive-grace api/v1/agreements/<str:agreement>/release
api/v1/agreements/<str:agreement>/redeem api/v1/agreements/<str:agreement>/deliver
api/v1/agreements/<str:agreement>/claim api/v1/agreements/<str:agreement>/refund
api/v1/agreements/<str:agreement>/reaward api/v1/agreements/<str:agreement>/drop-standby
api/v1/agreements/<str:agreement>/cancel api/v1/agreements/<str:agreement>/give-up
api/v1/agreements/<str:agreement>/dispute api/v1/agreements/<str:agreement>/rule
api/v1/agreements/<str:agreement>/settle api/v1/agreements/<str:agreement>/expire
api/v1/agreements/<str:agreement>/evidence api/v1/agreements/<str:agreement>/proofs
api/v1/escrow/deposit api/v1/escrow/withdraw api/v1/escrow/bump-epoch api/v1/escrow/set-agent
api/v1/escrow/revoke-mandate
api/v1/typed-data/consent api/v1/typed-data/permit api/v1/typed-data/voucher api/v1/typed-data/settlement
api/v1/typed-data/mandate api/v1/typed-data/signer
api/v1/mandates api/v1/mandates/<str:mandate> api/v1/transactions api/v1/transactions/<str:hash>
now docs/verify printers printers/<str:digest> jobs
jobs/<uuid:job>/withdraw jobs/<uuid:job>/status jobs/<uuid:job>/bids jobs/<uuid:job>/mandates
jobs/<uuid:job>/agreements jobs/<uuid:job>/sent
agreements/<str:agreement> agreements/<str:agreement>/card disputes
designs/<uuid:design>/unit designs/<uuid:design>/repair designs/<uuid:design>/apart
sign-in sign-out account account/escrow account/escrow/purse account/escrow/keys account/escrow/sent
account/tokens/<int:token>/revoke
""".split()  # noqa: SIM905
ROWS = SHOWS | dict.fromkeys(["", *SHOW_NOTHING], NOTHING)

CHANNELS = {"ws/agent", "ws/jobs/<uuid:job>", "ws/home"}


def routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    """Every route of the URL conf."""
    for each in (resolver or get_resolver()).url_patterns:
        if isinstance(each, URLPattern):
            yield prefix + str(each.pattern)
        else:
            yield from routes(each, prefix + str(each.pattern))


def cell(route: str, column: str, shown: Shown) -> frozenset[Seen]:
    """What somebody may get from a route, about a job that shows so much."""
    return ROWS[route] & COLUMNS[column][shown]
