"""Where a copy lies on a plate."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """The middle of a copy's footprint, micrometres from the middle of the bed; `turned` by a quarter."""

    x_um: int
    y_um: int
    turned: bool


ALONE = Place(0, 0, False)
"""A copy that has the plate for itself lies in its middle."""
