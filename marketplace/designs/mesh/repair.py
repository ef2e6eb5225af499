"""A model mended: a solid where it was nearly one. What was done is told in words; nothing is guessed."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph
from scipy.spatial import cKDTree

from marketplace.designs.mesh.arrays import Flags, Floats, Ints
from marketplace.designs.mesh.holes import closed
from marketplace.designs.mesh.measurement import ModelRefused
from marketplace.designs.mesh.surface import Surface, surface_of, with_faces
from marketplace.designs.mesh.topology import copies_of, topology_of
from marketplace.designs.mesh.unite import BODY_LIMIT, united
from marketplace.designs.mesh.winding import turned_to_agree

CRACK_MM: Final = 0.01
SCRAP_SHARE: Final = 1e-9
"""Of the box of the whole model: a body of less volume is a scrap of surface."""


@dataclass(frozen=True)
class Repaired:
    """Triangles (n, 3, 3) in mm, in the file's own coordinates, and what was done, in words."""

    triangles: Floats
    done: tuple[str, ...]


@dataclass
class _Mending:
    points: Floats
    faces: Ints
    tolerance: float
    done: list[str] = field(default_factory=list)

    def did(self, count: int, what: str) -> None:
        if count:
            self.done.append(f"{what}: {count:,}")


def repair(triangles: Floats) -> Repaired:
    """Mend triangles (n, 3, 3) in mm, all finite. Raises ModelRefused, in words, for what cannot be mended
    or needs no mending."""
    surface, dropped = surface_of(triangles)
    mending = _Mending(surface.points, surface.faces, surface.tolerance)
    mending.did(dropped, "Facets without area left out")
    _copies_out(mending)
    _cracks_closed(mending)
    _turned(mending)
    body = _holes_closed(mending)
    body = _scraps_out(mending, body)
    found = united(mending.points, mending.faces, body, mending.tolerance)
    mending.did(found.turned, "Bodies turned outwards")
    mending.did(found.united, "Bodies united, so that none runs through or lies in another")
    if not mending.done:
        raise ModelRefused(
            "nothing-to-repair",
            "What is wrong cannot be mended without guessing: a single body crosses itself, or facets only "
            "touch. In your modelling program, split the body where it folds over itself and unite the "
            "pieces, or remesh it, and upload the new file.",
        )
    made = found.triangles + surface.at
    _check(made)
    return Repaired(made, tuple(mending.done))


def _copies_out(mending: _Mending) -> None:
    copies, _ = copies_of(mending.faces)
    mending.faces = np.delete(mending.faces, copies, axis=0)
    mending.did(len(copies), "Facets that were there twice removed")


def _cracks_closed(mending: _Mending) -> None:
    """Points at open edges that are hardly apart become one."""
    open_edges = topology_of(mending.faces, len(mending.points)).open_edges
    rim = np.unique(open_edges)
    pairs = cKDTree(mending.points[rim]).query_pairs(CRACK_MM, output_type="ndarray") if len(rim) else rim
    if not len(pairs):
        return
    ties = sparse.csr_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(rim),) * 2)
    _, label = csgraph.connected_components(ties, directed=False)
    _, first = np.unique(label, return_index=True)
    stands_for = np.arange(len(mending.points))
    stands_for[rim] = rim[first[label]]
    faces = stands_for[mending.faces]
    whole = (faces != np.roll(faces, 1, axis=1)).all(axis=1)
    mending.faces = faces[whole]
    mending.did(len(rim) - len(first), f"Points less than {CRACK_MM} mm apart along cracks joined")


def _turned(mending: _Mending) -> None:
    agreed = turned_to_agree(mending.faces)
    if agreed is None:
        raise ModelRefused(
            "repair-failed",
            "The surface runs into its own other side, as a Möbius strip does: it has no inside. Give it "
            "thickness in your modelling program.",
        )
    mending.faces = agreed[0]
    mending.did(agreed[1], "Facets turned to agree with their neighbours")


def _holes_closed(mending: _Mending) -> Ints:
    """The body of each facet; from here on bodies share no points."""
    body = topology_of(mending.faces, len(mending.points)).body
    keys, faces = np.unique(body.repeat(3) * len(mending.points) + mending.faces.ravel(), return_inverse=True)
    mending.points = mending.points[keys % len(mending.points)]
    mending.faces, body, holes = closed(mending.points, faces.reshape(-1, 3), body, mending.tolerance)
    mending.did(holes, "Holes closed")
    return body


def _scraps_out(mending: _Mending, body: Ints) -> Ints:
    """Bodies without volume left out; the others numbered anew."""
    surface = with_faces(mending.points, mending.faces, np.zeros(3), mending.tolerance)
    volumes = np.abs(_volumes(surface, body))
    box = float(np.prod(np.ptp(mending.points, axis=0)))
    solid: Flags = volumes > SCRAP_SHARE * box
    if not solid.any():
        raise ModelRefused(
            "repair-failed",
            "Nothing of the surface encloses a volume, even with its holes closed. Give it thickness in "
            "your modelling program.",
        )
    if int(solid.sum()) > BODY_LIMIT:
        raise ModelRefused(
            "repair-failed",
            f"The model has {int(solid.sum()):,} bodies; up to {BODY_LIMIT:,} can be united here.",
        )
    mending.did(int((~solid).sum()), "Scraps of surface without volume removed")
    kept = solid[body]
    mending.faces = mending.faces[kept]
    numbers: Ints = (np.cumsum(solid) - 1)[body[kept]]
    return numbers


def _volumes(surface: Surface, body: Ints) -> Floats:
    first, second, third = (surface.corner(number) for number in range(3))
    spanned = np.einsum("ij,ij->i", first, np.cross(second, third)) / 6
    volumes: Floats = np.bincount(body, weights=spanned).astype(np.float64)
    return volumes


def _check(triangles: Floats) -> None:
    """What is promised of a repaired model. Raises ModelRefused."""
    surface, _ = surface_of(triangles)
    topology = topology_of(surface.faces, len(surface.points))
    if not (topology.watertight and topology.winding_consistent and surface.volume > 0):
        raise ModelRefused(
            "repair-failed",
            "The model could not be made a closed solid. Repair it in your modelling program and upload the "
            "new file.",
        )
