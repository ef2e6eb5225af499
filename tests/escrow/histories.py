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
STANDBY = "0x" + "5b" * 32
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
        "dispute_fee": Wei(30),
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
    given_up: bool = False
    standby: str = ZERO
    ledger: dict[str, int] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = self.now
        self.price = int(self.bid.unit_price) * self.units
        self._emit("Awarded", bid=self.bid.to_json(), units=self.units, standby=self.standby, book=ZERO,
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
        return paid * self.bid.fee_bps // 10_000

    def pay(self, cumulative: int, how: How) -> None:
        fee = self.fee_on(cumulative) - self.fee_on(self.paid)
        self._gets(BO, cumulative - self.paid - fee)
        self._gets(FEE_TO, fee)
        self.paid = cumulative
        full = cumulative == self.price
        if full:
            self._gets(BO, int(self.bid.bond))
            self._gets(ADA, self.posted)
            self._close(how)
        self._emit("Paid", paid=str(cumulative), fee=str(fee), how=HOWS.index(how if full else How.OPEN))

    def deliver(self) -> None:
        self.status, self.clock = "DELIVERED", self.now
        self._emit("Delivered", head=hex_of(b"h" * 32))

    @property
    def posted(self) -> int:
        """The dispute fee while it is held."""
        return int(self.bid.dispute_fee) if self.status == "DISPUTED" else 0

    def dispute(self) -> None:
        self.status, self.clock = "DISPUTED", self.now
        self._emit("Disputed", head=hex_of(b"d" * 32))

    def give_up(self) -> None:
        self.given_up = True
        self._emit("GaveUp")

    def drop_standby(self) -> None:
        self.standby = ZERO
        self._emit("StandbyDropped")

    def refund(self) -> None:
        if not self.given_up:
            self.later(self.bid.make_time + REDEEM_WINDOW + 1)
        self.close(How.REFUNDED, 0, int(self.bid.bond) * self.paid // self.price)

    def cancel(self) -> None:
        self.close(How.CANCELLED, 0, int(self.bid.bond))

    def expire(self) -> None:
        self.later(self.bid.arbiter_time + 1)
        share = (self.price - self.paid) * self.bid.fallback_bps // 10_000
        self.close(How.EXPIRED, share, int(self.bid.bond))

    def reaward(self, price: int) -> None:
        """The standby takes over at a price of its own."""
        self._gets(self.standby, price)
        self.close(How.REAWARDED, 0, 0, standby_price=price)

    def close(self, how: How, gross: int, bond_back: int, *, standby_price: int = 0) -> None:
        """Everything else goes to the designer, but a dispute fee that an arbiter earned."""
        to_arbiter = self.posted if how is How.RULED else 0
        rest = self.price - self.paid + int(self.bid.bond) + self.posted - to_arbiter - standby_price
        fee = self.fee_on(self.paid + gross) - self.fee_on(self.paid)
        to_designer = rest - gross - bond_back
        self._gets(BO, gross - fee + bond_back)
        self._gets(FEE_TO, fee)
        self._gets(ADA, to_designer)
        self._gets(EVE, to_arbiter)
        self.paid += gross
        self._close(how)
        self._emit("Closed", how=HOWS.index(how), toProvider=str(gross), fee=str(fee),
                   toDesigner=str(to_designer), bondBack=str(bond_back))  # fmt: skip

    def _close(self, how: How) -> None:
        self.status, self.how, self.clock = "CLOSED", how, self.now


@st.composite
def histories(draw: st.DrawFn) -> History:
    """An award, and then any steps the contract allows, closed or not."""
    bid = a_bid(
        unit_price=draw(st.integers(1, 2**80)),
        bond=draw(st.integers(0, 2**80)),
        dispute_fee=draw(st.integers(0, 2**80)),
        fee_bps=draw(st.integers(0, 1_000)),
        fallback_bps=draw(st.integers(0, 10_000)),
        grace_time=draw(st.integers(0, 3_599)),
    )
    standby = draw(st.sampled_from([ZERO, STANDBY]))
    history = History(bid, draw(st.integers(1, 100)), standby=standby)
    for _ in range(draw(st.integers(0, 5))):
        if history.status == "CLOSED":
            break
        history.later(draw(st.integers(1, 1_000)))
        _step(draw, history)
    return history


ONLY = {"DELIVERED": {"claim", "dispute"}, "DISPUTED": {"rule", "expire"}}


def steps_of(history: History) -> set[str]:
    """What the contract allows now."""
    steps = {"pay", "pay in full", "settle"}
    if history.status == "AWARDED":
        steps |= {"refund", "cancel"} | (set() if history.given_up else {"deliver", "give up"})
        if history.standby != ZERO:
            steps |= {"drop"} | (set() if history.paid else {"reaward"})
    return steps | ONLY.get(history.status, set())


def _step(draw: st.DrawFn, history: History) -> None:
    step, bond = draw(st.sampled_from(sorted(steps_of(history)))), int(history.bid.bond)
    simple = {
        "deliver": history.deliver,
        "give up": history.give_up,
        "drop": history.drop_standby,
        "dispute": history.dispute,
        "refund": history.refund,
        "cancel": history.cancel,
        "expire": history.expire,
    }
    if step in simple:
        simple[step]()
    elif step == "pay" and history.price - history.paid > 1:
        how = draw(st.sampled_from([How.RELEASED, How.REDEEMED]))
        history.pay(draw(st.integers(history.paid + 1, history.price - 1)), how)
    elif step == "claim":
        history.later(history.bid.review_time + 1)
        history.pay(history.price, How.CLAIMED)
    elif step == "rule":
        cumulative = draw(st.integers(0, history.price))
        history.close(How.RULED, max(0, cumulative - history.paid), draw(st.integers(0, bond)))
    elif step == "settle":
        total = draw(st.integers(0, history.price - history.paid + bond))
        history.close(How.SETTLED, total - min(total, bond), min(total, bond))
    elif step == "reaward":
        history.reaward(draw(st.integers(1, history.price + bond)))
    else:
        history.pay(history.price, draw(st.sampled_from([How.RELEASED, How.REDEEMED])))
