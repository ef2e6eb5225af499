"""Kinds of fresh parts in more facets than the background slice takes (see rough_file.MOST_FACETS): scans,
sculptures, knurls and threads, lattices. Lengths in mm, z up; triangles (n, 3, 3)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from manifold3d import CrossSection, Manifold

from benchmarks.estimate.shapes import Floats, Random, _facets, _size


def noise(random: Random) -> Floats:
    """A boulder: a ball under five octaves of noise."""
    radius = _size(random, 14, 36)
    octaves = [(random.normal(0, 1, (6, 3)) * 2.0**level, random.uniform(0, 6, 6)) for level in range(5)]
    rough, stretch = random.uniform(0.03, 0.09), random.uniform(0.7, 1.4, 3)

    def warped(points: Floats) -> Floats:
        ways = points / np.linalg.norm(points, axis=1, keepdims=True)
        far = np.ones(len(ways))
        for level, (waves, shift) in enumerate(octaves):
            far += rough * 0.55**level * np.sin(ways @ waves.T * 1.6 + shift).sum(axis=1)
        pushed: Floats = ways * (radius * np.clip(far, 0.3, 2))[:, None] * stretch
        return pushed

    made = Manifold.sphere(radius, int(random.choice([380, 440, 520]))).warp_batch(warped)
    return _facets(made.trim_by_plane((0, 0, 1), -radius * stretch[2] * 0.6))


def terrain(random: Random) -> Floats:
    """A tile of hills on a base."""
    wide, deep, relief = random.uniform(35, 80), random.uniform(35, 80), random.uniform(4, 18)
    waves, shift = random.normal(0, 0.09, (16, 2)), random.uniform(0, 6, 16)
    weight = 1 / (0.4 + np.linalg.norm(waves, axis=1) * 12)
    cells = int(random.choice([190, 220, 260]))
    grid = Manifold.cube((wide, deep, 1)).refine(cells)
    points = np.asarray(grid.to_mesh64().vert_properties)[:, :3]
    low = float((np.sin(points[:, :2] @ waves.T + shift) * weight).sum(axis=1).min())
    scale = relief / (2 * abs(low))

    def warped(points: Floats) -> Floats:
        hill = (np.sin(points[:, :2] @ waves.T + shift) * weight).sum(axis=1) - low
        return np.column_stack([points[:, :2], points[:, 2] * (2 + scale * hill)])

    return _facets(grid.warp_batch(warped))


def gyroid(random: Random) -> Floats:
    """A lattice of one wall without end, cut to a block."""
    side, cell, thick = random.uniform(22, 42), random.uniform(8, 15), random.uniform(0.25, 0.6)
    wave = 2 * np.pi / cell

    def inside(x: float, y: float, z: float) -> float:
        value = np.sin(wave * x) * np.cos(wave * y) + np.sin(wave * y) * np.cos(wave * z)
        return float(thick - abs(value + np.sin(wave * z) * np.cos(wave * x)))

    return _level(inside, (side, side, side * random.uniform(0.5, 1)), 90_000, random)


def organic(random: Random) -> Floats:
    """Balls that flow into one another."""
    count, size = int(random.integers(4, 10)), random.uniform(24, 48)
    centres = random.uniform(0.25, 0.75, (count, 3)) * size
    radii = random.uniform(0.1, 0.2, count) * size

    def inside(x: float, y: float, z: float) -> float:
        apart = ((centres - (x, y, z)) ** 2).sum(axis=1)
        return float((radii**2 / (apart + 1e-6)).sum() - 1)

    return _level(inside, (size, size, size), 75_000, random)


def knurl(random: Random) -> Floats:
    """A knob with a grip of fine crossing grooves."""
    radius, high, grooves = random.uniform(8, 24), random.uniform(10, 32), int(random.integers(20, 60))
    depth, lean = random.uniform(0.3, 0.9), random.uniform(0.4, 1.3)

    def warped(points: Floats) -> Floats:
        turn, z = np.arctan2(points[:, 1], points[:, 0]), points[:, 2]
        out = np.linalg.norm(points[:, :2], axis=1) > radius * 0.9
        left, right = (np.abs(np.sin(grooves / 2 * (turn + way * lean * z / radius))) for way in (1, -1))
        scale = np.where(out, 1 - depth / radius * (2 - left - right) / 2, 1.0)
        return np.column_stack([points[:, :2] * scale[:, None], z])

    steps = int(random.choice([360, 480]))
    made = CrossSection.circle(radius, steps).extrude(high, 100).warp_batch(warped)
    made -= Manifold.cylinder(high * 1.6, radius * 0.3, -1, 6, True)
    return _facets(made)


def thread(random: Random) -> Floats:
    """A bolt: a head with six sides and a thread of true shape."""
    radius, pitch, long = random.uniform(5, 14), random.uniform(1.5, 3.5), random.uniform(15, 45)

    def warped(points: Floats) -> Floats:
        turn = np.arctan2(points[:, 1], points[:, 0]) / (2 * np.pi)
        place = np.abs((points[:, 2] / pitch - turn) % 1 * 2 - 1)
        far = radius - pitch * 0.55 * np.clip(place * 1.25 - 0.125, 0, 1)
        out = np.linalg.norm(points[:, :2], axis=1) > radius * 0.5
        scale = np.where(out, far / radius, 1.0)
        return np.column_stack([points[:, :2] * scale[:, None], points[:, 2]])

    levels = int(long / pitch * 24)
    steps = max(120, int(80_000 / (2 * levels)))
    shank = CrossSection.circle(radius, steps).extrude(long, levels).warp_batch(warped)
    head = Manifold.cylinder(radius * 1.1, radius * 1.75, -1, 6)
    return _facets(head + shank.translate((0, 0, radius * 1.1 - 0.05)))


def spring(random: Random) -> Floats:
    """A coil on a foot: it is all overhang."""
    radius, wire, turns = random.uniform(8, 18), random.uniform(1.6, 3.2), random.uniform(2.5, 6)
    pitch = wire * random.uniform(2.4, 4)

    def warped(points: Floats) -> Floats:
        turn = points[:, 2] * 2 * np.pi * turns
        return np.column_stack(
            [
                (radius + points[:, 0]) * np.cos(turn),
                (radius + points[:, 0]) * np.sin(turn),
                points[:, 1] + points[:, 2] * turns * pitch,
            ]
        )

    coil = CrossSection.circle(wire, 48).extrude(1, int(turns * 200)).warp_batch(warped)
    foot = Manifold.cylinder(2, radius + wire, -1, 96) - Manifold.cylinder(9, radius - wire, -1, 96, True)
    return _facets(coil.translate((0, 0, wire * 0.9)) + foot)


def _level(
    inside: Callable[[float, float, float], float],
    size: tuple[float, float, float],
    facets: int,
    random: Random,
) -> Floats:
    """The surface where a function is zero, in more than so many facets."""
    edge, bounds = max(size) / random.uniform(34, 40), [0.0, 0.0, 0.0, *size]
    while True:
        made = Manifold.level_set(inside, bounds, edge)
        parts = sorted(made.decompose(), key=lambda each: -abs(each.volume()))
        made = parts[0]
        if made.num_tri() > facets:
            return _facets(made)
        edge *= 0.8
