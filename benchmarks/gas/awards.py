"""A designer, or somebody with its consent, awards a bid; a standby takes over."""

from typing import Any

from benchmarks.gas.case import Case
from benchmarks.gas.cast import PROVIDER, RIVAL, STRANGER
from benchmarks.gas.story import ARBITRATION, BOND, FEE, UNIT_PRICE, Story
from protocol.units import Wei


def _reaward(story: Story, unit_price: int, **terms: Any) -> int:
    standby = story.bid(1, provider=RIVAL, unit_price=Wei(unit_price), **terms)
    bid = story.bid(**terms)
    story.award(bid, standby=story.id(standby))
    story.close("giveUp", bid, by=PROVIDER)
    return story.send("reaward", bid.as_tuple(), *story.signed_bid(standby), by=STRANGER)


def _drop_standby(story: Story) -> int:
    bid = story.bid()
    story.award(bid, standby=story.digest("standby"))
    return story.close("dropStandby", bid)


AWARDS = (
    Case("award", "award", lambda story: story.award(story.bid())),
    Case("award, from the ledger", "award", lambda story: story.award(story.bid(), from_ledger=True)),
    Case("award, bond", "award", lambda story: story.award(story.bid(**BOND))),
    Case("award, fee", "award", lambda story: story.award(story.bid(**FEE))),
    Case("award, arbiter and dispute fee", "award", lambda story: story.award(story.bid(**ARBITRATION))),
    Case("award, hot key", "award", lambda story: story.award(story.bid(), by_hot_key=True)),
    Case("award, hot key and bond", "award", lambda story: story.award(story.bid(**BOND), by_hot_key=True)),
    Case("award, standby", "award", lambda story: story.award(story.bid(), standby=story.digest("standby"))),
    Case("awardFor", "award", lambda story: story.award_for(story.bid())),
    Case("reaward", "award", lambda story: _reaward(story, UNIT_PRICE)),
    Case("reaward, bonds and surplus", "award", lambda story: _reaward(story, UNIT_PRICE - 1, **BOND)),
    Case("dropStandby", "mark", _drop_standby),
)
