"""Why the escrow would not bind a bid for who signed it or for its epoch, as the contract answers. Pure.

Times are epoch seconds, amounts wei.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from protocol.terms import Bid


class Void(StrEnum):
    """What withdraws a bid: the name of the error that the escrow reverts with."""

    SIGNER = "SignerNotAllowed"
    BOND = "AgentBondTooLow"
    EPOCH = "EpochChanged"


VOID_TEXT = {
    Void.SIGNER: "The hot key that signed it may not sign for the provider any more.",
    Void.BOND: "The hot key that signed it may not lock so much bond any more.",
    Void.EPOCH: "The provider withdrew all its bids of that epoch.",
}


@dataclass(frozen=True)
class HotKey:
    """A hot key in one token: its last second, and what the bids it signs may still lock."""

    until: int = 0
    bond_left: int = 0


@dataclass(frozen=True)
class Authority:
    """What the escrow holds about who signed a bid. `key` is None where the provider did so itself."""

    epoch: int
    key: HotKey | None


def void_of(bid: Bid, held: Authority, now: int) -> Void | None:
    """Why it could not be awarded by a block of this time, in the contract's own order."""
    if held.key and held.key.until < now:
        return Void.SIGNER
    if held.key and bid.bond > held.key.bond_left:
        return Void.BOND
    return Void.EPOCH if bid.epoch != held.epoch else None


Place = tuple[int, int]
"""A log's place in the chain's order: its block, its number there."""


def hot_key_after(settings: Iterable[tuple[Place, HotKey]], bonds: Iterable[tuple[Place, int]]) -> HotKey:
    """A hot key after all that was logged: its newest setting, less the bonds its bids locked since."""
    since, key = max(settings, key=lambda setting: setting[0], default=((-1, 0), HotKey()))
    locked = sum(bond for place, bond in bonds if place > since)
    # Below zero only where logs are missing; the contract would have reverted.
    return replace(key, bond_left=max(0, key.bond_left - locked))
