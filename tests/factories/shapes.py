"""Shapes of which geometry says everything that can be measured."""

from __future__ import annotations

import numpy as np

from tests.factories.models import Facets, box

TEE = ((8, 0), (12, 0), (12, 20), (20, 20), (20, 24), (0, 24), (0, 20), (8, 20))
TEE_FACETS = ((0, 1, 2), (0, 2, 7), (3, 4, 2), (2, 4, 5), (2, 5, 7), (7, 5, 6))


def hollow_box(size: float = 20, wall: float = 0.4) -> Facets:
    """A cube with a closed hollow, all walls equally thick."""
    inner = size - 2 * wall
    return np.concatenate([box(size, size, size), inside_out(box(inner, inner, inner, (wall, wall, wall)))])


def inside_out(facets: Facets) -> Facets:
    return facets[:, ::-1]


def tee(depth: float = 10) -> Facets:
    """A T of 20 x 24 mm: both arms, 8 mm long, hang 20 mm over the bed."""
    points = np.array(TEE, dtype=float)

    def at(number: int, y: float) -> list[float]:
        return [points[number, 0], y, points[number, 1]]

    facets = []
    for a, b, c in TEE_FACETS:
        facets += [[at(a, 0), at(b, 0), at(c, 0)], [at(a, depth), at(c, depth), at(b, depth)]]
    for here in range(len(TEE)):
        there = (here + 1) % len(TEE)
        facets += [[at(here, 0), at(here, depth), at(there, depth)]]
        facets += [[at(here, 0), at(there, depth), at(there, 0)]]
    return np.array(facets)


def leaning(facets: Facets, share: float) -> Facets:
    """Sheared to the right by `share` mm for each mm of height."""
    return facets @ np.array([[1, 0, 0], [0, 1, 0], [share, 0, 1.0]])


def turned(facets: Facets, axis: tuple[float, float, float], angle: float) -> Facets:
    """Rotated around an axis through the origin, by `angle` in radians."""
    x, y, z = np.array(axis) / np.linalg.norm(axis)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    rotation = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    return facets @ rotation.T


def terrain(side: int, height: float = 6.0) -> Facets:
    """A block of 100 x 100 mm with a rolling top: 4 * side**2 + 8 * side facets."""
    line = np.linspace(0, 100, side + 1)
    x, y = np.meshgrid(line, line, indexing="ij")
    top = 10 + height * np.sin(x / 7) * np.cos(y / 9)
    upper = np.stack([x, y, top], axis=-1)
    lower = np.stack([x, y, np.zeros_like(x)], axis=-1)
    return np.concatenate([_sheet(upper), inside_out(_sheet(lower)), *_sides(lower, upper)])


def _sheet(points: Facets) -> Facets:
    a, b, c, d = points[:-1, :-1], points[1:, :-1], points[1:, 1:], points[:-1, 1:]
    return np.stack([np.stack([a, b, c], axis=2), np.stack([a, c, d], axis=2)]).reshape(-1, 3, 3)


def _sides(lower: Facets, upper: Facets) -> list[Facets]:
    walls = (
        (lower[:, 0], upper[:, 0]),
        (lower[-1], upper[-1]),
        (lower[::-1, -1], upper[::-1, -1]),
        (lower[0, ::-1], upper[0, ::-1]),
    )
    return [_sheet(np.stack([low, high], axis=1)) for low, high in walls]


def eight(tube: float = 5, around: int = 40, along: int = 10) -> Facets:
    """One closed body: a tube along a figure of eight that runs through itself in the middle."""
    turn = np.linspace(0, 2 * np.pi, around, endpoint=False)
    line = np.stack([30 * np.sin(turn), 30 * np.sin(turn) * np.cos(turn), 2 * np.cos(turn)], axis=1)
    ahead = np.roll(line, -1, axis=0) - np.roll(line, 1, axis=0)
    aside = np.cross(ahead, [0, 0, 1.0])
    aside /= np.linalg.norm(aside, axis=1)[:, None]
    above = np.cross(ahead / np.linalg.norm(ahead, axis=1)[:, None], aside)
    angle = np.linspace(0, 2 * np.pi, along, endpoint=False)[None, :, None]
    rings = line[:, None] + tube * (np.cos(angle) * aside[:, None] + np.sin(angle) * above[:, None])
    closed = np.pad(rings, ((0, 1), (0, 1), (0, 0)), mode="wrap")
    return inside_out(_sheet(closed))
