"""Where an agreement's money goes when it is paid or closed, as the contract computes it. Pure; wei."""

from dataclasses import dataclass

from protocol.statuses import AgreementStatus
from protocol.terms import ALL_BPS, Bid


@dataclass(frozen=True)
class Pot:
    """What an agreement holds: its price, what is paid of it, its status."""

    bid: Bid
    price: int
    paid: int
    status: AgreementStatus

    @property
    def unpaid(self) -> int:
        return self.price - self.paid

    @property
    def posted(self) -> int:
        """The dispute fee that is held."""
        return int(self.bid.dispute_fee) if self.status is AgreementStatus.DISPUTED else 0


@dataclass(frozen=True)
class Payout:
    """What leaves an agreement, to whom. `payment` is net of `fee`."""

    payment: int
    fee: int
    bond_back: int
    to_designer: int
    to_arbiter: int = 0


def _fee_on(bid: Bid, cumulative: int) -> int:
    return cumulative * bid.fee_bps // ALL_BPS


def paid_up_to(pot: Pot, cumulative: int) -> Payout:
    """A payment that raises what is paid to `cumulative`; in full it closes."""
    full = cumulative == pot.price
    gross, fee = cumulative - pot.paid, _fee_on(pot.bid, cumulative) - _fee_on(pot.bid, pot.paid)
    return Payout(gross - fee, fee, int(pot.bid.bond) if full else 0, pot.posted if full else 0)


def _closed(pot: Pot, gross: int, bond_back: int, to_arbiter: int = 0) -> Payout:
    rest = pot.unpaid + int(pot.bid.bond) + pot.posted - gross - bond_back - to_arbiter
    fee = _fee_on(pot.bid, pot.paid + gross) - _fee_on(pot.bid, pot.paid)
    return Payout(gross - fee, fee, bond_back, rest, to_arbiter)


def cancelled(pot: Pot) -> Payout:
    """Nobody loses anything."""
    return _closed(pot, 0, int(pot.bid.bond))


def refunded(pot: Pot) -> Payout:
    """The provider keeps of its bond the share that is paid of the price."""
    return _closed(pot, 0, int(pot.bid.bond) * pot.paid // pot.price)


def ruled(pot: Pot, cumulative: int, bond_back: int) -> Payout:
    """As the arbiter decides, who receives the dispute fee."""
    return _closed(pot, max(0, cumulative - pot.paid), bond_back, int(pot.bid.dispute_fee))


def settled(pot: Pot, to_provider: int) -> Payout:
    """As both sides signed: the bond's part comes first and free of fee."""
    bond_back = min(to_provider, int(pot.bid.bond))
    return _closed(pot, to_provider - bond_back, bond_back)


def expired(pot: Pot) -> Payout:
    """The split both sides signed for an arbiter who stays silent."""
    return _closed(pot, pot.unpaid * pot.bid.fallback_bps // ALL_BPS, int(pot.bid.bond))
