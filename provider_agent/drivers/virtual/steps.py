"""What a G-code program is made of once its modes are resolved: moves in machine coordinates, and the stops
between."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
X, Y, Z, E = range(4)


class Heater(StrEnum):
    """The two things that heat."""

    NOZZLE = "nozzle"
    BED = "bed"


@dataclass(frozen=True)
class Moves:
    """Consecutive straight moves. `targets` is (n, 4): X, Y, Z and filament, in mm from the machine's zero;
    `feed` (n) in mm/s and `acceleration` (n) in mm/s2 as the program asks for them."""

    targets: Floats
    feed: Floats
    acceleration: Floats


@dataclass(frozen=True)
class Heat:
    """Set a target in degrees Celsius, 0 for off; with `wait`, go on only once it is reached."""

    heater: Heater
    target_c: float
    wait: bool


@dataclass(frozen=True)
class Dwell:
    """Stand still for this many seconds."""

    seconds: float


@dataclass(frozen=True)
class Home:
    """Find the zero of these axes."""

    axes: tuple[int, ...]


@dataclass(frozen=True)
class MotorsOff:
    """The head may be pushed anywhere from now on."""


@dataclass(frozen=True)
class Halt:
    """The program asks a person to act, and waits."""

    reason: str


@dataclass(frozen=True)
class Broken:
    """The program cannot go on from here."""

    reason: str


Step = Moves | Heat | Dwell | Home | MotorsOff | Halt | Broken
