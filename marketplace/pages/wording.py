"""Statuses, evidence and next steps in words for people. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

from marketplace.chain.fate_rules import Fate
from marketplace.escrow.dispatch_rules import DispatchStatus
from marketplace.escrow.mandate_rules import MandateStatus
from protocol.evidence import Kind
from protocol.plates import payload_text
from protocol.statuses import AgreementStatus, BidStatus, How, JobStatus
from protocol.units import ZERO_ADDRESS, duration_text

# The tones are CSS classes: calm (nothing to do), active (something moves), good, bad.
JOB_STATUS: Mapping[str, tuple[str, str]] = {
    JobStatus.DRAFT: ("Draft", "calm"),
    JobStatus.MEASURING: ("Measuring", "active"),
    JobStatus.OPEN: ("Open for bids", "open"),
    JobStatus.REFUSED: ("Refused", "bad"),
    JobStatus.AWARDED: ("Awarded", "active"),
    JobStatus.WITHDRAWN: ("Withdrawn", "calm"),
    JobStatus.EXPIRED: ("Expired", "calm"),
    JobStatus.CLOSED: ("Closed", "good"),
}
BID_STATUS: Mapping[str, tuple[str, str]] = {
    BidStatus.OPEN: ("Open", "open"),
    BidStatus.AWARDED: ("Awarded", "good"),
    BidStatus.LOST: ("Not chosen", "calm"),
    BidStatus.WITHDRAWN: ("Withdrawn", "calm"),
    BidStatus.EXPIRED: ("Expired", "calm"),
}
AGREEMENT_STATUS: Mapping[str, tuple[str, str]] = {
    AgreementStatus.AWARDED: ("Being made", "active"),
    AgreementStatus.DELIVERED: ("Delivered", "open"),
    AgreementStatus.DISPUTED: ("Disputed", "bad"),
    AgreementStatus.CLOSED: ("Closed", "good"),
}
MANDATE_STATUS: Mapping[str, tuple[str, str]] = {
    MandateStatus.ACTIVE: ("At work", "open"),
    MandateStatus.USED_UP: ("All awarded", "active"),
    MandateStatus.REVOKED: ("Revoked", "calm"),
    MandateStatus.EXPIRED: ("Expired", "calm"),
}
DISPATCH_STATUS: Mapping[str, tuple[str, str]] = {
    DispatchStatus.WANTED: ("On its way", "active"),
    DispatchStatus.AWARDED: ("Awarded", "good"),
    DispatchStatus.FAILED: ("Failed", "bad"),
    DispatchStatus.EXPIRED: ("Not sent in time", "calm"),
}
DESIGN_STATUS: Mapping[str, tuple[str, str]] = {
    "UPLOADED": ("Waiting", "active"),
    "MEASURING": ("Measuring", "active"),
    "MEASURED": ("Measured", "good"),
    "REFUSED": ("Refused", "bad"),
}
FATE: Mapping[str, tuple[str, str]] = {
    Fate.PENDING: ("Waiting", "active"),
    Fate.MINED: ("In a block", "open"),
    Fate.FINAL: ("Final", "good"),
    Fate.FAILED: ("Failed", "bad"),
    Fate.REPLACED: ("Replaced", "calm"),
    Fate.FORGOTTEN: ("Unknown", "bad"),
}
PRINTER_STATUS_TONE: Mapping[str, str] = {
    "READY": "good",
    "PRINTING": "active",
    "STARTING": "active",
    "FINISHED_UNCLEARED": "open",
    "FAULT": "bad",
    "UNREACHABLE": "bad",
}
STEPS: Mapping[str, str] = {
    "approve": "Tokens allowed",
    "bump-epoch": "All bids withdrawn",
    "drop-standby": "Standby dropped",
    "give-up": "Given up",
    "revoke-mandate": "Mandate revoked",
    "set-agent": "Hot key set or revoked",
}
HOW: Mapping[str, str] = {
    How.RELEASED: "accepted and paid by the designer",
    How.REDEEMED: "paid with a voucher the designer signed",
    How.CLAIMED: "claimed by the provider after the review time",
    How.REFUNDED: "refunded after a missed deadline or a give-up",
    How.REAWARDED: "taken over by the standby provider",
    How.CANCELLED: "cancelled in the grace time",
    How.RULED: "divided by the arbiter",
    How.SETTLED: "divided as both sides signed",
    How.EXPIRED: "ended without a ruling",
}
MONEY: Mapping[str, str] = {
    "PRICE": "Price into the escrow",
    "BOND": "Provider's bond into the escrow",
    "DISPUTE_FEE": "Dispute fee into the escrow",
    "TAKEN_OVER": "Price taken over from the agreement that failed",
    "PAYMENT": "To the provider",
    "FEE": "Fee to the marketplace",
    "REFUND": "Back to the designer",
    "BOND_BACK": "Bond back to the provider",
    "ARBITER": "Dispute fee to the arbiter",
    "HANDED_OVER": "Price handed over to the standby's agreement",
}
LOGS: Mapping[str, str] = {
    "Awarded": "Bid awarded, price held by the escrow",
    "Delivered": "Delivery stated, with the head of the evidence log",
    "Disputed": "Delivery contested: the arbiter decides",
    "GaveUp": "The provider gave up: the money can go back",
    "StandbyDropped": "The standby is no longer named",
    "Paid": "Payment made",
    "Closed": "Agreement closed, money divided",
    "Credited": "Amount credited to a free balance",
    "MandateUsed": "Units of the designer's mandate counted",
}

Payload = Mapping[str, Any]
MOST_COPIES = 10**9
"""No record of so many is one."""


def status_words(table: Mapping[str, tuple[str, str]], status: str) -> tuple[str, str]:
    """A status in words, and its tone."""
    return table.get(status, (status.capitalize().replace("_", " "), "calm"))


def bytes_text(count: int) -> str:
    """A file's size: `82 kB`, `1.3 MB`."""
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{max(1, round(count / 1e3))} kB"


