"""What the gas is measured against: the goals, and what is known of other escrows."""

from dataclasses import dataclass

from benchmarks.gas.case import CURRENCIES, ERC20, NATIVE
from benchmarks.gas.ledger import RECORDS
from benchmarks.gas.measure import Figures

AWARD, RELEASE = "award", "release, in full"
AWARD_FEE, REDEEM_FEE = "award, fee", "redeem, in full, fee"
LIFE = (AWARD, RELEASE)
FLOOR_OF_LIFE = ("award", "pay")


@dataclass(frozen=True)
class Goal:
    """At most `limit` gas for the cases together, for each of `records`."""

    name: str
    cases: tuple[str, ...]
    currency: str
    limit: int
    records: int = 1

    def measured(self, figures: Figures) -> float:
        """Gas, as the limit counts it."""
        return total(figures, self.cases, self.currency) / self.records

    def is_met(self, figures: Figures) -> bool:
        """Whether the measured gas keeps to the limit."""
        return self.measured(figures) <= self.limit


GOALS = (
    Goal("award", (AWARD,), NATIVE, 74_000),
    Goal("award", (AWARD,), ERC20, 94_000),
    Goal("release in full", (RELEASE,), NATIVE, 49_000),
    Goal("release in full", (RELEASE,), ERC20, 55_000),
    Goal("award and voucher in full, with a fee", (AWARD_FEE, REDEEM_FEE), NATIVE, 132_000),
    Goal("award and voucher in full, with a fee", (AWARD_FEE, REDEEM_FEE), ERC20, 162_000),
    Goal(f"one anchored record of {RECORDS:,}", ("anchor",), NATIVE, 55, RECORDS),
)


@dataclass(frozen=True)
class Bar:
    """One escrow from award to payment in full. `published`: a figure from elsewhere, not of this run."""

    name: str
    gas: int
    published: bool = True
    ours: bool = False


PUBLISHED = (
    Bar("Kleros Escrow v2 (verifies no bid)", 190_000),
    Bar("Base commerce-payments, ERC-20", 200_000),
    Bar("OpenBazaar", 451_000),
    Bar("ERC-8183 reference, 5 transactions", 542_000),
    Bar("iExec PoCo", 1_326_000),
)


def total(figures: Figures, cases: tuple[str, ...], currency: str) -> int:
    """Gas of several cases together."""
    return sum(figures.cases[name][currency] for name in cases)


def floor_of_life(figures: Figures, currency: str) -> int:
    """Gas of award and payment in full by the minimal contract."""
    return sum(figures.floor[work][currency] for work in FLOOR_OF_LIFE)


def bars(figures: Figures) -> tuple[Bar, ...]:
    """From award to payment in full: floor and ours in each currency, then what is published of others."""
    measured = [
        bar
        for currency in CURRENCIES
        for bar in (
            Bar(f"floor, {currency}", floor_of_life(figures, currency), published=False),
            Bar(f"Infill, {currency}", total(figures, LIFE, currency), published=False, ours=True),
        )
    ]
    return (*measured, *PUBLISHED)
