"""Bodies that face the wrong way, lie within others, or are there twice."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from marketplace.designs.mesh.arrays import Flags, Floats, Ints, crosses, dots
from marketplace.designs.mesh.rays import hits
from marketplace.designs.mesh.surface import Surface
from marketplace.designs.mesh.topology import Topology
from marketplace.designs.mesh.tree import Tree

LIMIT: Final = 1000
"""More bodies than this are judged by their largest ones."""
# In no plane that a modelling program likes; most of three must agree.
DIRECTIONS: Final = np.array(
    [[0.2113, 0.3301, 0.9200], [-0.8432, 0.1877, 0.5037], [0.4021, -0.8803, -0.2511]]
)


@dataclass(frozen=True)
class Shells:
    """Numbers of bodies, as in the topology: `inverted` face inwards without being a cavity of another one;
    `swallowed` lie wholly in the material of another; `cavities` are the hollows of a part."""

    inverted: Ints
    swallowed: Ints
    cavities: Ints


def shells_of(surface: Surface, topology: Topology, tree: Tree, boxes: tuple[Floats, Floats]) -> Shells:
    """Judge each closed body by its volume's sign and by how many others it lies in. `boxes` are the lowest
    and highest coordinates of each body (b, 3)."""
    if topology.bodies == 1:
        none = np.empty(0, dtype=np.int64)
        return Shells(none, none, none)
    volumes = volumes_of(surface, topology)
    closed = np.flatnonzero(topology.closed() & (volumes != 0))
    judged = closed[np.argsort(-np.abs(volumes[closed]), kind="stable")[:LIMIT]]
    depth = _depths(surface, topology, tree, judged)
    # One that reaches out of all others only runs into them.
    depth[~_boxed(judged, boxes, surface.tolerance)] = 0
    negative: Flags = volumes[judged] < 0
    return Shells(
        inverted=judged[negative & (depth <= 0)],
        swallowed=judged[~negative & (depth > 0)],
        cavities=judged[negative & (depth > 0)],
    )


def _boxed(bodies: Ints, boxes: tuple[Floats, Floats], tolerance: float) -> Flags:
    """Whether the box of each body lies in that of another, of the largest ones."""
    low, high = boxes
    largest = np.argsort(-(high - low).sum(axis=1), kind="stable")[:LIMIT]
    boxed = np.zeros(len(bodies), dtype=np.bool_)
    for number, body in enumerate(bodies):
        lies_in = (low[body] >= low[largest] - tolerance) & (high[body] <= high[largest] + tolerance)
        boxed[number] = (lies_in.all(axis=1) & (largest != body)).any()
    return boxed


def volumes_of(surface: Surface, topology: Topology) -> Floats:
    """Of each body, in mm3; positive if it faces outwards as the whole does."""
    first, second, third = (surface.corner(number) for number in range(3))
    spanned = dots(first, crosses(second, third)) / 6
    volumes = np.bincount(topology.body, weights=spanned, minlength=topology.bodies).astype(np.float64)
    outwards: Floats = volumes * (1.0 if surface.volume >= 0 else -1.0)
    return outwards


def _depths(surface: Surface, topology: Topology, tree: Tree, bodies: Ints) -> Ints:
    """How often each body is inside others: the times a ray from it leaves them less those it enters."""
    start = surface.centres(_largest_facets(surface, topology)[bodies])
    votes = []
    for direction in DIRECTIONS / np.linalg.norm(DIRECTIONS, axis=1, keepdims=True):
        ways = np.broadcast_to(direction, start.shape)
        found = hits(surface, tree, start, ways, beyond=surface.tolerance)
        others = topology.body[found.facet] != bodies[found.ray]
        votes.append(np.bincount(found.ray[others], weights=found.way[others], minlength=len(bodies)))
    depths: Ints = np.rint(np.median(votes, axis=0)).astype(np.int64)
    return depths


def _largest_facets(surface: Surface, topology: Topology) -> Ints:
    """The largest facet of each body."""
    order = np.lexsort((surface.areas, topology.body))
    last: Ints = order[np.flatnonzero(np.diff(topology.body[order], append=topology.bodies))]
    return last
