"""Every transaction of both contracts as a typed value: `Release(bid, cumulative).data` is its calldata.

What each does, who may send it and when, and the errors of each are in `docs/operations`. Amounts are in the
smallest unit of the bid's token, times in epoch seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from typing import ClassVar

from contracts.codec import Entry, Permit, decoded, encoded, entry_of, selector_of
from protocol import terms
from protocol.errors import Malformed
from protocol.mandate import Mandate
from protocol.terms import Bid, Settlement
from protocol.units import Address, Digest, Wei, hex_of


@dataclass(frozen=True)
class Call:
    """Base of every call: a function by its class, its arguments by their fields, in the ABI's order."""

    contract: ClassVar[str] = "PrintEscrow"
    function: ClassVar[str]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "function" not in cls.__dict__:
            cls.function = cls.__name__[0].lower() + cls.__name__[1:]

    @classmethod
    def entry(cls) -> Entry:
        """The function in the ABI."""
        return entry_of(cls.contract, "function", cls.function)

    @property
    def data(self) -> bytes:
        """The calldata. Raises Malformed for an argument out of its type's range."""
        values = [getattr(self, field.name) for field in fields(self)]
        return selector_of(self.entry()) + encoded(self.entry()["inputs"], values)


class Transaction(Call):
    """Base of the calls that change something."""


@dataclass(frozen=True)
class Award(Transaction):
    """The designer binds a bid and sends its price, unless `from_ledger`."""

    bid: Bid
    signature: bytes
    signer: Address
    units: int
    standby: Digest
    book: Digest
    from_ledger: bool


@dataclass(frozen=True)
class AwardWithPermit(Transaction):
    """As Award, in a token whose price the designer permits by signature."""

    bid: Bid
    signature: bytes
    signer: Address
    units: int
    standby: Digest
    book: Digest
    permit: Permit


@dataclass(frozen=True)
class AwardFor(Transaction):
    """Anyone sends the award that the designer signed; the price comes from its ledger."""

    bid: Bid
    signature: bytes
    signer: Address
    consent: terms.Award
    designer_signature: bytes


@dataclass(frozen=True)
class AwardUnder(Transaction):
    """The dispatcher awards within a mandate; `proof` is that of the printer, empty where any may print."""

    bid: Bid
    signature: bytes
    signer: Address
    units: int
    book: Digest
    mandate: Mandate
    mandate_signature: bytes
    proof: tuple[Digest, ...]


@dataclass(frozen=True)
class Reaward(Transaction):
    """Anyone hands the units of a failed agreement to its standby."""

    bid: Bid
    standby: Bid
    signature: bytes
    signer: Address


@dataclass(frozen=True)
class DropStandby(Transaction):
    """The designer names the standby no longer."""

    bid: Bid


@dataclass(frozen=True)
class RevokeMandate(Transaction):
    """The designer ends a mandate."""

    mandate: Mandate


@dataclass(frozen=True)
class Release(Transaction):
    """The designer pays up to `cumulative` in all."""

    bid: Bid
    cumulative: Wei


@dataclass(frozen=True)
class Redeem(Transaction):
    """Anyone cashes the designer's voucher for `cumulative`."""

    bid: Bid
    cumulative: Wei
    signature: bytes


@dataclass(frozen=True)
class Deliver(Transaction):
    """The provider says that it has delivered; `head` of its evidence log."""

    bid: Bid
    head: Digest


@dataclass(frozen=True)
class Claim(Transaction):
    """Anyone pays the provider the rest after the review time."""

    bid: Bid


@dataclass(frozen=True)
class Refund(Transaction):
    """Anyone ends an agreement whose provider failed."""

    bid: Bid


@dataclass(frozen=True)
class Cancel(Transaction):
    """Either party ends an agreement in its grace time."""

    bid: Bid


@dataclass(frozen=True)
class GiveUp(Transaction):
    """The provider says that it will not deliver."""

    bid: Bid


@dataclass(frozen=True)
class Dispute(Transaction):
    """The designer contests a delivery; `head` of its evidence log; sends the fee, unless `from_ledger`."""

    bid: Bid
    head: Digest
    from_ledger: bool


@dataclass(frozen=True)
class Rule(Transaction):
    """The arbiter decides: `cumulative` in all and `bond_back` to the provider."""

    bid: Bid
    cumulative: Wei
    bond_back: Wei


@dataclass(frozen=True)
class Settle(Transaction):
    """Either party ends the agreement by a split that the other signed."""

    bid: Bid
    settlement: Settlement
    signature: bytes


@dataclass(frozen=True)
class Expire(Transaction):
    """Anyone ends a dispute that nobody decided, by the fallback split."""

    bid: Bid


@dataclass(frozen=True)
class Deposit(Transaction):
    """Anyone adds `amount` to the ledger of `owner`."""

    token: Address
    owner: Address
    amount: Wei


@dataclass(frozen=True)
class Withdraw(Transaction):
    """The sender takes `amount` out of its ledger."""

    token: Address
    to: Address
    amount: Wei


@dataclass(frozen=True)
class BumpEpoch(Transaction):
    """The sender withdraws all its bids in a token that are not awarded."""

    token: Address


@dataclass(frozen=True)
class SetAgent(Transaction):
    """The sender lets a hot key sign bids and deliver until a time, for `bond_left` of bonds in all."""

    token: Address
    key: Address
    until: int
    bond_left: Wei


@dataclass(frozen=True)
class Anchor(Transaction):
    """The sender anchors a root of `count` leaves after its last one."""

    contract: ClassVar[str] = "ProvenanceAnchor"

    root: Digest
    count: int
    previous_root: Digest


def call_of(data: bytes) -> Transaction:
    """What calldata does. Raises Malformed where it calls no function of ours that changes something."""
    found = _by_selector().get(bytes(data[:4]))
    if found is None:
        raise Malformed(f"{hex_of(data[:4])} selects no transaction of PrintEscrow or ProvenanceAnchor")
    return found(*decoded(found.entry()["inputs"], data[4:]))


@cache
def _by_selector() -> dict[bytes, type[Transaction]]:
    return {selector_of(kind.entry()): kind for kind in Transaction.__subclasses__()}
