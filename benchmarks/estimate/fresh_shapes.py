"""Kinds of parts that nobody looked at while the model's form was chosen: what people print, in ordinary
exports. Lengths in mm, z up; triangles (n, 3, 3)."""

from __future__ import annotations

import numpy as np
from manifold3d import CrossSection, Manifold, OpType

from benchmarks.estimate.shapes import Floats, Random, _facets, _round, _size


def spur(random: Random) -> Floats:
    """A gear on a hub, with a keyed bore and holes in its web."""
    teeth, radius, high = int(random.integers(12, 40)), _size(random, 12, 45), random.uniform(4, 14)
    tooth = CrossSection([[(-1.0, 0), (-0.5, 2.2), (0.5, 2.2), (1.0, 0)]]).scale((radius / teeth * 1.4,) * 2)
    outline = CrossSection.circle(radius, 96)
    for number in range(teeth):
        outline += tooth.translate((0, radius - 0.3)).rotate(360 * number / teeth)
    made = outline.extrude(high) + Manifold.cylinder(high * 1.8, radius * 0.4, -1, 48)
    made -= Manifold.cylinder(high * 4, radius * 0.18, -1, 32, True)
    made -= Manifold.cube((radius * 0.1, radius * 0.5, high * 4), True).translate((0, radius * 0.2, 0))
    for number in range(int(random.integers(0, 7))):
        hole = Manifold.cylinder(high * 4, radius * 0.13, -1, 24, True).translate((radius * 0.66, 0, 0))
        made -= hole.rotate((0, 0, 360 * number / 7))
    return _facets(made)


def elbow(random: Random) -> Floats:
    """A bent pipe between two flanges."""
    bore, wall, bend = _size(random, 4, 15), random.uniform(1.6, 4), random.uniform(30, 90)
    far, steps = (bore + wall) * random.uniform(1.3, 2.2), int(random.choice([24, 48, 96]))
    flange = Manifold.cylinder(wall * 1.5, bore + wall * 2.5, -1, steps)
    inner = CrossSection.circle(bore, steps).translate((far, 0)).revolve(steps * 2, bend)
    outer = CrossSection.circle(bore + wall, steps).translate((far, 0)).revolve(steps * 2, bend)
    start = flange.rotate((90, 0, 0)).translate((far, wall * 1.5, 0))
    end = flange.rotate((90, 0, 0)).translate((far, 0, 0)).rotate((0, 0, bend))
    through = Manifold.cylinder(far * 4, bore, -1, steps, True).rotate((90, 0, 0)).translate((far, 0, 0))
    cut = CrossSection.circle(bore, steps).extrude(far).rotate((-90, 0, 0)).translate((far, 0, 0))
    made = (outer + start + end) - inner
    made -= through.trim_by_plane((0, -1, 0), -wall * 2)
    made -= cut.rotate((0, 0, bend)).translate((0, 0, 0))
    return _facets(made.rotate((90 if random.random() < 0.5 else 0, 0, 0)))


def tee(random: Random) -> Floats:
    """Pipes that meet."""
    bore, wall, steps = _size(random, 4, 16), random.uniform(1.4, 4), _round(random)
    long = (bore + wall) * random.uniform(3, 6)
    arms = ((0, 90, 0), (0, 0, 0), (90, 0, 0))[: int(random.integers(2, 4))]
    outer = [Manifold.cylinder(long, bore + wall, -1, steps, True).rotate(arm) for arm in arms]
    inner = [Manifold.cylinder(long * 2, bore, -1, steps, True).rotate(arm) for arm in arms]
    made = Manifold.batch_boolean(outer, OpType.Add) - Manifold.batch_boolean(inner, OpType.Add)
    return _facets(made)


