"""However deep the chain takes back awards, deliveries and payments, the rows are those of a fresh follow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

import pytest

from marketplace.chain.models import Log
from tests.anvil import running_anvil
from tests.factories.deal import deal_on
from tests.factories.moves import Market, market_on
from tests.factories.projected import empty, equals_a_fresh_follow, follow, projected

pytestmark = pytest.mark.django_db

# Some on one chain, one after the other. `make test-slow` tries every depth.
DEPTHS = [*(range(first, 17, 4) for first in range(1, 5)), (19, 22, 28, 35), (41, 46, 52), (58, 64)]
OTHER_DEPTHS = [[depth for depth in range(first, 64, 7) if depth > 16] for first in range(1, 8)]
EPOCH = 40
"""Twice as many blocks are not final: more than are taken back."""


@pytest.fixture
def market(tmp_path, settings, ada, bo, charlie, dee, request) -> Iterator[Market]:
    with running_anvil(tmp_path, epoch=EPOCH) as anvil:
        deal = deal_on(anvil, tmp_path, settings, ada, bo, charlie)
        yield market_on(deal, Random(request.node.name), bo, charlie, dee)


def taken_back(market: Market, depth: int, how: Callable[[int], None]) -> set[str]:
    """Followed, so many blocks taken back, and followed again; which logs of agreements there were before."""
    market.more(jobs=1 + depth // 16)
    for _ in range(depth):
        market.block(2)
    follow()
    before = set(Log.objects.exclude(agreement="").values_list("name", flat=True))
    how(depth)
    follow()
    return before


@pytest.mark.parametrize(
    "depths", [*DEPTHS, *(pytest.param(some, marks=pytest.mark.slow) for some in OTHER_DEPTHS)], ids=str
)
def test_steps_come_back_elsewhere_in_another_order_or_never(market, depths):
    there = set()
    for depth in depths:
        there |= taken_back(market, depth, market.reorganise)
        equals_a_fresh_follow()
    assert there >= {"Awarded", "Delivered", "Paid"}


@pytest.mark.parametrize("depths", [range(1, 9), (16, 32), (64,)], ids=str)
def test_a_chain_rolled_back_goes_on_otherwise(market, depths):
    for depth in depths:
        taken_back(market, depth, market.rollback)
        equals_a_fresh_follow()
        market.block()
        follow()
        equals_a_fresh_follow()


def test_even_what_was_final_is_taken_back(market):
    """A chain that must not do this did it. What was told for good stays told: a CLOSED job, a bid that LOST."""
    market.anvil.epoch = EPOCH
    for depth in (3, 20, 64):
        market.more()
        for _ in range(depth):
            market.block()
        market.anvil.finalise()
        follow()
        market.reorganise(depth + 2 * EPOCH)
        follow()
        rows = projected()
        empty()
        follow()
        assert [projected()[name] for name in ("logs", "agreements")] == [
            rows[name] for name in ("logs", "agreements")
        ]
