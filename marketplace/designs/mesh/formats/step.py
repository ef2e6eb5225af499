"""STEP, through OpenCASCADE: solids and surfaces become triangles."""

import contextlib
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import cascadio

from marketplace.designs.mesh.formats import gltf, refusals
from marketplace.designs.mesh.formats.model import Format, Limits, Model
from marketplace.designs.mesh.formats.units import Unit
from marketplace.designs.mesh.measurement import ModelRefused

WHAT: Final = "STEP"
# Finer than any nozzle; the angle keeps small holes round.
CHORD_MM: Final = 0.02
ANGLE_RADIANS: Final = 0.2
END: Final = b"END-ISO-10303-21"
LENGTHS: Final = (
    (rb"CONVERSION_BASED_UNIT\s*\(\s*'INCH'", Unit.INCH),
    (rb"CONVERSION_BASED_UNIT\s*\(\s*'FOOT'", Unit.FOOT),
    (rb"LENGTH_UNIT\s*\(\s*\)[^;]*SI_UNIT\s*\(\s*\.CENTI\.", Unit.CENTIMETRE),
    (rb"LENGTH_UNIT\s*\(\s*\)[^;]*SI_UNIT\s*\(\s*\.MICRO\.", Unit.MICROMETRE),
    (rb"LENGTH_UNIT\s*\(\s*\)[^;]*SI_UNIT\s*\(\s*\$", Unit.METRE),
)


def read(data: bytes, limits: Limits) -> Model:
    """The parts are the products, in the unit the file names. Raises ModelRefused."""
    if END not in data[-4096:]:
        raise refusals.truncated(WHAT, "its last line is missing")
    try:
        model = gltf.read(_converted(data), limits, gltf.Z_UP)
    except ModelRefused as refusal:
        if refusal.reason.code == "too-many-triangles":
            raise
        raise _nothing_solid() from refusal
    unit = _unit(data)
    parts = (replace(part, triangles=part.triangles * (Unit.METRE.mm / unit.mm)) for part in model.parts)
    return Model(Format.STEP, unit, True, tuple(parts))


def _converted(data: bytes) -> bytes:
    """GLB in metres, with z up as in the file."""
    try:
        with _stdout_elsewhere():
            glb: bytes = cascadio.load(
                data,
                tol_linear=CHORD_MM,
                tol_angular=ANGLE_RADIANS,
                use_parallel=False,
                include_materials=False,
            )
    except (RuntimeError, ValueError):
        raise refusals.broken(WHAT, "it cannot be converted") from None
    if not glb:
        raise refusals.broken(WHAT, "it cannot be converted")
    return glb


@contextlib.contextmanager
def _stdout_elsewhere() -> Iterator[None]:
    """OpenCASCADE writes what it thinks to the descriptor on which the child answers."""
    sys.stdout.flush()
    kept = os.dup(1)
    try:
        os.dup2(2, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def _unit(data: bytes) -> Unit:
    """The unit the file's lengths are written in; OpenCASCADE has converted them already."""
    return next(
        (unit for pattern, unit in LENGTHS if re.search(pattern, data, re.IGNORECASE)), Unit.MILLIMETRE
    )


def _nothing_solid() -> ModelRefused:
    return refusals.empty("The STEP file holds nothing solid, only points, curves or drawings.")
