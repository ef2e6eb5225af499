"""The steps of an agreement, one row for each: routes, the list of what can be done, and pages follow."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.views import Agreements
from marketplace.accounts.scopes import Scope
from marketplace.chain.nodes import client
from marketplace.escrow import agreement_plans as plans
from marketplace.escrow import standings
from marketplace.escrow import step_bodies as bodies
from marketplace.escrow.agreement_plans import Moment, Planner
from marketplace.escrow.coins import coin_of
from marketplace.escrow.errors import StepRefused
from marketplace.escrow.models import Agreement
from marketplace.escrow.standings import (
    ANYONE,
    ARBITER,
    AWARDED,
    DELIVERED,
    DESIGNER,
    DISPUTED,
    OPEN,
    PARTIES,
    PROVIDER,
    Condition,
    Sides,
    StepStanding,
    standing_of,
)
from marketplace.escrow.transactions import Prepared, prepare
from protocol.statuses import AgreementStatus
from protocol.units import Address, digest_of, seconds_of


@dataclass(frozen=True)
class Step:
    """When a step can be taken, what it is told in the request's body, what it calls, the scope it takes."""

    condition: Condition
    plan: Planner
    takes: type[bodies.Shape] = bodies.NothingSerializer
    scope: Scope = Scope.JOBS

    @property
    def name(self) -> str:
        return self.condition.name


STEPS = (
    Step(Condition("release", "Accept and pay", DESIGNER, OPEN), plans.release, bodies.ReleaseSerializer),
    Step(
        Condition("redeem", "Redeem a voucher", ANYONE, OPEN),
        plans.redeem,
        bodies.RedeemSerializer,
        Scope.EVIDENCE,
    ),
    Step(
        Condition("deliver", "Say it is delivered", PROVIDER, AWARDED, "", "deliver_by", standings.given_up),
        plans.deliver,
        bodies.DeliverSerializer,
        Scope.EVIDENCE,
    ),
    Step(
        Condition("claim", "Claim the price for the provider", ANYONE, DELIVERED, "claim_from"),
        plans.claim,
        scope=Scope.EVIDENCE,
    ),
    Step(
        Condition(
            "refund", "Refund the designer", ANYONE, AWARDED, "refund_from", "", standings.standbys_turn
        ),
        plans.refund,
    ),
    Step(
        Condition(
            "reaward", "Hand over to the standby", ANYONE, AWARDED, "refund_from", "", standings.no_takeover
        ),
        plans.reaward,
    ),
    Step(
        Condition(
            "drop-standby", "Name the standby no longer", DESIGNER, AWARDED, hindrance=standings.no_standby
        ),
        plans.drop_standby,
    ),
    Step(Condition("cancel", "Cancel", PARTIES, AWARDED, "", "grace_until"), plans.cancel),
    Step(
        Condition("give-up", "Give up", PROVIDER, AWARDED, hindrance=standings.given_up),
        plans.give_up,
        scope=Scope.EVIDENCE,
    ),
    Step(
        Condition("dispute", "Dispute", DESIGNER, DELIVERED, "", "review_until"),
        plans.dispute,
        bodies.DisputeSerializer,
    ),
    Step(Condition("rule", "Rule", ARBITER, DISPUTED, "", "rule_until"), plans.rule, bodies.RuleSerializer),
    Step(
        Condition("settle", "Settle as both sides signed", PARTIES, OPEN),
        plans.settle,
        bodies.SettleSerializer,
    ),
    Step(Condition("expire", "End without a ruling", ANYONE, DISPUTED, "expire_from"), plans.expire),
)


def steps_standing(row: Agreement, sides: Sides, now: datetime) -> Iterator[StepStanding]:
    """Where every step stands for somebody with these sides; `now` is the chain's time, as far as known."""
    return (standing_of(step.condition, row, sides, now) for step in STEPS)


def step_prepare(step: Step, row: Agreement, sender: Address, wanted: dict[str, Any]) -> Prepared:
    """What the sender signs for a step, tried on the chain as it is now.

    Raises StepRefused, FundsTooLow, StandbyUnknown, ChainError.
    """
    node = client()
    word = node.ask(Agreements(digest_of(row.pk)))
    if word.status is AgreementStatus.NONE:
        raise StepRefused("WrongStatus", {"agreement": row.pk, "status": "0"})
    now, coin = seconds_of(node.head().time), coin_of(row.bid_terms.token)
    return prepare(step.name, step.plan(Moment(row, sender, word, now, coin, wanted)))
