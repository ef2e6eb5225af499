"""Every case once, on a chain of its own."""

from dataclasses import dataclass

from benchmarks.gas.awards import AWARDS
from benchmarks.gas.case import CURRENCIES, NATIVE, Case
from benchmarks.gas.disputes import DISPUTES
from benchmarks.gas.floor import Floor
from benchmarks.gas.ledger import LEDGER
from benchmarks.gas.making import MAKING
from benchmarks.gas.mandates import MANDATES
from benchmarks.gas.market import Market
from benchmarks.gas.node import own_chain
from benchmarks.gas.permits import PERMITS
from benchmarks.gas.sources import compile_helpers
from benchmarks.gas.story import Story
from protocol.units import ZERO_ADDRESS, address_of

CASES = (*AWARDS, *PERMITS, *MANDATES, *MAKING, *DISPUTES, *LEDGER)

Gas = dict[str, dict[str, int]]
"""Name of a case, or of a kind of least work -> currency -> gas."""


@dataclass(frozen=True)
class Figures:
    """What one run measured."""

    cases: Gas
    floor: Gas


def measure() -> Figures:
    """Start a chain, make every account a used one, and play each case from there."""
    helpers = compile_helpers()
    with own_chain() as chain:
        market = Market(chain, helpers)
        cases = {
            case.name: {currency: _play(market, case, currency) for currency in case.currencies}
            for case in CASES
        }
        return Figures(cases, _floors(market))


def _play(market: Market, case: Case, currency: str) -> int:
    token = ZERO_ADDRESS if currency == NATIVE else address_of(market.token.address)
    with market.chain.undone():
        return case.play(Story(market, case.name, token))


def _floors(market: Market) -> Gas:
    found: Gas = {}
    for currency in CURRENCIES:
        with market.chain.undone():
            for work, gas in Floor(market, currency).measure().items():
                found.setdefault(work, {})[currency] = gas
    return found
