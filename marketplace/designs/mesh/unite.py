"""Closed bodies made one solid: cavities kept, what overlaps united."""

from dataclasses import dataclass
from typing import Final

import manifold3d
import numpy as np

from marketplace.designs.mesh.arrays import Floats, Ints
from marketplace.designs.mesh.measurement import ModelRefused

BODY_LIMIT: Final = 2000
SAME: Final = 1e-6
"""Volumes that differ by a smaller share are the same."""


@dataclass(frozen=True)
class Body:
    """A closed body as a solid, its own facets turned outwards, and whether they faced inwards."""

    solid: manifold3d.Manifold
    points: Floats
    faces: Ints
    inwards: bool


@dataclass(frozen=True)
class United:
    """Triangles (n, 3, 3) in mm, how many bodies were turned outwards, and how many were united."""

    triangles: Floats
    turned: int
    united: int


def united(points: Floats, faces: Ints, body: Ints, tolerance: float) -> United:
    """One solid of closed bodies that share no points. A body that faces inwards is a cavity if it lies in
    another, else it is turned. Raises ModelRefused."""
    bodies = [_body(points, faces[body == number]) for number in range(int(body.max()) + 1)]
    outer = [each for each in bodies if not each.inwards]
    turned, cavities = 0, []
    for each in bodies:
        if each.inwards and (holder := _holder(each, outer)) is not None:
            cavities.append((each, holder))
        elif each.inwards:
            outer.append(each)
            turned += 1
    solids = [_without(solid, [hollow for hollow, holder in cavities if holder is solid]) for solid in outer]
    whole = manifold3d.Manifold.batch_boolean(solids, manifold3d.OpType.Add)
    apart = sum(solid.volume() for solid in solids)
    if abs(whole.volume() - apart) <= SAME * apart:
        return United(_as_they_are(outer, [hollow for hollow, _ in cavities]), turned, 0)
    return United(_triangles(whole.simplify(tolerance)), turned, len(outer))


def _body(points: Floats, faces: Ints) -> Body:
    used, inverse = np.unique(faces, return_inverse=True)
    corners, own = points[used], inverse.reshape(-1, 3)
    first, second, third = (corners[own[:, number]] for number in range(3))
    inwards = float(np.einsum("ij,ij->", first, np.cross(second, third))) < 0
    own = own[:, ::-1] if inwards else own
    solid = manifold3d.Manifold(
        manifold3d.Mesh64(np.ascontiguousarray(corners), np.ascontiguousarray(own, dtype=np.uint64))
    )
    if solid.status() != manifold3d.Error.NoError:
        raise ModelRefused(
            "repair-failed",
            "A body of the model is still not a solid after its holes were closed. Repair it in your "
            "modelling program and upload the new file.",
        )
    return Body(solid, corners, own, inwards)


def _holder(hollow: Body, outer: list[Body]) -> Body | None:
    """The smallest body that a hollow lies in."""
    volume = abs(hollow.solid.volume())
    larger = [each for each in outer if each.solid.volume() > volume and _box_in(hollow, each)]
    for each in sorted(larger, key=lambda each: each.solid.volume()):
        if (hollow.solid - each.solid).volume() <= SAME * volume:
            return each
    return None


def _box_in(inner: Body, outer: Body) -> bool:
    slack = 1e-6 * float(np.ptp(outer.points, axis=0).max())
    low = inner.points.min(axis=0) >= outer.points.min(axis=0) - slack
    high = inner.points.max(axis=0) <= outer.points.max(axis=0) + slack
    return bool(low.all() and high.all())


def _without(solid: Body, hollows: list[Body]) -> manifold3d.Manifold:
    made = solid.solid
    for hollow in hollows:
        made = made - hollow.solid
    return made


def _as_they_are(outer: list[Body], hollows: list[Body]) -> Floats:
    facets = [each.points[each.faces] for each in outer]
    facets += [each.points[each.faces[:, ::-1]] for each in hollows]
    return np.concatenate(facets)


def _triangles(solid: manifold3d.Manifold) -> Floats:
    mesh = solid.to_mesh64()
    triangles: Floats = np.asarray(mesh.vert_properties)[:, :3][np.asarray(mesh.tri_verts).astype(np.int64)]
    return triangles
