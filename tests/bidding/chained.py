"""Bo's hot key and epoch on a real chain, set by Bo's own transactions and read back by the follower."""

from __future__ import annotations

from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount

from contracts import calls
from marketplace.activity.models import Activity
from marketplace.bidding.models import Bid
from protocol.units import ZERO_ADDRESS, Wei, address_of
from tests.factories.deal import BOND, Deal

HOUR, DAY = 3_600, 86_400
KEY: LocalAccount = Account.from_key((0xB07).to_bytes(32))
"""Beside Bo's printers; Bo's own key is elsewhere."""


def set_key(deal: Deal, provider: LocalAccount, *, follow: bool = True, **terms: Any) -> None:
    """By default for a day and two bonds, in the chain's coin."""
    plain = {"token": ZERO_ADDRESS, "key": address_of(KEY.address), "until": deal.anvil.now() + DAY}
    call = calls.SetAgent(**(plain | {"bond_left": Wei(2 * BOND)} | terms))
    _send(deal, provider, call, follow)


def revoke_key(deal: Deal, provider: LocalAccount) -> None:
    set_key(deal, provider, until=0, bond_left=Wei(0))


def bump_epoch(deal: Deal, provider: LocalAccount, *, token: str = ZERO_ADDRESS) -> None:
    _send(deal, provider, calls.BumpEpoch(address_of(token)), follow=True)


def _send(deal: Deal, provider: LocalAccount, call: Any, follow: bool) -> None:
    transaction = {"to": deal.deployment.escrow, "data": "0x" + call.data.hex()}
    assert deal.anvil.send(provider, transaction)["status"] == 1
    if follow:
        deal.follow()


def standing(bid: Bid) -> tuple[str, str]:
    """Its status, and what made it void."""
    bid.refresh_from_db()
    return bid.status, bid.void


def told(bid: Bid) -> list[str]:
    """The statuses that were news, oldest first."""
    rows = Activity.objects.filter(kind="bid.changed", data__bid=bid.pk).order_by("id")
    return [row.data["status"] for row in rows]
