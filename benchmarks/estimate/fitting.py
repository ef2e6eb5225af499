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
from marketplace.designs.mesh.constants import Constants
from marketplace.designs.mesh.measurement import Measurement
from marketplace.designs.mesh.printing import copy_of
from marketplace.designs.slicing.outcome import SliceOutcome, SliceSettings

# What the profile says, where it says it, and what the moves in the G-code of the fitting half took, each
# kind of them: constants stay near unless the parts speak against it.
EXPECTED: Final = Constants(
    wall_flow=0.97,
    skin_flow=1.1,
    fill_flow=1,
    anchor=0.15,
    slope_mm=0.13,
    grown=1.5,
    narrow_mm=0.12,
    rim_mm=3.7,
    open_mm=1.5,
    support_flow=0.077,
    support_edge_mm=0.49,
    lean_mm=0.2,
    flat_mm=0.65,
    resting_layers=0.66,
    support_line_mm2=0.08,
    support_mm_s=42,
    flat_s_mm3=0.13,
    lean_s_mm3=0.84,
    support_hops=0.0028,
    lean_hops=1.3,
    flat_hops=0.17,
    brake=0.45,
    first_mm_s=33,
    slowest_mm_s=14,
    cooling_s=9.1,
    acceleration=460,
    narrow=0.78,
    corner_mm_s=11,
    fill_hops=0.072,
    skin_hops=0.049,
    slope_hops=1.2,
    hop_s=0.18,
    hop_way=0.6,
    loop_s=0.15,
    layer_s=0.16,
    start_s=7.1,
)
MOST_STEPS: Final = 12
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

    found = least_squares(wrong, start, max_nfev=MOST_STEPS).x
    return Constants(
        **{name: float(f"{value:.4g}") for name, value in zip(names, np.exp(found), strict=True)}
    )


def errors_of(sample: Sample, by: Constants) -> tuple[float, float]:
    """Logarithms of estimated through sliced: of time and of material."""
    copy = copy_of(sample.model, sample.how.layer_um, sample.how.infill_percent, by)
    return log(copy.seconds / sample.truth.seconds), log(copy.mm3 / sample.truth.extruded_mm3)
