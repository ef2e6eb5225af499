"""Bytes of a model file to triangles, or a refusal that says what to do about it.

Libraries read an empty, truncated, foreign or lying STL as an empty scene without a word, so everything is
checked here before any geometry is believed.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from marketplace.designs.mesh import stl
from marketplace.designs.mesh.measurement import ModelRefused

Triangles = npt.NDArray[np.float64]

FOREIGN: Final = (
    (b"<!doctype", "a web page: the download link probably led to a page, not to the file"),
    (b"<html", "a web page: the download link probably led to a page, not to the file"),
    (b"<?xml", "an XML document"),
    (b"<svg", "a drawing (SVG)"),
    (b"PK\x03\x04", "a zip archive or a 3MF file"),
    (b"\x1f\x8b", "a compressed archive (gzip)"),
    (b"7z\xbc\xaf", "a compressed archive (7-Zip)"),
    (b"Rar!", "a compressed archive (RAR)"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"glTF", "a GLB model"),
    (b"ISO-10303", "a STEP model"),
    (b"ply", "a PLY model"),
    (b"{", "a JSON document"),
    (b"; ", "G-code: upload the model, the provider slices it"),
    (b"G28", "G-code: upload the model, the provider slices it"),
)


@dataclass(frozen=True)
class Limits:
    """What one model may ask of us."""

    file_bytes: int = 100_000_000
    triangles: int = 1_500_000
    shortest_um: int = 100
    longest_um: int = 2_000_000


def load(path: Path, limits: Limits) -> Triangles:
    """Triangles of the STL file at `path`: shape (n, 3, 3), float64 millimetres, all finite.

    Raises ModelRefused.
    """
    size = path.stat().st_size
    if size == 0:
        raise ModelRefused("empty", "The file is empty. Export the model again and upload the new file.")
    if size > limits.file_bytes:
        raise ModelRefused(
            "too-large",
            f"The file has {size / 1e6:.1f} MB, the limit is {limits.file_bytes / 1e6:.0f} MB. "
            "Export it with a coarser tolerance, or as binary STL.",
        )
    data = path.read_bytes()
    _refuse_foreign(data)
    triangles = stl.read_binary(data, limits.triangles) if stl.is_binary(data) else stl.read_text(data)
    _check(triangles, limits)
    return triangles


def _refuse_foreign(data: bytes) -> None:
    start = data[:64].lstrip().lower()
    for magic, what in FOREIGN:
        if start.startswith(magic.lower()) and not stl.is_exact_binary(data):
            raise ModelRefused("not-a-model", f"This is {what}. Upload the model as an STL file.")


def _check(triangles: Triangles, limits: Limits) -> None:
    count = len(triangles)
    if count == 0:
        raise ModelRefused("empty", "The model has no facets. Select the body and export it again.")
    if count > limits.triangles:
        raise ModelRefused(
            "too-many-triangles",
            f"The model has {count:,} facets, the limit is {limits.triangles:,}. "
            "Export it with a coarser tolerance: prints show no difference above a few hundred thousand.",
        )
    broken = count - int(np.isfinite(triangles).all(axis=(1, 2)).sum())
    if broken:
        raise ModelRefused(
            "broken-coordinates",
            f"{broken:,} of {count:,} facets have coordinates that are not numbers. "
            "Repair the model in your modelling program and export it again.",
        )
    _check_size(triangles, limits)


def _check_size(triangles: Triangles, limits: Limits) -> None:
    points = triangles.reshape(-1, 3)
    longest = float((points.max(axis=0) - points.min(axis=0)).max())
    if longest * 1000 > limits.longest_um:
        raise ModelRefused(
            "too-big",
            f"The model is {longest:.6g} mm long, the limit is {limits.longest_um / 1000:.0f} mm. "
            "STL has no units and is read in millimetres: scale it and export it again.",
        )
    if longest * 1000 < limits.shortest_um:
        raise ModelRefused(
            "too-small",
            f"The model is {longest:.6g} mm long, less than a printer can show. "
            "STL has no units and is read in millimetres: scale it and export it again.",
        )
