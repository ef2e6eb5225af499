"""Whether a bid is within a mandate, limit by limit, as the contract decides it. Pure: wei, epoch seconds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from protocol.errors import Malformed, ProofInvalid
from protocol.mandate import Mandate
from protocol.merkle import MerkleTree, PrinterLeaf, Proof, proof_check
from protocol.terms import Bid, price_of
from protocol.units import ZERO_DIGEST, Digest, address_of, duration_text, ether_text, hex_of, moment_text

SAME, AT_MOST, AT_LEAST = "exactly", "at most", "at least"


class MandateStatus(StrEnum):
    """What a mandate can still do, as far as the logs and the time say."""

    ACTIVE = "ACTIVE"
    USED_UP = "USED_UP"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True)
class Breach:
    """A limit that a bid breaks; `term` is named as in the contract's error."""

    term: str
    value: int
    relation: str
    limit: int

    @property
    def text(self) -> str:
        """In words: `unitPrice is 0.02 ETH, the mandate wants at most 0.01 ETH`."""
        return f"{self.term} is {self._shown(self.value)}, the mandate wants {self._wanted}"

    @property
    def _wanted(self) -> str:
        if self.term == "printer":
            return "one of those it lists"
        return f"{self.relation} {self._shown(self.limit)}"

    def _shown(self, value: int) -> str:
        if self.term in ("designer", "token", "arbiter"):
            return address_of(f"0x{value:040x}")
        if self.term in ("jobDigest", "printer"):
            return f"0x{value:064x}"
        if self.term in ("unitPrice", "bond", "disputeFee"):
            return ether_text(value)
        if self.term == "validUntil":
            return moment_text(value)
        return f"{value / 100:g} %" if self.term == "fallbackBps" else f"{value} s ({duration_text(value)})"


def breaches(mandate: Mandate, bid: Bid, *, now: int, printers: Sequence[Digest] = ()) -> tuple[Breach, ...]:
    """Every limit that a bid breaks at a time, in the order in which the contract looks; empty if none.

    `printers` are those that the mandate's root was made of.
    """
    asked = [*_limits(mandate, bid, now), _printer(mandate, bid, printers)]
    return tuple(each for each in asked if not _holds(each))


def _limits(mandate: Mandate, bid: Bid, now: int) -> Iterator[Breach]:
    yield Breach("validUntil", now, AT_MOST, mandate.valid_until)
    yield Breach("designer", int(bid.designer, 16), SAME, int(mandate.designer, 16))
    yield Breach("token", int(bid.token, 16), SAME, int(mandate.token, 16))
    yield Breach("arbiter", int(bid.arbiter, 16), SAME, int(mandate.arbiter, 16))
    yield Breach("jobDigest", _number(bid.job_digest), SAME, _number(mandate.job_digest))
    yield Breach("unitPrice", bid.unit_price, AT_MOST, mandate.max_unit_price)
    yield Breach("bond", bid.bond, AT_LEAST, mandate.min_bond)
    yield Breach("disputeFee", bid.dispute_fee, AT_MOST, mandate.max_dispute_fee)
    yield Breach("makeTime", bid.make_time, AT_MOST, mandate.max_make_time)
    yield Breach("reviewTime", bid.review_time, AT_LEAST, mandate.min_review_time)
    yield Breach("arbiterTime", bid.arbiter_time, AT_LEAST, mandate.min_arbiter_time)
    yield Breach("arbiterTime", bid.arbiter_time, AT_MOST, mandate.max_arbiter_time)
    yield Breach("graceTime", bid.grace_time, AT_MOST, mandate.max_grace_time)
    yield Breach("fallbackBps", bid.fallback_bps, AT_MOST, mandate.max_fallback_bps)


def _printer(mandate: Mandate, bid: Bid, printers: Sequence[Digest]) -> Breach:
    """Compared as digests: the bid's own where it is accepted, the root where it is not."""
    if mandate.printers == ZERO_DIGEST:
        return Breach("printer", 0, SAME, 0)
    try:
        proof_check(PrinterLeaf(bid.printer), printer_proof(mandate, bid, printers), mandate.printers)
    except ProofInvalid:
        return Breach("printer", _number(bid.printer), SAME, _number(mandate.printers))
    return Breach("printer", 0, SAME, 0)


def _holds(each: Breach) -> bool:
    if each.relation == AT_MOST:
        return each.value <= each.limit
    return each.value >= each.limit if each.relation == AT_LEAST else each.value == each.limit


def _number(digest: Digest) -> int:
    return int.from_bytes(digest)


def printers_root(printers: Sequence[Digest]) -> Digest:
    """What a mandate names for these printers; zero accepts any. Raises TreeRefused for one named twice."""
    return _tree(printers).root if printers else ZERO_DIGEST


def printer_proof(mandate: Mandate, bid: Bid, printers: Sequence[Digest]) -> Proof:
    """That the bid's printer is one of those accepted; empty where any is, or this one is not."""
    if mandate.printers == ZERO_DIGEST or bid.printer not in printers:
        return ()
    return _tree(printers).proof(printers.index(bid.printer))


def _tree(printers: Sequence[Digest]) -> MerkleTree:
    return MerkleTree([PrinterLeaf(printer).digest() for printer in printers])


def units_for(bid: Bid, available: int) -> int:
    """How many of the units that are left a bid can be awarded; none where it is for more."""
    units = min(bid.max_units, available)
    try:
        price_of(bid, units)
    except Malformed:
        return 0
    return units


def mandate_problems(
    mandate: Mandate, *, quantity: int, arbiters: frozenset[str], printers: Sequence[Digest]
) -> dict[str, list[str]]:
    """Why no bid on the job could ever be awarded under a mandate, or too many, by member; empty if none."""
    root = printers_root(printers)
    checks = (
        ("token", int(mandate.token, 16) != 0, "This marketplace settles in the chain's own coin: zero."),
        ("arbiter", mandate.arbiter not in arbiters, f"Must be one of {', '.join(sorted(arbiters))}."),
        ("units", not 1 <= mandate.units <= quantity, f"The job has {quantity} units: 1 to {quantity}."),
        ("maxUnitPrice", mandate.max_unit_price == 0, "No bid asks nothing."),
        ("maxMakeTime", mandate.max_make_time == 0, "No bid takes no time."),
        (
            "maxArbiterTime",
            mandate.max_arbiter_time < max(1, mandate.min_arbiter_time),
            "Must be at least minArbiterTime, and above zero.",
        ),
        (
            "printers",
            mandate.printers != root,
            f"The list makes the root {hex_of(root)}: send those it was signed for.",
        ),
    )
    return {name: [text] for name, wrong, text in checks if wrong}


def mandate_status(mandate: Mandate, *, used: int, revoked: bool, now: int) -> MandateStatus:
    """What a mandate can still do."""
    if revoked:
        return MandateStatus.REVOKED
    if now > mandate.valid_until:
        return MandateStatus.EXPIRED
    return MandateStatus.USED_UP if used >= mandate.units else MandateStatus.ACTIVE
