"""Model files for tests, made by code: good ones of known volume, and every bad one worth refusing."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt

Facets = npt.NDArray[np.float64]

BRACKET = Path(__file__).resolve().parents[2] / "demo" / "models" / "bracket.stl"
FACET = np.dtype([("normal", "<f4", 3), ("points", "<f4", (3, 3)), ("attribute", "<u2")])

_CORNERS = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], dtype=float)
_SIDES = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]


def box(x: float = 20, y: float = 20, z: float = 20, at: tuple[float, float, float] = (0, 0, 0)) -> Facets:
    """A box in mm, twelve facets wound outwards."""
    corners = _CORNERS * [x, y, z] + at
    return np.array([corners[list(three)] for a, b, c, d in _SIDES for three in ((a, b, c), (a, c, d))])


def sphere(radius: float = 10, rings: int = 24) -> Facets:
    """A closed sphere of 2 * rings segments, wound outwards."""
    polar = np.linspace(0, np.pi, rings + 1)
    around = np.linspace(0, 2 * np.pi, 2 * rings, endpoint=False)
    points = radius * np.stack(
        [
            np.outer(np.sin(polar), np.cos(around)),
            np.outer(np.sin(polar), np.sin(around)),
            np.outer(np.cos(polar), np.ones_like(around)),
        ],
        axis=-1,
    )
    points[0], points[-1] = [0, 0, radius], [0, 0, -radius]
    east = np.roll(points, -1, axis=1)
    upper = np.stack([points[:-1], points[1:], east[1:]], axis=2)[:-1].reshape(-1, 3, 3)
    lower = np.stack([points[:-1], east[1:], east[:-1]], axis=2)[1:].reshape(-1, 3, 3)
    return np.concatenate([upper, lower])


def stl(facets: Facets, header: bytes = b"a model") -> bytes:
    rows = np.zeros(len(facets), FACET)
    rows["points"] = facets
    return header.ljust(80) + struct.pack("<I", len(rows)) + rows.tobytes()


def stl_text(facets: Facets, name: str = "model") -> bytes:
    lines = [f"solid {name}"]
    for facet in facets:
        lines += ["facet normal 0 0 0", " outer loop"]
        lines += [f"  vertex {x:.6e} {y:.6e} {z:.6e}" for x, y, z in facet]
        lines += [" endloop", "endfacet"]
    return "\n".join([*lines, f"endsolid {name}", ""]).encode()


def with_point(value: float) -> Facets:
    """A box with one coordinate replaced."""
    facets = box()
    facets[5, 1, 2] = value
    return facets


def _claiming(count: int) -> bytes:
    return stl(box())[:80] + struct.pack("<I", count) + stl(box())[84:]


def _noise(size: int, seed: int) -> bytes:
    return np.random.default_rng(seed).bytes(size)


BAD_FILES: dict[str, tuple[bytes, str]] = {
    "empty file": (b"", "empty"),
    "no facets": (stl(box()[:0]), "empty"),
    "text without facets": (b"solid nothing\nendsolid nothing\n", "empty"),
    "truncated": (stl(sphere())[:-1000], "truncated"),
    "truncated within a header": (stl(box())[:60], "not-a-model"),
    "truncated text": (stl_text(box())[:700], "truncated"),
    "web page": (b"<!DOCTYPE html><html><body>Sign in to download</body></html>" * 20, "not-a-model"),
    "zip": (b"PK\x03\x04" + _noise(5000, 1), "broken-file"),
    "picture": (b"\x89PNG\r\n\x1a\n" + _noise(5000, 2), "not-a-model"),
    "noise": (_noise(20_000, 3), "not-a-model"),
    "prose": (b"solid ground under our feet. " * 100, "not-a-model"),
    "table": (b"12,34,56\n78,90,12\n" * 400, "not-a-model"),
    "text with words for numbers": (stl_text(box()).replace(b"2.000000e+01", b"twenty", 1), "not-a-model"),
    "four billion facets": (_claiming(0xFFFFFFFF), "impossible-count"),
    "a million facets claimed": (_claiming(1_000_000), "impossible-count"),
    "a long tail": (stl(box()) + b"\0" * 5000, "not-a-model"),
    "not a number": (stl(with_point(float("nan"))), "broken-coordinates"),
    "infinite": (stl(with_point(float("inf"))), "broken-coordinates"),
    "not a number in text": (stl_text(with_point(float("nan"))), "broken-coordinates"),
    "absurdly large": (stl(with_point(1e38)), "too-big"),
    "in kilometres": (stl(box(1e-6, 1e-6, 1e-6)), "too-small"),
    "flat": (stl(box(20, 20, 0)), "no-volume"),
    "open sheet": (stl(np.concatenate([box()[:2], box()[:2][:, ::-1]])), "no-volume"),
    "facets without area": (stl(np.repeat(box()[:, :1], 3, axis=1)), "no-volume"),
}
