"""Measurements of a model from its triangles alone."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from marketplace.designs.mesh.arrays import Floats
from marketplace.designs.mesh.examine import Examined, examine, places_of
from marketplace.designs.mesh.measurement import NOZZLE_UM, Measurement, ModelRefused, Turning
from marketplace.designs.mesh.orientation import Orientation
from marketplace.designs.mesh.places import point_of
from marketplace.designs.mesh.printability import findings_of
from marketplace.designs.mesh.shells import volumes_of
from marketplace.designs.mesh.surface import Surface, surface_of
from marketplace.designs.mesh.topology import topology_of

FLAT_MM: Final = 0.01
# A closed body fills at least this share of its bounding box; an open sheet of facets has no volume at all.
MINIMUM_FILL: Final = 1e-6
FARTHEST_MM: Final = 1e9


@dataclass(frozen=True)
class Welded:
    """What a model's triangles make: `size` in mm, and how many of them were `dropped`, having no area."""

    surface: Surface
    size: Floats
    dropped: int


def measure(triangles: Floats, nozzle_um: int = NOZZLE_UM) -> Measurement:
    """Measure triangles (n, 3, 3) in mm. Raises ModelRefused when they enclose nothing or are not numbers."""
    return measure_welded(welded(triangles), nozzle_um)


def welded(triangles: Floats) -> Welded:
    """Triangles (n, 3, 3) in mm as a surface. Raises ModelRefused when they enclose nothing or are not
    numbers."""
    _check(triangles)
    size = np.ptp(triangles.reshape(-1, 3), axis=0)
    if size.min() < FLAT_MM:
        raise _nothing_enclosed("is flat")
    # Centred, so that the volume of a model with gaps does not depend on where it stands.
    surface, dropped = surface_of(triangles)
    if not len(surface.faces):
        raise _nothing_enclosed("has only facets without area")
    least = MINIMUM_FILL * float(size.prod())
    if abs(surface.volume) < least:
        raise _cancelled() if _bodies_volume(surface) > least else _nothing_enclosed("encloses no volume")
    return Welded(surface, size, dropped)


def measure_welded(model: Welded, nozzle_um: int = NOZZLE_UM) -> Measurement:
    found = examine(model.surface)
    measured = _measured(found, model.size, model.dropped, nozzle_um)
    return replace(measured, findings=findings_of(measured, places_of(found, nozzle_um / 1000)))


def _check(triangles: Floats) -> None:
    # Numbers that overflow when multiplied tell as little as those that are none.
    if not len(triangles) or not (np.abs(triangles) < FARTHEST_MM).all():
        raise ModelRefused(
            "broken-coordinates",
            "The model has no facets, or coordinates that are no lengths. Repair it and export it again.",
        )


def _measured(found: Examined, size: Floats, dropped: int, nozzle_um: int) -> Measurement:
    surface, topology, shells = found.surface, found.topology, found.shells
    areas, nz = surface.areas, surface.normals[:, 2]
    return Measurement(
        volume_mm3=_rounded(abs(surface.volume)),
        area_mm2=_rounded(areas.sum()),
        size_um=(_um(size[0]), _um(size[1]), _um(size[2])),
        triangles=len(surface.faces),
        watertight=topology.watertight,
        winding_consistent=topology.winding_consistent,
        bodies=topology.bodies,
        overhang_mm2=_rounded(found.support.area),
        bed_contact_mm2=_rounded(areas[found.bed].sum()),
        wall_mm2=_rounded((areas * np.hypot(surface.normals[:, 0], surface.normals[:, 1])).sum()),
        top_mm2=_rounded((areas * np.clip(nz, 0, None)).sum()),
        bottom_mm2=_rounded((areas * np.clip(-nz, 0, None)).sum()),
        degenerate_triangles=dropped + found.specks,
        inside_out=surface.volume < 0,
        duplicate_triangles=len(found.copied),
        duplicate_bodies=found.copied_bodies,
        inverted_bodies=len(shells.inverted),
        swallowed_bodies=len(shells.swallowed),
        cavities=len(shells.cavities),
        self_intersections=found.intersections.pairs,
        intersections_complete=found.intersections.complete,
        thinnest_um=_um_or_none(found.walls.smallest),
        gap_um=_um_or_none(found.gaps.smallest),
        smallest_body_um=_um(found.body_lengths.min()),
        support_mm3=_rounded(found.support.volume),
        centre_mm=point_of(found.balance.centre + surface.at),
        balance_um=_um(found.balance.margin),
        tilt_degrees=_rounded(found.balance.tilt),
        turning=_turning(found.orientation),
        nozzle_um=nozzle_um,
        layers=found.layers,
    )


def _turning(orientation: Orientation) -> Turning | None:
    if not orientation.worthwhile:
        return None
    now, best = orientation.now, orientation.best
    return Turning(
        down=point_of(np.array(best.down)),
        support_mm3=_rounded(best.support),
        support_now_mm3=_rounded(now.support),
        height_um=_um(best.height),
        contact_mm2=_rounded(best.contact),
    )


def _bodies_volume(surface: Surface) -> float:
    """Of closed bodies in mm3, whichever way they face."""
    topology = topology_of(surface.faces, len(surface.points))
    return float(np.abs(volumes_of(surface, topology)[topology.closed()]).sum())


def _cancelled() -> ModelRefused:
    return ModelRefused(
        "no-volume",
        "Bodies that face inwards cancel out those that face outwards, so the model encloses no volume. "
        "Turn their normals outwards and export it again.",
    )


def _nothing_enclosed(how: str) -> ModelRefused:
    return ModelRefused(
        "no-volume", f"The model {how}, so there is nothing to print. Give it thickness and export it again."
    )


def _rounded(value: float) -> float:
    return round(float(value), 3) + 0.0


def _um(millimetres: float) -> int:
    return round(float(millimetres) * 1000)


def _um_or_none(millimetres: float | None) -> int | None:
    return None if millimetres is None else _um(millimetres)
