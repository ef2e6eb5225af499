"""Wavefront OBJ. Materials are names here: the colours live in another file, which is never opened."""

from itertools import pairwise
from typing import Final

import numpy as np

from marketplace.designs.mesh.formats import refusals
from marketplace.designs.mesh.formats.model import Format, Indices, Limits, Model, Part, Points, gathered
from marketplace.designs.mesh.formats.names import part_name
from marketplace.designs.mesh.formats.units import Unit

WHAT: Final = "OBJ"
CORNERS_LIMIT: Final = 10_000


def read(data: bytes, limits: Limits) -> Model:
    """The parts are the objects (`o`), or one where there is none. Raises ModelRefused."""
    points, groups = _statements(data, limits)
    if not groups:
        raise refusals.empty("The OBJ file has points but no facets.")
    if len(groups) > limits.parts:
        # Some programs make an object of every feature: then the names say nothing.
        groups = {"model": [face for faces in groups.values() for face in faces]}
    parts = tuple(Part(part_name(name), gathered(points, _array(f), WHAT)) for name, f in groups.items())
    return Model(Format.OBJ, Unit.MILLIMETRE, False, parts)


def _statements(data: bytes, limits: Limits) -> tuple[Points, dict[str, list[tuple[int, int, int]]]]:
    vertices: list[bytes] = []
    groups: dict[str, list[tuple[int, int, int]]] = {}
    name, count = "model", 0
    for line in data.replace(b"\\\r\n", b" ").replace(b"\\\n", b" ").splitlines():
        word, rest = (*line.split(None, 1), b"", b"")[:2]
        if word == b"v":
            vertices.append(rest)
        elif word == b"f":
            faces = _fan(rest, len(vertices))
            count += len(faces)
            if count > limits.triangles:
                raise refusals.too_many_triangles(count, limits.triangles)
            groups.setdefault(name, []).extend(faces)
        elif word == b"o":
            name = rest.strip().decode("utf-8", "replace")
    return _points(vertices), groups


def _fan(text: bytes, seen: int) -> list[tuple[int, int, int]]:
    """Triangles of one face: point numbers count from 1, negative ones back from the last point."""
    try:
        numbers = [int(corner.split(b"/", 1)[0]) for corner in text.split()]
    except ValueError:
        raise refusals.broken(WHAT, f"'{_shown(text)}' is no face") from None
    if not 3 <= len(numbers) <= CORNERS_LIMIT or 0 in numbers:
        raise refusals.broken(WHAT, f"'{_shown(text)}' is no face")
    first, *others = (number - 1 if number > 0 else seen + number for number in numbers)
    return [(first, second, third) for second, third in pairwise(others)]


def _points(lines: list[bytes]) -> Points:
    """Three numbers a line; a weight or a colour after them is passed over."""
    try:
        rows = [line.split(maxsplit=3)[:3] for line in lines]
        return np.array(rows, dtype=np.float64).reshape(-1, 3) if rows else np.empty((0, 3))
    except ValueError:
        raise refusals.broken(WHAT, "a point is not three numbers") from None


def _array(faces: list[tuple[int, int, int]]) -> Indices:
    return np.array(faces, dtype=np.int64).reshape(-1, 3)


def _shown(text: bytes) -> str:
    return "".join(letter for letter in text[:40].decode("ascii", "replace") if letter.isprintable())
