"""Everything that is measured on one surface, and where each finding is."""

from dataclasses import dataclass

import numpy as np

from marketplace.designs.mesh import places
from marketplace.designs.mesh.arrays import Flags, Floats, Ints, dots, edge_keys, least, most
from marketplace.designs.mesh.balance import Balance, balance_of
from marketplace.designs.mesh.findings import Place
from marketplace.designs.mesh.intersections import Intersections, intersections_of
from marketplace.designs.mesh.layers import Layers
from marketplace.designs.mesh.orientation import Orientation, orientation_of
from marketplace.designs.mesh.sections import layers_of
from marketplace.designs.mesh.shells import Shells, shells_of
from marketplace.designs.mesh.support import Support, on_bed, support_of
from marketplace.designs.mesh.surface import Surface, with_faces
from marketplace.designs.mesh.thickness import Distances, gaps, walls
from marketplace.designs.mesh.topology import Topology, copies_of, topology_of
from marketplace.designs.mesh.tree import tree_of


@dataclass(frozen=True)
class Examined:
    """What was found on a surface, copies of facets left out; `copied` are those that were there twice,
    `specks` is how many lay loose and had no area.
    `body_lengths` are the longest sides of the bodies' boxes, in mm."""

    surface: Surface
    topology: Topology
    copied: Ints
    specks: int
    copied_bodies: int
    body_lengths: Floats
    shells: Shells
    intersections: Intersections
    walls: Distances
    gaps: Distances
    support: Support
    bed: Ints
    balance: Balance
    orientation: Orientation
    layers: Layers


def examine(welded: Surface) -> Examined:
    """Examine a surface that has facets and encloses a volume."""
    copies, originals = copies_of(welded.faces)
    surface, copied = _without(welded, copies, originals)
    topology = _topology(surface)
    specks = _specks(surface, topology)
    if specks.any():
        surface, copied = _kept(surface, ~specks, copied)
        topology = _topology(surface)
    tree = tree_of(surface)
    support = support_of(surface, tree)
    boxes = _body_boxes(surface, topology)
    return Examined(
        surface=surface,
        topology=topology,
        copied=copied,
        specks=int(specks.sum()),
        copied_bodies=_whole_bodies(topology, copied),
        body_lengths=(boxes[1] - boxes[0]).max(axis=1),
        shells=shells_of(surface, topology, tree, boxes),
        intersections=intersections_of(surface, tree),
        walls=walls(surface, tree, closed=topology.watertight),
        gaps=gaps(surface, tree, closed=topology.watertight),
        support=support,
        bed=on_bed(surface),
        balance=balance_of(surface),
        orientation=orientation_of(surface),
        layers=layers_of(surface, support.facets, support.columns),
    )


def _body_boxes(surface: Surface, topology: Topology) -> tuple[Floats, Floats]:
    """The lowest and highest coordinates of each body (b, 3)."""
    order = np.argsort(topology.body, kind="stable")
    starts = np.searchsorted(topology.body[order], np.arange(topology.bodies))
    faces = surface.faces[order]
    low, high = np.empty((topology.bodies, 3)), np.empty((topology.bodies, 3))
    for axis in range(3):
        corners = surface.points[:, axis][faces]
        low[:, axis] = np.minimum.reduceat(least(corners), starts)
        high[:, axis] = np.maximum.reduceat(most(corners), starts)
    return low, high


