"""Materials as far as estimates tell them apart: what a gram fills, and how fast a hot end can melt it."""

from enum import StrEnum
from typing import Final

# Grams per cm3, from the makers' data sheets.
DENSITIES: Final[dict[str, float]] = {
    "PLA": 1.24,
    "PETG": 1.27,
    "ABS": 1.04,
    "ASA": 1.07,
    "TPU": 1.21,
    "PA": 1.14,
    "PC": 1.20,
}


class MaterialClass(StrEnum):
    """Materials that are printed alike: a slice of one serves all of its class."""

    ORDINARY = "ordinary"
    FLEXIBLE = "flexible"


FLOW_MM3_S: Final = {MaterialClass.ORDINARY: 12.0, MaterialClass.FLEXIBLE: 3.2}
"""What is melted and pushed through an ordinary hot end: soft filament buckles before the gears."""


def class_of(material: str) -> MaterialClass:
    return MaterialClass.FLEXIBLE if material == "TPU" else MaterialClass.ORDINARY
