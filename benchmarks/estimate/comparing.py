"""How far off estimates are, by what they rest on and by kinds of parts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from math import log
from typing import Final

import numpy as np

from benchmarks.estimate.fitting import Sample
from marketplace.designs.mesh.constants import Constants
from marketplace.designs.mesh.estimate import Source, kind_of
from marketplace.designs.mesh.fitted import Error
from marketplace.designs.mesh.printing import Copy, copy_of

KINDS: Final = ("plain", "thin", "supported", "intricate", "totals", "flexible")
ALMOST_ALL: Final = 0.95
ENOUGH: Final = 8
# So that a class of few parts does not pretend to be exact.
LEAST_MEAN, LEAST_MOST = 0.01, 0.02
Predict = Callable[[Sample], Copy]


@dataclass(frozen=True)
class Point:
    """One part with settings: estimated and sliced."""

    sample: Sample
    copy: Copy

    @property
    def time(self) -> float:
        """Logarithm of estimated through sliced."""
        return log(self.copy.seconds / self.sample.truth.seconds)

    @property
    def material(self) -> float:
        return log(self.copy.mm3 / self.sample.truth.extruded_mm3)


def by_geometry(by: Constants) -> Predict:
    return lambda sample: copy_of(sample.model, sample.how.layer_um, sample.how.infill_percent, by)


def by_totals(by: Constants) -> Predict:
    """As for a model measured before layers were."""
    plain = by_geometry(by)
    return lambda sample: plain(replace(sample, model=replace(sample.model, layers=None)))


def by_scaling(by: Constants, samples: Iterable[Sample]) -> Predict:
    """From the part's slice with the usual settings."""
    usual = {each.name: each for each in samples if each.usual}
    plain = by_geometry(by)

    def predicted(sample: Sample) -> Copy:
        known, there, here = usual[sample.name].truth, plain(usual[sample.name]), plain(sample)
        return Copy(here.seconds * known.seconds / there.seconds, here.mm3 * known.extruded_mm3 / there.mm3)

    return predicted


def points(samples: Iterable[Sample], predict: Predict) -> list[Point]:
    return [Point(sample, predict(sample)) for sample in samples]


def errors_by_kind(
    found: Mapping[Source, Sequence[Point]], totals: Sequence[Point]
) -> dict[str, dict[str, dict[str, float]]]:
    """What `fitted.json` says of errors."""
    table: dict[str, dict[str, dict[str, float]]] = {}
    for source, some in found.items():
        table[source.value] = {kind: asdict(error_of(_of_kind(some, kind))) for kind in KINDS}
    table[Source.GEOMETRY.value]["totals"] = asdict(error_of(totals))
    return table


def _of_kind(some: Sequence[Point], kind: str) -> Sequence[Point]:
    """Those of a kind; all of them where these are too few to say anything."""
    chosen = [each for each in some if kind_of(each.sample.model) == kind]
    return chosen if len(chosen) >= ENOUGH else some


def error_of(some: Sequence[Point]) -> Error:
    time = np.abs([each.time for each in some])
    material = np.abs([each.material for each in some])
    return Error(
        time_mean=round(max(LEAST_MEAN, float(time.mean())), 3),
        time_most=round(max(LEAST_MOST, float(np.quantile(time, ALMOST_ALL))), 3),
        material_mean=round(max(LEAST_MEAN, float(material.mean())), 3),
        material_most=round(max(LEAST_MOST, float(np.quantile(material, ALMOST_ALL))), 3),
    )