def hinge(random: Random) -> Floats:
    """Two leaves with knuckles around a pin, printed in place, lying open."""
    long, leaf, thick = random.uniform(24, 80), random.uniform(12, 35), random.uniform(2.4, 4.5)
    knuckles, gap = int(random.integers(3, 8)), random.uniform(0.25, 0.5)
    each, radius = long / knuckles, thick
    pin = Manifold.cylinder(long, radius * 0.5, -1, 32).rotate((0, 90, 0)).translate((0, 0, radius))
    sides: list[Manifold] = []
    for side in (1, -1):
        plate = Manifold.cube((long, leaf, thick))
        made = plate.translate((0, radius + gap if side > 0 else -leaf - radius - gap, 0))
        for number in range(knuckles):
            if (number % 2 == 0) != (side > 0):
                continue
            knuckle = Manifold.cylinder(each - gap, radius, -1, 40).rotate((0, 90, 0))
            arm = Manifold.cube((each - gap, radius + gap + 1, thick))
            arm = arm.translate((0, 0 if side > 0 else -radius - gap - 1, 0))
            made += (knuckle.translate((0, 0, radius)) + arm).translate((number * each + gap / 2, 0, 0))
        if side < 0:
            made -= (
                Manifold.cylinder(long * 2, radius * 0.5 + gap, -1, 32, True)
                .rotate((0, 90, 0))
                .translate((0, 0, radius))
            )
        for at in (0.2, 0.8):
            screw = Manifold.cylinder(thick * 4, 1.8, -1, 24, True)
            made -= screw.translate((long * at, side * (radius + gap + leaf * 0.6), 0))
        sides.append(made)
    return _facets(sides[0] + pin + sides[1])


def enclosure(random: Random) -> Floats:
    """A rounded box with slots in its walls, bosses for screws, a lip for its lid."""
    wide, deep, high = random.uniform(35, 110), random.uniform(30, 80), random.uniform(12, 40)
    wall, corner = random.uniform(1.6, 3), random.uniform(3, 8)

    def rounded(less: float, tall: float) -> Manifold:
        inner = CrossSection.square((wide - 2 * corner, deep - 2 * corner), True)
        return inner.offset(corner - less, circular_segments=32).extrude(tall)

    made = rounded(0, high) - rounded(wall, high).translate((0, 0, wall))
    made -= rounded(wall / 2, high).translate((0, 0, high - 2))
    for number in range(int(random.integers(0, 9))):
        slot = Manifold.cube((2, deep * 3, high * 0.4), True)
        made -= slot.translate((-wide * 0.35 + number * 5, 0, high * 0.5))
    for x in (-1, 1):
        for y in (-1, 1):
            at = (x * (wide / 2 - wall - 3.2), y * (deep / 2 - wall - 3.2), 0)
            boss = Manifold.cylinder(high - 3, 3.4, -1, 24)
            made += (boss - Manifold.cylinder(high, 1.3, -1, 20).translate((0, 0, wall))).translate(at)
    return _facets(made)


def fan(random: Random) -> Floats:
    """Twisted blades on a hub, with or without a ring."""
    blades, radius, high = int(random.integers(3, 10)), _size(random, 18, 60), random.uniform(6, 22)
    thick, hub = random.uniform(1.2, 2.6), radius * random.uniform(0.2, 0.35)
    profile = CrossSection.square((radius - hub * 0.5, thick)).translate((hub * 0.5, -thick / 2))
    blade = profile.extrude(high, 24, random.uniform(15, 50))
    made = Manifold.cylinder(high, hub, -1, 64)
    for number in range(blades):
        made += blade.rotate((0, 0, 360 * number / blades))
    if random.random() < 0.5:
        ring = Manifold.cylinder(high, radius + thick, -1, 128) - Manifold.cylinder(
            high, radius - 0.5, -1, 128
        )
        made += ring
    return _facets(made - Manifold.cylinder(high * 3, hub * 0.35, -1, 32, True))


def fins(random: Random) -> Floats:
    """A base with a row of thin fins, straight or as pins."""
    wide, deep, high = random.uniform(20, 70), random.uniform(20, 70), random.uniform(8, 35)
    base, thick, pitch = random.uniform(2, 5), random.uniform(0.9, 2.2), random.uniform(3, 7)
    pins = random.random() < 0.4
    stand: list[Manifold] = [Manifold.cube((wide, deep, base))]
    for x in np.arange(0, wide - thick, pitch):
        if not pins:
            stand.append(Manifold.cube((thick, deep, high)).translate((x, 0, base - 0.1)))
            continue
        for y in np.arange(0, deep - thick, pitch):
            stand.append(Manifold.cube((thick, thick, high)).translate((x, y, base - 0.1)))
    return _facets(Manifold.batch_boolean(stand, OpType.Add))


