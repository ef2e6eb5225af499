"""Money in and out of the ledger, keys and epochs, and the anchor."""

from benchmarks.gas.case import NATIVE, Case
from benchmarks.gas.cast import DESIGNER, HOT_KEY, PROVIDER, STRANGER
from benchmarks.gas.story import PRICE, VALID_UNTIL, Story
from protocol.canonical import keccak
from protocol.units import Address

RECORDS = 1_000
"""Of one anchored batch."""


def _deposit(story: Story) -> int:
    return story.send("deposit", story.token, DESIGNER, PRICE, value=story.value(PRICE))


def _withdraw(story: Story, to: Address) -> int:
    return story.send("withdraw", story.token, to, PRICE)


def _anchor(story: Story) -> int:
    """Not the publisher's first root."""
    arguments = story.digest("root"), RECORDS, keccak(b"first root")
    return story.chain.call(story.market.anchor, "anchor", *arguments, by=DESIGNER)


def _bump_epoch(story: Story) -> int:
    return story.send("bumpEpoch", story.token, by=PROVIDER)


def _set_agent(story: Story) -> int:
    return story.send("setAgent", story.token, HOT_KEY, VALID_UNTIL, PRICE, by=PROVIDER)


LEDGER = (
    Case("deposit", "put", _deposit),
    Case("withdraw", "take", lambda story: _withdraw(story, DESIGNER)),
    Case("withdraw, to another address", "take", lambda story: _withdraw(story, STRANGER)),
    Case("bumpEpoch", "set", _bump_epoch),
    Case("setAgent", "set", _set_agent),
    Case("anchor", "set new", _anchor, (NATIVE,)),
)
