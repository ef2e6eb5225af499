"""Holes in a surface, closed with flat lids where they have a plain shape."""

from dataclasses import dataclass
from typing import Final

import manifold3d
import numpy as np

from marketplace.designs.mesh.arrays import Floats, Ints, crosses, edge_keys
from marketplace.designs.mesh.measurement import ModelRefused

RIM_LIMIT: Final = 100_000
"""Open edges of one model at most."""
LEVEL: Final = 0.9999


@dataclass(frozen=True)
class Rim:
    """The edge of a hole: its points in the order in which a lid runs along them."""

    points: Ints
    normal: Floats
    """Twice the area vector of the lid."""


def closed(points: Floats, faces: Ints, body: Ints, tolerance: float) -> tuple[Ints, Ints, int]:
    """Facets with the holes of each body closed, the bodies of them all, and how many holes there were.

    No point may belong to two bodies. Raises ModelRefused for what has no plain shape to close.
    """
    rims = _rims(points, faces)
    if not rims:
        return faces, body, 0
    owner = np.empty(len(points), dtype=np.int64)
    owner[faces.ravel()] = body.repeat(3)
    lids: list[Ints] = []
    for group in _on_one_plane(points, rims, owner, tolerance):
        lids += _lids(points, group, tolerance)
    added = np.concatenate(lids)
    return np.concatenate([faces, added]), np.concatenate([body, owner[added[:, 0]]]), len(rims)


def _rims(points: Floats, faces: Ints) -> list[Rim]:
    start, end = faces.ravel(), np.roll(faces, -1, axis=1).ravel()
    keys = edge_keys(start, end, len(points))
    _, place, counts = np.unique(keys, return_inverse=True, return_counts=True)
    many = counts[place]
    if (many > 2).any():
        raise _refused(
            "Edges of one body are shared by more than two facets", points[start[many > 2]], "there"
        )
    loose = np.flatnonzero(many == 1)
    if len(loose) > RIM_LIMIT:
        raise ModelRefused(
            "repair-failed",
            f"The surface has {len(loose):,} open edges: it is in tatters. Export it again as one solid.",
        )
    loops = _loops(end[loose].tolist(), start[loose].tolist())
    return [Rim(np.array(loop), _normal(points[loop])) for loop in loops]


def _loops(starts: list[int], ends: list[int]) -> list[list[int]]:
    """Directed edges as loops that pass no point twice."""
    onwards: dict[int, list[int]] = {}
    for start, end in zip(starts, ends, strict=True):
        onwards.setdefault(start, []).append(end)
    loops: list[list[int]] = []
    for first in starts:
        path, at = [first], {first: 0}
        while ways := onwards.get(path[-1]):
            point = ways.pop()
            if point not in at:
                at[point] = len(path)
                path.append(point)
                continue
            loops.append(path[at[point] :])
            for left in path[at[point] + 1 :]:
                del at[left]
            del path[at[point] + 1 :]
    return loops


def _normal(loop: Floats) -> Floats:
    spokes = loop - loop[0]
    vector: Floats = crosses(spokes, np.roll(spokes, -1, axis=0)).sum(axis=0)
    return vector


def _on_one_plane(points: Floats, rims: list[Rim], owner: Ints, tolerance: float) -> list[list[Rim]]:
    """Rims of one body in one plane together: one may be the inner edge of another's lid."""
    groups: dict[tuple[int, ...], list[Rim]] = {}
    for rim in rims:
        length = float(np.linalg.norm(rim.normal))
        if length <= tolerance**2:
            groups[(-1, int(rim.points[0]))] = [rim]
            continue
        way = rim.normal / length
        way = way if tuple(np.round(way, 4)) > (0, 0, 0) else -way
        level = float(points[rim.points].mean(axis=0) @ way)
        cells = (*np.round(way * 1000).astype(int).tolist(), round(level / (100 * tolerance)))
        groups.setdefault((int(owner[rim.points[0]]), *cells), []).append(rim)
    return list(groups.values())


def _lids(points: Floats, group: list[Rim], tolerance: float) -> list[Ints]:
    if len(group) > 1 and (lid := _lid(points, group)) is not None:
        return [lid]
    return [_lid_of(points, rim, tolerance) for rim in group]


def _lid_of(points: Floats, rim: Rim, tolerance: float) -> Ints:
    """Raises ModelRefused."""
    lid = _lid(points, [rim])
    if lid is None and _is_crack(points[rim.points], tolerance):
        lid = np.stack(
            [np.full(len(rim.points) - 2, rim.points[0]), rim.points[1:-1], rim.points[2:]], axis=1
        )
    if lid is None:
        raise _refused("A hole has no plain shape that a lid would close", points[rim.points], "it")
    return lid


def _is_crack(loop: Floats, tolerance: float) -> bool:
    """Whether all points of a loop lie on one line."""
    away = loop - loop[0]
    along = away[np.linalg.norm(away, axis=1).argmax()]
    length = float(np.linalg.norm(along))
    return length > 0 and bool(
        (np.linalg.norm(np.cross(away, along / length), axis=1) <= 10 * tolerance).all()
    )


def _lid(points: Floats, group: list[Rim]) -> Ints | None:
    """Facets of lids, seen along their normal; None where rims cross one another or themselves."""
    normal = max((rim.normal for rim in group), key=lambda vector: float(vector @ vector))
    length = float(np.linalg.norm(normal))
    if length < 1e-300:
        return None
    up = normal / length
    side = np.eye(3)[np.abs(up).argmin()]
    right = np.cross(side, up)
    right /= np.linalg.norm(right)
    flat = np.stack([right, np.cross(up, right)])
    rims = [points[rim.points] @ flat.T for rim in group]
    corners = np.concatenate(rims)
    found = manifold3d.triangulate(rims, -1, False)
    one, two, three = (corners[found[:, number]] for number in range(3))
    first, second = two - one, three - one
    areas = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]
    wanted = sum(float(rim.normal @ up) for rim in group)
    if not len(found) or areas.min() < -1e-9 * length or abs(areas.sum() - wanted) > 1e-6 * abs(wanted):
        return None
    lids: Ints = np.concatenate([rim.points for rim in group])[found]
    return lids


def _refused(what: str, where: Floats, it: str) -> ModelRefused:
    x, y, z = where.mean(axis=0)
    return ModelRefused(
        "repair-failed",
        f"{what}, around ({x:.4g}, {y:.4g}, {z:.4g}) mm from the model's middle. "
        f"Close {it} in your modelling program and upload the new file.",
    )