def hook(random: Random) -> Floats:
    """A plate for the wall with an arm that bends up, printed on its side or standing."""
    radius, thick, wide = random.uniform(8, 28), random.uniform(4, 9), random.uniform(8, 22)
    arc = CrossSection.square((thick, wide)).translate((radius, 0)).revolve(96, random.uniform(150, 260))
    plate = Manifold.cube((thick, radius * 3.2, wide)).translate((radius, -radius * 3.1, 0))
    made = arc + plate
    for share in (0.3, 0.8):
        screw = Manifold.cylinder(thick * 4, 2.1, -1, 24, True).rotate((0, 90, 0))
        made -= screw.translate((radius, -radius * 3.1 * share, wide / 2))
    return _facets(made if random.random() < 0.6 else made.rotate((90, 0, 0)))


def stencil(random: Random) -> Floats:
    """A plate with letters of bars and bows cut through it, or standing alone on a thin base."""
    size, count, thick = random.uniform(10, 22), int(random.integers(3, 9)), random.uniform(1.2, 4)
    stroke = size * random.uniform(0.12, 0.2)
    signs: list[CrossSection] = []
    for number in range(count):
        for _ in range(int(random.integers(2, 5))):
            if random.random() < 0.4:
                bow = CrossSection.circle(size * 0.32, 40) - CrossSection.circle(size * 0.32 - stroke, 40)
                bow -= CrossSection.square((size, stroke * 1.2), True)
                sign = bow.translate((size * 0.4, size * random.uniform(0.35, 0.65)))
            else:
                bar = CrossSection.square((stroke, size * random.uniform(0.5, 0.95)), True)
                sign = bar.rotate(float(random.choice([0, 90, 35, -35]))).translate((size * 0.4, size * 0.5))
            signs.append(sign.translate((number * size * 0.95 + size * 0.1, size * 0.1)))
    text = CrossSection.batch_boolean(signs, OpType.Add)
    base = CrossSection.square((count * size * 0.95 + size * 0.2, size * 1.2))
    if random.random() < 0.5:
        return _facets((base - text).extrude(thick))
    return _facets(base.extrude(1.2) + (text ^ base).extrude(thick + 1.2))


def honeycomb(random: Random) -> Floats:
    """A tray whose floor is cut into cells of six sides."""
    wide, deep, high = random.uniform(40, 100), random.uniform(40, 90), random.uniform(3, 16)
    cell, bar = random.uniform(4, 9), random.uniform(0.9, 2.4)
    holes: list[CrossSection] = []
    step_x, step_y = (cell * 2 + bar) * 0.87, (cell * 2 + bar) * 0.75
    for row in range(int(deep / step_y) + 2):
        for column in range(int(wide / step_x) + 2):
            at = (column * step_x + (row % 2) * step_x / 2, row * step_y)
            holes.append(CrossSection.circle(cell - bar * 0.2, 6).rotate(30).translate(at))
    inside = CrossSection.square((wide - 6, deep - 6)).translate((3, 3))
    plate = CrossSection.square((wide, deep))
    made = (plate - (CrossSection.batch_boolean(holes, OpType.Add) ^ inside)).extrude(high)
    if random.random() < 0.5:
        made += (plate - inside).extrude(high * random.uniform(1.5, 3))
    return _facets(made)


def funnel(random: Random) -> Floats:
    """A thin shell of revolution: wide mouth, cone, spout."""
    mouth, spout, wall = random.uniform(20, 50), random.uniform(4, 9), random.uniform(1.0, 2.2)
    cone, tube = random.uniform(15, 50), random.uniform(10, 40)
    outer = [(spout, 0), (spout + 1, tube), (mouth, tube + cone), (mouth, tube + cone + 6)]
    inner = [(x - wall, z) for x, z in reversed(outer)]
    made = CrossSection([outer + inner]).revolve(int(random.choice([36, 72, 144])))
    return _facets(made if random.random() < 0.4 else made.rotate((180, 0, 0)))


