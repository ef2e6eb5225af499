"""What the parties of an agreement can do besides the plain story: one function for each step of the contract."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from eth_account.signers.local import LocalAccount

from protocol.evidence import Kind, head_of
from protocol.mandate import Mandate
from protocol.terms import Award, Settlement, Voucher
from protocol.units import ZERO_DIGEST, Digest, address_of
from tests.factories.bundle import Scene

REDEEM_WINDOW = 12 * 60 * 60
STATUSES = ("NONE", "AWARDED", "DELIVERED", "DISPUTED", "CLOSED")


def standing(scene: Scene) -> tuple[int, int]:
    """Status number and paid, as stored."""
    status, _, _, _, paid = scene.contract.functions.agreements(scene.agreement).call()
    return status, paid


def delivered(scene: Scene) -> None:
    scene.award()
    scene.print()
    scene.deliver()


def disputed(scene: Scene, *, from_ledger: bool = False) -> None:
    """Delivered, and contested with a record of Ada's."""
    delivered(scene)
    dispute(scene, from_ledger=from_ledger)


def dispute(scene: Scene, *, from_ledger: bool = False) -> None:
    signed = scene.record(scene.ada, Kind.DISPUTED)
    if from_ledger:
        scene.deposit(scene.ada, scene.bid.dispute_fee)
    value = scene.bid.dispute_fee if scene.native and not from_ledger else 0
    head = head_of(signed, scene.infill)
    scene.call(scene.ada, "dispute", scene.bid.as_tuple(), head, from_ledger, value=value)


def rule(scene: Scene, cumulative: int, bond_back: int) -> None:
    scene.call(scene.eve, "rule", scene.bid.as_tuple(), cumulative, bond_back)


def expire(scene: Scene, by: LocalAccount) -> None:
    scene.anvil.advance(scene.bid.arbiter_time + 1)
    scene.call(by, "expire", scene.bid.as_tuple())


def cancel(scene: Scene, by: LocalAccount) -> None:
    scene.call(by, "cancel", scene.bid.as_tuple())


def give_up(scene: Scene) -> None:
    scene.call(scene.bo, "giveUp", scene.bid.as_tuple())


def refund(scene: Scene, by: LocalAccount) -> None:
    scene.call(by, "refund", scene.bid.as_tuple())


def settle(scene: Scene, to_provider: int, *, by: LocalAccount, other: LocalAccount) -> None:
    status, paid = standing(scene)
    split = Settlement(scene.agreement, to_provider, paid, status, scene.anvil.now() + 600)
    scene.call(by, "settle", scene.bid.as_tuple(), split.as_tuple(), scene.signed(other, split))


def redeem(scene: Scene, cumulative: int, by: LocalAccount) -> None:
    voucher = Voucher(scene.agreement, cumulative)
    scene.call(by, "redeem", scene.bid.as_tuple(), cumulative, scene.signed(scene.ada, voucher))


def award_for(scene: Scene, by: LocalAccount, *, standby: Digest = ZERO_DIGEST) -> None:
    """Ada signs, somebody else sends."""
    scene.deposit(scene.bo)
    scene.deposit(scene.ada, scene.price)
    consent = Award(scene.agreement, scene.units, standby, ZERO_DIGEST, scene.anvil.now() + 600)
    scene.call(by, "awardFor", *scene.offer, consent.as_tuple(), scene.signed(scene.ada, consent))


def mandate(scene: Scene, dispatcher: LocalAccount, **changes: Any) -> Mandate:
    """Limits that this very bid just keeps."""
    bid = scene.bid
    limits = Mandate(
        designer=bid.designer,
        dispatcher=address_of(dispatcher.address),
        token=bid.token,
        arbiter=bid.arbiter,
        job_digest=bid.job_digest,
        printers=ZERO_DIGEST,
        max_unit_price=bid.unit_price,
        min_bond=bid.bond,
        max_dispute_fee=bid.dispute_fee,
        units=5,
        max_make_time=bid.make_time,
        min_review_time=bid.review_time,
        min_arbiter_time=bid.arbiter_time,
        max_arbiter_time=bid.arbiter_time,
        max_grace_time=bid.grace_time,
        max_fallback_bps=bid.fallback_bps,
        valid_until=scene.anvil.now() + 3600,
        salt=1,
    )
    return replace(limits, **changes)


def award_under(
    scene: Scene, dispatcher: LocalAccount, limits: Mandate, proof: tuple[Digest, ...] = ()
) -> None:
    scene.deposit(scene.bo)
    scene.deposit(scene.ada, scene.price)
    signature = scene.signed(scene.ada, limits)
    arguments = [*scene.offer, scene.units, ZERO_DIGEST, limits.as_tuple(), signature, list(proof)]
    scene.call(dispatcher, "awardUnder", *arguments)


def standby_of(scene: Scene, provider: LocalAccount, **changes: Any) -> Scene:
    """Another provider's bid on the same job, its bond deposited."""
    other = Scene(scene.anvil, scene.deployment, scene.ada, provider, scene.eve)
    other.terms(**{"valid_until": scene.anvil.now() + 7 * 86_400, **changes})
    scene.anvil.fund(provider)
    other.deposit(provider)
    return other


def reaward(scene: Scene, other: Scene, by: LocalAccount) -> None:
    bid, signature, signer = other.offer
    scene.call(by, "reaward", scene.bid.as_tuple(), bid, signature, signer)


REACH = {"AWARDED": Scene.award, "DELIVERED": delivered, "DISPUTED": disputed}
