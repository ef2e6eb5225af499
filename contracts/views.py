"""Every question that both contracts answer, as a typed value with its typed answer.

`view.data` is the calldata of an eth_call, `view.answer(returned)` reads what the node returned.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar, cast

from contracts.calls import Call
from contracts.codec import decoded
from protocol.statuses import AgreementStatus
from protocol.terms import Bid
from protocol.units import Address, Digest, Wei

Answer = TypeVar("Answer")


class View(Call, Generic[Answer]):
    """Base of the calls that change nothing."""

    answers: ClassVar[type[Any] | None] = None
    """What several values together are; None where there is one at most."""

    def answer(self, returned: bytes) -> Answer:
        """What the contract says. Raises Malformed, as for an address without code."""
        values = decoded(self.entry()["outputs"], returned)
        if self.answers:
            return cast(Answer, self.answers(*values))
        return cast(Answer, values[0] if values else None)


@dataclass(frozen=True)
class AgreementWord:
    """An agreement. `clock`: when its status began, epoch seconds; `paid`: cumulative, gross of fees."""

    status: AgreementStatus
    flags: int
    clock: int
    price: Wei
    paid: Wei


@dataclass(frozen=True)
class AccountWord:
    """An owner in one token. `free` is not locked; `completed` and `failed` count bonded agreements."""

    free: Wei
    epoch: int
    completed: int
    failed: int


@dataclass(frozen=True)
class HotKeyWord:
    """A hot key in one token: its last second, and what the bids it signs may still lock."""

    until: int
    bond_left: Wei


@dataclass(frozen=True)
class MandateWord:
    """A mandate: units awarded under it and not returned."""

    used: int
    revoked: bool


@dataclass(frozen=True)
class Awardable:
    """`reason` is the selector of the error that an award would revert with; zeros where it would not."""

    agreement: Digest
    reason: bytes


@dataclass(frozen=True)
class IsAwardable(View[Awardable]):
    """Why a bid could not be awarded now, the designer's funds apart."""

    answers = Awardable
    bid: Bid
    signature: bytes
    signer: Address
    units: int


@dataclass(frozen=True)
class CheckAwardable(View[None]):
    """Reverts as an award would now, the designer's funds apart."""

    bid: Bid
    signature: bytes
    signer: Address
    units: int


@dataclass(frozen=True)
class IdOf(View[Digest]):
    """The agreement's id."""

    bid: Bid


@dataclass(frozen=True)
class Agreements(View[AgreementWord]):
    """An agreement's storage word."""

    answers = AgreementWord
    agreement: Digest


@dataclass(frozen=True)
class Accounts(View[AccountWord]):
    """An owner's storage word in a token."""

    answers = AccountWord
    token: Address
    owner: Address


@dataclass(frozen=True)
class StandbyOf(View[Digest]):
    """The digest of the standby named at award, or zero."""

    agreement: Digest


@dataclass(frozen=True)
class Agents(View[HotKeyWord]):
    """The storage word of a hot key in a token."""

    answers = HotKeyWord
    token: Address
    provider: Address
    key: Address


@dataclass(frozen=True)
class Mandates(View[MandateWord]):
    """The storage word of a mandate, by its digest."""

    answers = MandateWord
    mandate: Digest


@dataclass(frozen=True)
class MandateOf(View[Digest]):
    """The digest of the mandate an agreement was awarded under, or zero."""

    agreement: Digest


@dataclass(frozen=True)
class DomainSeparator(View[Digest]):
    """The EIP-712 domain separator."""


@dataclass(frozen=True)
class RedeemWindow(View[int]):
    """Seconds that a refund waits after a missed deadline."""

    function: ClassVar[str] = "REDEEM_WINDOW"


@dataclass(frozen=True)
class Last(View[Digest]):
    """A publisher's newest root, or zero."""

    contract: ClassVar[str] = "ProvenanceAnchor"
    publisher: Address


@dataclass(frozen=True)
class AnchoredAt(View[int]):
    """When a publisher anchored a root, epoch seconds, or zero."""

    contract: ClassVar[str] = "ProvenanceAnchor"
    publisher: Address
    root: Digest
