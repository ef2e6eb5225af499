"""A market on a chain of its own, with an operator who anchors at once."""

from __future__ import annotations

from random import Random

import pytest

from tests.factories.deal import deal
from tests.factories.moves import market_on
from tests.factories.operator import operated, operator
from tests.kills.scene import Scene

__all__ = ["deal", "operated", "operator"]


@pytest.fixture
def scene(deal, operated, settings, bo, charlie, dee, seed) -> Scene:
    settings.ANCHOR_SECONDS = 0
    deal.anvil.fund(operated)
    return Scene(market_on(deal, Random(seed), bo, charlie, dee), operated, seed)