def bridge(random: Random) -> Floats:
    """A deck on arches with rails: what a model railway needs."""
    arches, span, wide = int(random.integers(1, 5)), random.uniform(16, 36), random.uniform(10, 30)
    pier, high = random.uniform(3, 7), random.uniform(14, 40)
    long = arches * (span + pier) + pier
    outline = CrossSection.square((long, high))
    for number in range(arches):
        middle = pier + span / 2 + number * (span + pier)
        spring = high * random.uniform(0.25, 0.5)
        opening = CrossSection.circle(span / 2, 64).scale((1, min(1.0, (high - spring - 3) / (span / 2))))
        outline -= opening.translate((middle, spring))
        outline -= CrossSection.square((span, spring + 0.1)).translate((middle - span / 2, 0))
    made = outline.extrude(wide).rotate((90, 0, 0))
    rail = Manifold.cube((long, 1.4, 5)).translate((0, 0, high - 0.1))
    return _facets(made + rail.translate((0, -1.4, 0)) + rail.translate((0, -wide, 0)))


def comb(random: Random) -> Floats:
    """A spine with long teeth, lying flat: a clip, a cable comb."""
    teeth, long, thick = int(random.integers(5, 22)), random.uniform(12, 45), random.uniform(2, 7)
    width, gap = random.uniform(1.4, 4), random.uniform(1.0, 4)
    outline = CrossSection.square((teeth * (width + gap) + width, random.uniform(5, 12)))
    for number in range(teeth + 1):
        tooth = CrossSection.hull_points(
            [(0, 0), (width, 0), (width * 0.8, -long), (width * 0.2, -long)]
        ).translate((number * (width + gap), 0.5))
        outline += tooth
    return _facets(outline.extrude(thick))


def chain(random: Random) -> Floats:
    """Links that hang in one another, printed as they are."""
    links, radius, bar = int(random.integers(2, 6)), random.uniform(6, 13), random.uniform(1.6, 2.8)
    steps = int(random.choice([16, 32, 48]))
    ring = CrossSection.circle(bar, steps).translate((radius, 0)).revolve(steps * 2)
    # Cut flat where it stands, so that it does.
    made = []
    for number in range(links):
        turned = ring.rotate((45 if number % 2 else -45, 0, 0))
        made.append(turned.translate((number * (2 * radius - 2.6 * bar), 0, 0)))
    low = -(radius * 0.7071 + bar * 0.7)
    return _facets(Manifold.compose([each.trim_by_plane((0, 0, 1), low) for each in made]))


def stairs(random: Random) -> Floats:
    """A spiral of steps around a column: overhangs at every turn."""
    count, radius, rise = int(random.integers(6, 22)), random.uniform(14, 38), random.uniform(2, 5)
    thick, turn = random.uniform(1.2, 2.6), random.uniform(14, 28)
    made = [Manifold.cylinder(count * rise + thick, radius * 0.16, -1, 32)]
    made.append(Manifold.cylinder(1.6, radius * 1.02, -1, 64))
    tread = CrossSection.hull_points([(0, 0), (radius, -radius * 0.18), (radius, radius * 0.18)])
    for number in range(count):
        made.append(tread.extrude(thick).rotate((0, 0, turn * number)).translate((0, 0, rise * number)))
    return _facets(Manifold.batch_boolean(made, OpType.Add))


def mount(random: Random) -> Floats:
    """A plate with a clamp for a tube, gussets and slots."""
    tube, wall, wide = random.uniform(6, 20), random.uniform(2.4, 5), random.uniform(12, 40)
    plate = (tube * 2 + wall * 2) * random.uniform(1.5, 2.4)
    ring = CrossSection.circle(tube + wall, 72) - CrossSection.circle(tube, 72)
    ring -= CrossSection.square((tube * 3, tube * 0.5), True).translate((tube * 1.5, 0))
    foot = CrossSection.square((wall, plate), True).translate((-tube - wall * 0.9, 0))
    gussets = CrossSection.hull_points(
        [(-tube - wall, plate * 0.45), (-tube - wall, -plate * 0.45), (-tube * 0.3, 0)]
    )
    outline = (ring + foot + gussets) - CrossSection.circle(tube, 72)
    made = outline.extrude(wide)
    for side in (-0.42, 0.42):
        made -= (
            Manifold.cylinder(tube * 9, 2.2, -1, 24, True)
            .rotate((0, 90, 0))
            .translate((-tube - wall, plate * side, wide / 2))
        )
    return _facets(made if random.random() < 0.6 else made.rotate((0, -90, 0)))
