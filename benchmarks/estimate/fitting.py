"""Constants by least squares of logarithms: twice as long counts as much as half as long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import log
from typing import Final

import numpy as np
from scipy.optimize import least_squares

from benchmarks.estimate.shapes import Floats
from benchmarks.estimate.truth import USUAL
from marketplace.designs.mesh.measurement import Measurement
from marketplace.designs.mesh.printing import Constants, copy_of
from marketplace.designs.slicing.outcome import SliceOutcome, SliceSettings

# What the profile says, where it says it: constants stay near unless the parts speak against it.
EXPECTED: Final = Constants(
    wall_flow=1.0,
    skin_flow=1.0,
    fill_flow=1.0,
    anchor=0.5,
    support_flow=0.18,
    support_edge_mm=1.0,
    contact_mm=0.4,
    contact_layers=3,
    wall_mm_s=36,
    short_mm_s=25,
    inner_mm_s=55,
    skin_mm_s=60,
    fill_mm_s=80,
    support_mm_s=50,
    first_mm_s=40,
    slowest_mm_s=15,
    acceleration=1000,
    narrow=1.0,
    corner_s=0.03,
    loop_s=0.3,
    layer_s=0.8,
    cooling_s=8,
    start_s=10,
)
HOLD: Final = 0.15
"""How much a constant twice what is expected weighs beside one part's error."""


@dataclass(frozen=True)
class Sample:
    """A part with settings, and the slicer's word."""

    name: str
    kind: str
    held_out: bool
    model: Measurement
    how: SliceSettings
    truth: SliceOutcome

    @property
    def usual(self) -> bool:
        return self.how == USUAL


def fit(samples: Sequence[Sample]) -> Constants:
    """Raises ValueError where a sample is held out."""
    if any(sample.held_out for sample in samples):
        raise ValueError("what is held out is not fitted to")
    names, start = list(asdict(EXPECTED)), np.log(list(asdict(EXPECTED).values()))

    def wrong(values: Floats) -> Floats:
        by = Constants(**dict(zip(names, np.exp(values).tolist(), strict=True)))
        errors = [error for sample in samples for error in errors_of(sample, by)]
        return np.concatenate([errors, HOLD * (values - start)])

    found = least_squares(wrong, start).x
    return Constants(
        **{name: float(f"{value:.4g}") for name, value in zip(names, np.exp(found), strict=True)}
    )


def errors_of(sample: Sample, by: Constants) -> tuple[float, float]:
    """Logarithms of estimated through sliced: of time and of material."""
    copy = copy_of(sample.model, sample.how.layer_um, sample.how.infill_percent, by)
    return log(copy.seconds / sample.truth.seconds), log(copy.mm3 / sample.truth.extruded_mm3)