def places_of(found: Examined, nozzle_mm: float) -> dict[str, Place]:
    """Where the findings of each code are, in the file's own coordinates."""
    surface, topology, shells = found.surface, found.topology, found.shells
    facets = {
        "winding": topology.turned,
        "duplicate-facets": found.copied,
        "duplicate-shell": found.copied,
        "inverted-shell": np.flatnonzero(np.isin(topology.body, shells.inverted)),
        "swallowed-shell": np.flatnonzero(np.isin(topology.body, shells.swallowed)),
        "cavity": np.flatnonzero(np.isin(topology.body, shells.cavities)),
        "overhang": found.support.facets,
        "little-bed-contact": found.bed,
        "tiny-bodies": np.flatnonzero((found.body_lengths < nozzle_mm)[topology.body]),
    }
    points = {
        "not-watertight": surface.points[topology.open_edges.ravel()],
        "thin-wall": found.walls.below(2 * nozzle_mm),
        "wall-below-nozzle": found.walls.below(nozzle_mm),
        "narrow-gap": found.gaps.below(nozzle_mm),
        "falls-over": found.balance.centre[None],
        "unsteady": found.balance.centre[None],
        "tall-and-thin": found.balance.centre[None],
    }
    found_places = {code: places.of_facets(surface, each) for code, each in facets.items()}
    found_places |= {code: places.of_points(surface, each) for code, each in points.items()}
    crossing = found.intersections
    found_places["self-intersection"] = places.of_pairs(surface, crossing.first, crossing.second)
    return {code: place for code, place in found_places.items() if place}


def _topology(surface: Surface) -> Topology:
    # Turned outwards, as which side of an edge is material follows from it.
    faces = surface.faces if surface.volume >= 0 else surface.faces[:, ::-1]
    return topology_of(faces, len(surface.points), surface.points)


def _specks(surface: Surface, topology: Topology) -> Flags:
    """Facets without area, in bodies of such alone or along edges that are closed without them. Others
    close the surface between their neighbours."""
    length = np.ptp(surface.points, axis=0).max()
    flat: Flags = surface.areas <= surface.tolerance * length
    if not flat.any():
        return flat
    maybe = np.flatnonzero(flat)
    sides = [surface.corner(number, maybe) - surface.corner((number + 1) % 3, maybe) for number in range(3)]
    longest = np.sqrt(np.max([dots(side, side) for side in sides], axis=0))
    flat[maybe] = 2 * surface.areas[maybe] <= surface.tolerance * longest
    solid = np.bincount(topology.body[~flat], minlength=topology.bodies) > 0
    loose: Flags = ~solid[topology.body]
    lines = np.flatnonzero(flat)
    loose[lines] |= _needless(surface, lines)
    return loose


def _needless(surface: Surface, lines: Ints) -> Flags:
    """Which of some facets open no edge when left out, as others meet in pairs at all of theirs."""
    if not len(lines):
        return np.zeros(0, dtype=np.bool_)
    edges = _edges(surface, surface.faces[lines])
    wanted = np.unique(edges)
    every = _edges(surface, surface.faces).ravel()
    place = np.minimum(np.searchsorted(wanted, every), len(wanted) - 1)
    counts = np.bincount(place[wanted[place] == every], minlength=len(wanted))
    others = counts[np.searchsorted(wanted, edges)] - 1
    needless: Flags = (others % 2 == 0).all(axis=1)
    return needless


def _edges(surface: Surface, faces: Ints) -> Ints:
    """A number for each of the three edges of facets (n, 3)."""
    return edge_keys(faces, np.roll(faces, -1, axis=1), len(surface.points))


def _without(welded: Surface, copies: Ints, originals: Ints) -> tuple[Surface, Ints]:
    """The surface without copies, and which of its facets had any."""
    if not len(copies):
        return welded, copies
    kept = np.ones(len(welded.faces), dtype=np.bool_)
    kept[copies] = False
    return _kept(welded, kept, np.unique(originals))


def _kept(surface: Surface, kept: Flags, some: Ints) -> tuple[Surface, Ints]:
    """The facets that are kept, and which of them are those of `some`."""
    number = np.cumsum(kept) - 1
    fewer = with_faces(surface.points, surface.faces[kept], surface.at, surface.tolerance)
    return fewer, number[some[kept[some]]]


def _whole_bodies(topology: Topology, copied: Ints) -> int:
    """How many bodies have every facet twice."""
    facets = np.bincount(topology.body, minlength=topology.bodies)
    twice = np.bincount(topology.body[copied], minlength=topology.bodies)
    return int((facets == twice).sum())
