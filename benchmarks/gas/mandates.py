"""awardUnder and what belongs to it: a dispatcher awards within limits that the designer signed."""

from typing import Any, NamedTuple

from benchmarks.gas.case import Case
from benchmarks.gas.cast import DESIGNER, DISPATCHER, PROVIDER, STRANGER, sign
from benchmarks.gas.story import UNIT_PRICE, UNITS, VALID_UNTIL, Story
from protocol.canonical import keccak
from protocol.mandate import Mandate
from protocol.merkle import MerkleTree, PrinterLeaf
from protocol.terms import DAY, Bid
from protocol.units import ZERO_ADDRESS, ZERO_DIGEST, Digest, Wei

PRINTERS = 100


class Signed(NamedTuple):
    """A mandate as `awardUnder` takes it."""

    terms: tuple[Any, ...]
    signature: bytes
    proof: tuple[Digest, ...]


def _mandate(story: Story, printers: Digest) -> Mandate:
    return Mandate(
        designer=DESIGNER,
        dispatcher=DISPATCHER,
        token=story.token,
        arbiter=ZERO_ADDRESS,
        job_digest=story.digest("job"),
        printers=printers,
        max_unit_price=UNIT_PRICE,
        min_bond=Wei(0),
        max_dispute_fee=Wei(0),
        units=100,
        max_make_time=7 * DAY,
        min_review_time=DAY,
        min_arbiter_time=DAY,
        max_arbiter_time=30 * DAY,
        max_grace_time=DAY,
        max_fallback_bps=5000,
        valid_until=VALID_UNTIL,
        salt=int.from_bytes(story.digest("mandate")),
    )


def _award(story: Story, bid: Bid, mandate: Signed) -> int:
    book = story.digest("book")
    return story.send("awardUnder", *story.signed_bid(bid), UNITS, book, *mandate, by=DISPATCHER)


def _used(story: Story, tree: MerkleTree | None = None) -> Signed:
    """A mandate that has been used once, and still is."""
    mandate = _mandate(story, tree.root if tree else ZERO_DIGEST)
    signature = sign("designer", mandate.digest(story.market.domain))
    signed = Signed(mandate.as_tuple(), signature, tree.proof(0) if tree else ())
    _award(story, story.bid(), signed)
    return signed


def _award_any(story: Story) -> int:
    return _award(story, story.bid(1), _used(story))


def _award_chosen(story: Story) -> int:
    printers = [story.digest("printer"), *(keccak(bytes([number])) for number in range(1, PRINTERS))]
    tree = MerkleTree(PrinterLeaf(printer).digest() for printer in printers)
    return _award(story, story.bid(1), _used(story, tree))


def _cancel(story: Story) -> int:
    bid = story.bid(1)
    _award(story, bid, _used(story))
    return story.close("cancel", bid, by=PROVIDER)


def _refund(story: Story) -> int:
    bid = story.bid(1)
    _award(story, bid, _used(story))
    story.pass_redeem_window(bid)
    return story.close("refund", bid, by=STRANGER)


MANDATES = (
    Case("awardUnder, any printer", "award", _award_any),
    Case(f"awardUnder, one of {PRINTERS} printers", "award", _award_chosen),
    Case("cancel, under a mandate", "pay", _cancel),
    Case("refund, under a mandate", "pay", _refund),
    Case("revokeMandate", "set", lambda story: story.send("revokeMandate", _used(story).terms)),
)
