"""How much longer a printer takes than estimated, learned from its finished prints. Pure.

Slicers are off by a steady factor on many machines. The median of the logarithms is not moved by a print that
somebody paused overnight; a few prints alone say little, so as many imagined ones were exactly on time.
"""

from collections.abc import Iterable
from math import exp, log
from statistics import median
from typing import Final

PRIOR_PRINTS: Final = 3
"""How many prints on time a printer is given at the start."""
FARTHEST: Final = 3.0
"""No print counts as more than thrice as long, or as short, as expected."""
NEWEST_PRINTS: Final = 100
"""How many of a printer's finished prints count: nozzles, firmware and settings change."""


def pace_of(prints: Iterable[tuple[float, float]]) -> float:
    """From (expected, taken) seconds of finished prints: 1 where they take as long as expected, 2 for twice.

    Pairs that are not both above zero tell nothing. Between 1 / FARTHEST and FARTHEST.
    """
    most = log(FARTHEST)
    told = [
        max(-most, min(most, log(taken / expected)))
        for expected, taken in prints
        if expected > 0 and taken > 0
    ]
    if not told:
        return 1.0
    return exp(median(told) * len(told) / (len(told) + PRIOR_PRINTS))
