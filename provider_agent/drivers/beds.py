"""How large well-known printers print, by their makers' data sheets, where no software says it."""

from __future__ import annotations

import re
from typing import Final

BoxUm = tuple[int, int, int]

_CUBE: Final[BoxUm] = (256_000, 256_000, 256_000)
_SMALL: Final[BoxUm] = (180_000, 180_000, 180_000)
_BEDS: Final[dict[str, dict[str, BoxUm]]] = {
    "Prusa": {
        r"mini": _SMALL,
        r"mk2\.?5": (250_000, 210_000, 200_000),
        r"mk3\.?9|mk4": (250_000, 210_000, 220_000),
        r"mk3": (250_000, 210_000, 210_000),
        r"core[ _-]?one": (250_000, 220_000, 270_000),
        r"\bxl\b": (360_000, 360_000, 360_000),
    },
    "Bambu Lab": {
        r"\ba1[ _-]?mini": _SMALL,
        r"\b(a1|p1[ps]|x1[ce]?)\b": _CUBE,
    },
}
"""The first pattern that is found in a model's name is it."""


def bed_of(make: str, model: str) -> BoxUm | None:
    """The box that a model of this make prints in, micrometres; None for models that are not known."""
    named = model.lower()
    return next((bed for pattern, bed in _BEDS.get(make, {}).items() if re.search(pattern, named)), None)
