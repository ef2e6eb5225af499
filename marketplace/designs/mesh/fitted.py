"""The constants of estimates, written by `python -m benchmarks.estimate --fit`, which fits to one half of the
parts it was made with; and how far off estimates are, written by `--fresh` from parts it had never met.
`fitted.json` names profile and days. A new constant needs any value there before its first fit."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from marketplace.designs.mesh.constants import Constants

PRUSA: Final = "prusa-slicer"
PATH: Final = Path(__file__).with_name("fitted.json")


@dataclass(frozen=True)
class Error:
    """Of time and of material: the mean share, and the logarithm that 19 in 20 parts stay within."""

    time_mean: float
    time_most: float
    material_mean: float
    material_most: float


@dataclass(frozen=True)
class Factor:
    """What a slicer's figures are multiplied by to be PrusaSlicer's: measured, as each counts otherwise."""

    time: float
    material: float


def _read() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
    return found


_FITTED: Final = _read()
CONSTANTS: Final = Constants(**_FITTED["constants"])
FACTORS: Final = {slicer: Factor(**factor) for slicer, factor in _FITTED["factors"].items()}
ERRORS: Final[dict[str, dict[str, dict[str, Error]]]] = {
    slicer: {
        source: {kind: Error(**error) for kind, error in kinds.items()} for source, kinds in sources.items()
    }
    for slicer, sources in _FITTED["errors"].items()
}
"""By the slicer whose slice is made use of, what the estimate rests on, and the class of parts."""
