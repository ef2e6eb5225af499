"""A printer's finished prints as dots: expected time across, time taken upwards. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from protocol.units import duration_text

SIDE: Final = 100
"""Both axes have this length, so that a print on time lies on the diagonal."""
MINUTE: Final = 60


@dataclass(frozen=True)
class Dot:
    """One print, 0..SIDE from the left and from the top, and in words."""

    x: float
    y: float
    words: str


@dataclass(frozen=True)
class PacePlot:
    """Dots, where the line of the pace leaves the square, and the time at the end of both axes."""

    dots: tuple[Dot, ...]
    end_x: float
    end_y: float
    most: str


def plot_of(prints: Sequence[tuple[float, float]], pace: float) -> PacePlot | None:
    """The plot of (expected, taken) seconds; None without any."""
    if not prints:
        return None
    most = ceil(max(max(each) for each in prints) / MINUTE) * MINUTE
    steep = max(pace, 1.0)
    return PacePlot(
        dots=tuple(_dot(expected, taken, most) for expected, taken in prints),
        end_x=round(SIDE / steep, 1),
        end_y=round(SIDE - SIDE * pace / steep, 1),
        most=duration_text(most),
    )


def _dot(expected: float, taken: float, most: float) -> Dot:
    words = f"expected {duration_text(expected)}, took {duration_text(taken)}"
    return Dot(round(SIDE * expected / most, 1), round(SIDE - SIDE * taken / most, 1), words)


def pace_text(pace: float, prints: int) -> str:
    """What a printer's pace says, in one sentence."""
    if not prints:
        return "No finished print has shown yet how long it really takes."
    counted = f"{prints} print" if prints == 1 else f"{prints} prints"
    factor = f"{pace:.2f}"
    if factor == "1.00":
        return f"Takes as long as estimated, {counted}."
    return f"Takes {factor} times as long as estimated, {counted}."
