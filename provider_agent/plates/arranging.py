"""Copies side by side on plates: rows, the deepest copies first (pure). Lengths in micrometres.

A shelf packing, first fit by falling depth: simple, the same each time, and at most a shelf away from what a
person would do with boxes. What lies on the bed is the box around each copy, not its outline.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from provider_agent.slicing.place import Place

GAP_UM = 6_000
"""Between two copies: what PrusaSlicer arranges with by itself (`duplicate_distance`, 6 mm)."""
EDGE_UM = 10_000
"""Between the copies and the edge of the bed: with less no line is drawn around them (SKIRT_ROOM_UM, of both
sides), which makes the nozzle ready and shows that the first layer sticks."""
MOST_COPIES = 64
MOST_PARTS = 8
"""On one plate: a record has to name them all, and a marketplace takes records of 15 KiB."""
MOST_FACETS = 1_000_000
"""On one plate: memory and time of a slicer grow with them, and both are limited."""

Layout = tuple[tuple[int, tuple[Place, ...]], ...]
"""Where the copies of each part lie."""


@dataclass(frozen=True)
class Piece:
    """A part to be printed so many times; what follows is of one copy, the seconds without warming up."""

    part: int
    size_um: tuple[int, int]
    copies: int
    seconds: float
    facets: int


@dataclass(frozen=True)
class Run:
    """So many plates in a row with one layout."""

    layout: Layout
    times: int


def arrange(pieces: Sequence[Piece], bed_um: tuple[int, int], seconds: float) -> list[Run]:
    """Plates of two copies and more that take at most so many seconds to extrude; what is on none of them is
    printed alone. The same pieces give the same plates."""
    room = bed_um[0] - 2 * EDGE_UM + GAP_UM, bed_um[1] - 2 * EDGE_UM + GAP_UM
    boxes = sorted((box for piece in pieces if (box := _boxed(piece, room))), key=_order)
    left = {box.piece.part: box.piece.copies for box in boxes}
    layouts: list[Layout] = []
    while any(left.values()):
        plate = _Plate(room, seconds)
        for box in boxes:
            while left[box.piece.part] and plate.take(box):
                left[box.piece.part] -= 1
        if len(plate.taken) > 1:
            layouts.append(plate.layout())
    return [Run(layout, len(list(same))) for layout, same in groupby(layouts)]


@dataclass(frozen=True)
class _Box:
    """A piece as it lies on a shelf, the gap to its neighbours included."""

    piece: Piece
    wide: int
    deep: int
    turned: bool


def _boxed(piece: Piece, room: tuple[int, int]) -> _Box | None:
    """The long side along the shelf, where that fits; None where it needs the edge of the bed."""
    x, y = (length + GAP_UM for length in piece.size_um)
    ways = sorted([_Box(piece, x, y, False), _Box(piece, y, x, True)], key=lambda box: (box.deep, box.turned))
    return next((box for box in ways if box.wide <= room[0] and box.deep <= room[1]), None)


def _order(box: _Box) -> tuple[int, int, int]:
    return -box.deep, -box.wide, box.piece.part


@dataclass
class _Shelf:
    y: int
    deep: int
    used: int = 0


@dataclass
class _Plate:
    """One plate being filled."""

    room: tuple[int, int]
    seconds: float
    shelves: list[_Shelf] = field(default_factory=list)
    taken: list[tuple[_Box, int, int]] = field(default_factory=list)

    def take(self, box: _Box) -> bool:
        """Whether there was a place for one more; a first one is always taken."""
        if self.taken and not self._may(box.piece):
            return False
        shelf = next((one for one in self.shelves if one.used + box.wide <= self.room[0]), None)
        if shelf is None:
            y = sum(one.deep for one in self.shelves)
            if y + box.deep > self.room[1]:
                return False
            # Boxes come by falling depth: the first of a shelf is its deepest.
            shelf = _Shelf(y, box.deep)
            self.shelves.append(shelf)
        self.taken.append((box, shelf.used, shelf.y))
        shelf.used += box.wide
        return True

    def _may(self, piece: Piece) -> bool:
        pieces = [*(box.piece for box, _, _ in self.taken), piece]
        return (
            len(pieces) <= MOST_COPIES
            and len({one.part for one in pieces}) <= MOST_PARTS
            and sum(one.facets for one in pieces) <= MOST_FACETS
            and sum(one.seconds for one in pieces) <= self.seconds
        )

    def layout(self) -> Layout:
        """With all copies together in the middle of the bed."""
        whole = (
            max(x + box.wide for box, x, _ in self.taken),
            max(y + box.deep for box, _, y in self.taken),
        )
        by_part = sorted(self.taken, key=lambda one: (one[0].piece.part, one[2], one[1]))
        return tuple(
            (part, tuple(_places(same, whole)))
            for part, same in groupby(by_part, key=lambda one: one[0].piece.part)
        )


def _places(taken: Iterator[tuple[_Box, int, int]], whole: tuple[int, int]) -> Iterator[Place]:
    for box, x, y in taken:
        yield Place(x + box.wide // 2 - whole[0] // 2, y + box.deep // 2 - whole[1] // 2, box.turned)
