"""Legal histories of one agreement, drawn at random by playing the contract's rules."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from marketplace.escrow.rules import Entry
from protocol.statuses import How
from protocol.terms import REDEEM_WINDOW, Bid
from protocol.units import Address, Digest, Wei, address_of, hex_of

AGREEMENT = "0x" + "ab" * 32
ADA = address_of("0x" + "a1" * 20)
BO = address_of("0x" + "b0" * 20)
FEE_TO = address_of("0x" + "fe" * 20)
EVE = address_of("0x" + "ee" * 20)
ZERO = "0x" + "00" * 32
HOWS = list(How)


def a_bid(**changes: Any) -> Bid:
    terms: dict[str, Any] = {
        "provider": BO,
        "designer": ADA,
        "token": Address("0x" + "00" * 20),
        "arbiter": EVE,
        "fee_to": FEE_TO,
        "job_digest": Digest(b"j" * 32),
        "printer": Digest(b"p" * 32),
        "unit_price": Wei(1_000),
        "bond": Wei(100),
        "dispute_fee": Wei(0),
        "min_units": 1,
        "max_units": 100,
        "valid_until": 2_000_000_000,
        "make_time": 3_600,
        "review_time": 7_200,
        "arbiter_time": 7_200,
        "grace_time": 60,
        "fallback_bps": 5_000,
        "fee_bps": 250,
        "epoch": 0,
        "to_ledger": False,
        "salt": 1,
    }
    return Bid(**(terms | changes))


@dataclass
class History:
    """An agreement as the contract keeps it, and the logs it emitted."""

    bid: Bid
    units: int
    now: int = 1_700_000_000
    block: int = 10
    paid: int = 0
    status: str = "AWARDED"
    how: How = How.OPEN
    clock: int = 0
    ledger: dict[str, int] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = self.now
        self.price = int(self.bid.unit_price) * self.units
        self._emit("Awarded", bid=self.bid.to_json(), units=self.units, standby=ZERO, book=ZERO,
                   designer=ADA, provider=BO)  # fmt: skip

    def _emit(self, name: str, **args: Any) -> None:
        place = {"block": self.block, "log_index": len(self.entries), "time": self.now}
        transaction = f"0x{self.block:064x}"
        entry = Entry(
            name=name, args={"agreement": AGREEMENT, **args}, transaction=transaction, final=False, **place
        )
        self.entries.append(entry)

    def _gets(self, party: str, amount: int) -> None:
        self.ledger[party] = self.ledger.get(party, 0) + amount

    def later(self, seconds: int) -> None:
        self.now += seconds
        self.block += 1

    def fee_on(self, paid: int) -> int:
        return -(-paid * self.bid.fee_bps // 10_000)

    def pay(self, cumulative: int, how: How) -> None:
        fee = self.fee_on(cumulative) - self.fee_on(self.paid)
        self._gets(BO, cumulative - self.paid - fee)
        self._gets(FEE_TO, fee)
        self.paid = cumulative
        full = cumulative == self.price
        if full:
            self._close(how)
            self._gets(BO, int(self.bid.bond))
        self._emit("Paid", paid=str(cumulative), fee=str(fee), how=HOWS.index(how if full else How.OPEN))

    def deliver(self) -> None:
        self.status, self.clock = "DELIVERED", self.now
        self._emit("Delivered", head=hex_of(b"h" * 32))

    def refund(self) -> None:
        self.later(self.bid.make_time + REDEEM_WINDOW + 1)
        back = int(self.bid.bond) * self.paid // self.price
        to_designer = self.price - self.paid + int(self.bid.bond) - back
        self._close(How.REFUNDED)
        self._gets(BO, back)
        self._gets(ADA, to_designer)
        self._emit("Closed", how=HOWS.index(How.REFUNDED), toProvider="0", fee="0",
                   toDesigner=str(to_designer), bondBack=str(back))  # fmt: skip

    def _close(self, how: How) -> None:
        self.status, self.how, self.clock = "CLOSED", how, self.now


@st.composite
def histories(draw: st.DrawFn) -> History:
    """An award, and then any steps the contract allows, closed or not."""
    bid = a_bid(
        unit_price=draw(st.integers(1, 2**80)),
        bond=draw(st.integers(0, 2**80)),
        fee_bps=draw(st.integers(0, 1_000)),
        grace_time=draw(st.integers(0, 3_599)),
    )
    history = History(bid, draw(st.integers(1, 100)))
    for _ in range(draw(st.integers(0, 4))):
        if history.status == "CLOSED":
            break
        history.later(draw(st.integers(1, 1_000)))
        _step(draw, history)
    return history


def _step(draw: st.DrawFn, history: History) -> None:
    steps = ["pay", "pay in full"] + {"AWARDED": ["deliver", "refund"], "DELIVERED": ["claim"]}[
        history.status
    ]
    step = draw(st.sampled_from(steps))
    if step == "pay" and history.price - history.paid > 1:
        history.pay(draw(st.integers(history.paid + 1, history.price - 1)), How.RELEASED)
    elif step == "deliver":
        history.deliver()
    elif step == "refund":
        history.refund()
    elif step == "claim":
        history.later(history.bid.review_time + 1)
        history.pay(history.price, How.CLAIMED)
    else:
        history.pay(history.price, How.RELEASED)