def log_text(name: str, args: Payload) -> str:
    """What a log of the escrow says."""
    if name == "Paid" and str(args.get("how")) != "0":
        return "Paid in full, agreement closed"
    if name == "Credited" and args.get("token") == ZERO_ADDRESS:
        return "Amount credited to a free balance, to be withdrawn"
    return LOGS.get(name, name)


def evidence_text(kind: str, payload: Payload) -> str:
    """What a record states, in one sentence. Payloads come from an agent: missing members are left out."""
    tell = _EVIDENCE.get(kind)
    return tell(payload) if tell else kind.capitalize()


def _joined(first: str, *facts: str) -> str:
    known = ", ".join(fact for fact in facts if fact)
    return f"{first}: {known}" if known else first


def _number(payload: Payload, name: str, text: Callable[[float], str]) -> str:
    value: Any = payload.get(name)
    return text(value) if _is_number(value) else ""


def _text(payload: Payload, *names: str) -> str:
    return " ".join(str(payload[name]) for name in names if isinstance(payload.get(name), str))


def _layers(payload: Payload) -> str:
    return _number(payload, "layers", lambda count: f"{count:.0f} layers")


def _print_time(payload: Payload) -> str:
    return _number(payload, "print_seconds", duration_text)


def _pauses(payload: Payload) -> str:
    return _number(
        payload, "paused_seconds", lambda pause: f"of it {duration_text(pause)} paused" if pause > 0 else ""
    )


def size_text(payload: Payload) -> str:
    """A measured size: `20.02 x 19.98 x 10.05 mm`; empty where there is none."""
    size = payload.get("size_um")
    if not isinstance(size, list) or len(size) != 3 or not all(_is_number(one) for one in size):
        return ""
    return " x ".join(f"{one / 1000:.2f}" for one in size) + " mm"


def weight_text(payload: Payload) -> str:
    """A weight: `41.5 g`; empty where there is none."""
    return _number(payload, "weight_mg", lambda weight: f"{weight / 1000:.1f} g")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def copy_text(payload: Payload) -> str:
    """Which copy: `copy 3`. Records count from 0, people from 1; empty where it names none."""
    copy = payload.get("copy")
    return f"copy {copy + 1}" if type(copy) is int and 0 <= copy < MOST_COPIES else ""


def _copy(payload: Payload) -> str:
    return " ".join(filter(None, (_text(payload, "part"), copy_text(payload))))


def _prefixed(first: str, text: str) -> str:
    return f"{first}{text}" if text else ""


def _pictured(payload: Payload) -> str:
    return "with a picture" if _text(payload, "photo") else ""


_EVIDENCE: Mapping[str, Callable[[Payload], str]] = {
    Kind.JOB_SPEC: lambda p: "Read the job and set out to make it",
    Kind.MODEL_RECEIVED: lambda p: _joined(
        "Received the model", _text(p, "name"), _number(p, "bytes", lambda n: bytes_text(int(n)))
    ),
    Kind.SLICED: lambda p: _joined(
        "Sliced",
        payload_text(p),
        _text(p, "slicer", "slicer_version"),
        _layers(p),
        _number(p, "grams", lambda grams: f"{grams:.1f} g"),
        _print_time(p),
    ),
    Kind.PRINT_STARTED: lambda p: _joined(
        "Print started", payload_text(p), _text(p, "filament"), _text(p, "printer")
    ),
    Kind.TELEMETRY: lambda p: _joined(
        "Telemetry kept", _number(p, "samples", lambda count: f"{count:.0f} samples")
    ),
    Kind.PRINT_FINISHED: lambda p: _joined(
        "Print finished", payload_text(p), _layers(p), _print_time(p), _pauses(p)
    ),
    Kind.PRINT_FAILED: lambda p: _joined("Print failed", _text(p, "reason")),
    Kind.PAUSED: lambda p: _joined("Print paused", _text(p, "reason")),
    Kind.PHOTO: lambda p: "Took a picture of the print",
    Kind.MEASURED: lambda p: _joined("Measured", _copy(p), size_text(p), weight_text(p)),
    Kind.PACKED: lambda p: _joined("Packed", weight_text(p), _pictured(p)),
    Kind.SHIPPED: lambda p: _joined(
        "Shipped", _text(p, "carrier"), _prefixed("number ", _text(p, "tracking")), _pictured(p)
    ),
    Kind.RECEIVED: lambda p: _joined("Designer received the parts", _text(p, "note")),
}
