"""Geometry of a model. The only module of the marketplace that imports trimesh, and only the child process
imports it: the import alone costs a second and 140 MB."""

import math
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt
import trimesh

from marketplace.designs.mesh.load import Triangles
from marketplace.designs.mesh.measurement import Measurement, ModelRefused
from marketplace.designs.mesh.printability import findings_of

OVERHANG_NZ: Final = -math.sin(math.radians(45))
BED_CONTACT_MM: Final = 0.05
FLAT_MM: Final = 0.01
# A closed body fills at least this share of its bounding box; an open sheet of facets has no volume at all.
MINIMUM_FILL: Final = 1e-6


def measure(triangles: Triangles) -> Measurement:
    """Measure triangles (n, 3, 3) in mm, all finite. Raises ModelRefused when they enclose nothing."""
    low, high = triangles.reshape(-1, 3).min(axis=0), triangles.reshape(-1, 3).max(axis=0)
    size = high - low
    if size.min() < FLAT_MM:
        raise _nothing_enclosed("is flat")
    # Centred, so that the volume of a model with gaps does not depend on where it stands.
    mesh = _merged(triangles - (low + high) / 2)
    volume = float(mesh.volume)
    if abs(volume) < MINIMUM_FILL * float(size.prod()):
        raise _nothing_enclosed("encloses no volume")
    found = _measured(mesh, volume, size, dropped=len(triangles) - len(mesh.faces))
    return replace(found, findings=findings_of(found))


def _merged(triangles: Triangles) -> trimesh.Trimesh:
    mesh = trimesh.Trimesh(
        vertices=triangles.reshape(-1, 3), faces=np.arange(len(triangles) * 3).reshape(-1, 3), process=False
    )
    mesh.merge_vertices()
    mesh.update_faces(mesh.nondegenerate_faces())
    if not len(mesh.faces):
        raise _nothing_enclosed("has only facets without area")
    return mesh


def _measured(
    mesh: trimesh.Trimesh, volume: float, size: npt.NDArray[np.float64], dropped: int
) -> Measurement:
    areas = mesh.area_faces
    # An inside-out model is printed as if it were turned right: slicers do so too.
    nz = mesh.face_normals[:, 2] * (1 if volume > 0 else -1)
    lowest = mesh.triangles[:, :, 2].max(axis=1) < mesh.bounds[0][2] + BED_CONTACT_MM
    return Measurement(
        volume_mm3=_rounded(abs(volume)),
        area_mm2=_rounded(areas.sum()),
        size_um=(_um(size[0]), _um(size[1]), _um(size[2])),
        triangles=len(mesh.faces),
        watertight=bool(mesh.is_watertight),
        winding_consistent=bool(mesh.is_winding_consistent),
        bodies=int(mesh.body_count),
        overhang_mm2=_rounded(areas[(nz < OVERHANG_NZ) & ~lowest].sum()),
        bed_contact_mm2=_rounded(areas[lowest].sum()),
        wall_mm2=_rounded((areas * np.sqrt(np.clip(1 - nz**2, 0, 1))).sum()),
        top_mm2=_rounded((areas * np.clip(nz, 0, None)).sum()),
        bottom_mm2=_rounded((areas * np.clip(-nz, 0, None)).sum()),
        degenerate_triangles=dropped,
        inside_out=volume < 0,
    )


def _nothing_enclosed(how: str) -> ModelRefused:
    return ModelRefused(
        "no-volume", f"The model {how}, so there is nothing to print. Give it thickness and export it again."
    )


def _rounded(value: float) -> float:
    return round(float(value), 3)


def _um(millimetres: float) -> int:
    return round(float(millimetres) * 1000)
