"""Units of length that a model file may be drawn in, and a guess where the file does not say. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Unit(StrEnum):
    MICROMETRE = "um"
    MILLIMETRE = "mm"
    CENTIMETRE = "cm"
    INCH = "inch"
    FOOT = "foot"
    METRE = "m"

    @property
    def mm(self) -> float:
        """Millimetres in one of it."""
        return MILLIMETRES[self]

    @property
    def words(self) -> str:
        return WORDS[self]


MILLIMETRES: Final[dict[str, float]] = {
    "um": 0.001, "mm": 1.0, "cm": 10.0, "inch": 25.4, "foot": 304.8, "m": 1000.0,
}  # fmt: skip
WORDS: Final[dict[str, str]] = {
    "um": "micrometres", "mm": "millimetres", "cm": "centimetres", "inch": "inches", "foot": "feet",
    "m": "metres",
}  # fmt: skip
# What is printed is mostly between a thimble and the largest beds.
LIKELY_MM: Final = (5.0, 1000.0)
# Shorter than this in millimetres hardly anything is made by a filament printer.
TINY_MM: Final = 3.0
INCH_LIMIT: Final = 14.0
SIXTEENTHS: Final = 16
SLACK: Final = 1e-4


@dataclass(frozen=True)
class UnitGuess:
    """The unit a model was probably drawn in, and why. An offer: nothing is converted by it."""

    unit: Unit
    reason: str

    @property
    def advice(self) -> str:
        return f"If {self.unit.words} are meant, have it read in {self.unit.words}."


def units_guess(size: Sequence[float], unit: Unit, *, stated: bool) -> UnitGuess | None:
    """A likelier unit than `unit` for a model of these three side lengths, measured in `unit`.

    `stated` says that the file names its unit: then only an impossible size speaks against it.
    """
    longest = max(size)
    if longest <= 0:
        return None
    if not stated and unit is Unit.MILLIMETRE and (inches := _inches(size)):
        return inches
    if longest * unit.mm < (0.1 if stated else TINY_MM):
        return _likelier(longest, unit, (Unit.MILLIMETRE, Unit.INCH, Unit.METRE))
    if longest * unit.mm > 2000:
        return _likelier(longest, unit, (Unit.MILLIMETRE, Unit.MICROMETRE))
    return None


def _inches(size: Sequence[float]) -> UnitGuess | None:
    """Drawn in inches: whole sixteenths on every side, and a side that nobody draws in millimetres."""
    longest = max(size)
    if not TINY_MM / 10 <= longest <= INCH_LIMIT:
        return None
    if not all(_multiple(side, 1 / SIXTEENTHS) for side in size):
        return None
    if longest > TINY_MM and all(_multiple(side, 0.1) for side in size):
        return None
    return UnitGuess(
        Unit.INCH,
        f"All sides ({_sides(size)}) are whole sixteenths and the longest is only {longest:g}: "
        f"in inches that is {longest * 25.4:.4g} mm.",
    )


def _likelier(longest: float, unit: Unit, candidates: Sequence[Unit]) -> UnitGuess | None:
    for candidate in candidates:
        if candidate is not unit and LIKELY_MM[0] <= longest * candidate.mm <= LIKELY_MM[1]:
            return UnitGuess(
                candidate,
                f"Read in {unit.words} the longest side is {longest * unit.mm:.4g} mm; "
                f"in {candidate.words} it is {longest * candidate.mm:.4g} mm.",
            )
    return None


def _multiple(length: float, step: float) -> bool:
    count = length / step
    return round(count) > 0 and abs(count - round(count)) < SLACK * SIXTEENTHS


def _sides(size: Sequence[float]) -> str:
    return " x ".join(f"{side:.4g}" for side in size)
