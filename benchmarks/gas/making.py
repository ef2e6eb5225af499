"""From delivery to payment, and the ways back."""

from typing import Any

from benchmarks.gas.case import Case
from benchmarks.gas.cast import HOT_KEY, PROVIDER, STRANGER
from benchmarks.gas.story import BOND, FEE, HALF, PRICE, Story
from protocol.units import Address


def _release(story: Story, **terms: Any) -> int:
    return story.close("release", story.awarded(**terms), PRICE)


def _redeem(story: Story, by: Address = STRANGER, **terms: Any) -> int:
    return story.redeem(story.awarded(**terms), PRICE, by)


def _claim(story: Story, **terms: Any) -> int:
    bid = story.delivered(**terms)
    story.chain.wait(bid.review_time + 1)
    return story.close("claim", bid, by=STRANGER)


def _refund(story: Story, **terms: Any) -> int:
    bid = story.awarded(**terms)
    story.pass_redeem_window(bid)
    return story.close("refund", bid, by=STRANGER)


def _cancel(story: Story, **terms: Any) -> int:
    return story.close("cancel", story.awarded(**terms), by=PROVIDER)


MAKING = (
    Case("release, in full", "pay", _release),
    Case("release, in part", "pay", lambda story: story.close("release", story.awarded(), HALF)),
    Case("release, in full, fee", "pay", lambda story: _release(story, **FEE)),
    Case("release, in full, bond", "pay", lambda story: _release(story, **BOND)),
    Case("release, in full, bond and fee", "pay", lambda story: _release(story, **BOND, **FEE)),
    Case("release, in full, to the ledger", "pay", lambda story: _release(story, to_ledger=True)),
    Case("redeem, in full", "redeem", _redeem),
    Case("redeem, in full, sent by the provider", "redeem", lambda story: _redeem(story, by=PROVIDER)),
    Case("redeem, in part", "redeem", lambda story: story.redeem(story.awarded(), HALF)),
    Case("redeem, in full, fee", "redeem", lambda story: _redeem(story, **FEE)),
    Case("redeem, in full, bond and fee", "redeem", lambda story: _redeem(story, **BOND, **FEE)),
    Case("deliver", "mark", lambda story: story.deliver(story.awarded())),
    Case("deliver, hot key", "mark", lambda story: story.deliver(story.awarded(), by=HOT_KEY)),
    Case("claim", "pay", _claim),
    Case("claim, bond and fee", "pay", lambda story: _claim(story, **BOND, **FEE)),
    Case("refund", "pay", _refund),
    Case("refund, bond", "pay", lambda story: _refund(story, **BOND)),
    Case("cancel", "pay", _cancel),
    Case("cancel, bond", "pay", lambda story: _cancel(story, **BOND)),
    Case("giveUp", "mark", lambda story: story.close("giveUp", story.awarded(), by=PROVIDER)),
)
