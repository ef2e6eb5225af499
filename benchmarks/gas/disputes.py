"""Disputes and their ends: everything in half."""

from typing import Any

from benchmarks.gas.case import Case
from benchmarks.gas.cast import ARBITER, STRANGER
from benchmarks.gas.story import ARBITRATION, BOND, FEE, HALF, Story
from protocol.units import Wei

ALL = {**BOND, **FEE, **ARBITRATION}
PLAIN = {"arbiter": ARBITER}
HALF_BOND = Wei(BOND["bond"] // 2)
DISPUTED = 3


def _rule(story: Story, **terms: Any) -> int:
    bid = story.disputed(**terms)
    return story.close("rule", bid, HALF, HALF_BOND if bid.bond else 0, by=ARBITER)


def _settle(story: Story, **terms: Any) -> int:
    bid = story.disputed(**terms)
    return story.settle(bid, Wei(bid.bond + HALF), DISPUTED)


def _expire(story: Story, **terms: Any) -> int:
    bid = story.disputed(**terms)
    story.chain.wait(bid.arbiter_time + 1)
    return story.close("expire", bid, by=STRANGER)


DISPUTES = (
    Case("dispute", "mark", lambda story: story.dispute(story.delivered(**PLAIN))),
    Case("dispute, dispute fee", "mark", lambda story: story.dispute(story.delivered(**ARBITRATION))),
    Case("rule, in half", "pay", lambda story: _rule(story, **PLAIN)),
    Case("rule, in half, bond and fees", "pay", lambda story: _rule(story, **ALL)),
    Case("settle, in half", "redeem", lambda story: _settle(story, **PLAIN)),
    Case("settle, in half, bond and fees", "redeem", lambda story: _settle(story, **ALL)),
    Case("expire, in half", "pay", lambda story: _expire(story, **PLAIN)),
    Case("expire, in half, bond and fees", "pay", lambda story: _expire(story, **ALL)),
)
