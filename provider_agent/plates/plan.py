"""From arrangements to plates: which copies each plate has, in the order of printing (pure).

A plan is its sheets. A copy that no sheet has is alone on a plate, in the numbers that the sheets leave
free: an agreement without sheets has one copy a plate, numbered by `copies_in_order`, as it was before there
were any.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from protocol.jobspec import Part
from provider_agent.errors import JournalBroken
from provider_agent.plates.arranging import Layout, Run


@dataclass(frozen=True)
class Sheet:
    """One G-code for several copies, printed on `times` plates from plate `first` on. Sheets are numbered
    after the parts: G-code of a number below is that of a single copy of this part."""

    number: int
    first: int
    times: int
    layout: Layout


@dataclass(frozen=True)
class Plate:
    """One print: these copies of these parts, of the G-code of its sheet. `number` counts from 0 over the
    whole agreement."""

    number: int
    sheet: int
    copies: tuple[tuple[int, tuple[int, ...]], ...]

    @property
    def part(self) -> int:
        """One of its parts: all are of one filament and profile."""
        return self.copies[0][0]


def copies_in_order(parts: Sequence[Part], units: int) -> list[tuple[int, int]]:
    """(part, copy) of every copy in every unit; those of one filament follow one another, so that it is
    changed as seldom as can be."""
    return [
        (place, unit * part.copies + copy)
        for filament in filaments_of(parts)
        for unit in range(units)
        for place, part in enumerate(parts)
        for copy in range(part.copies)
        if part.filament == filament
    ]


def filaments_of(parts: Sequence[Part]) -> list[str]:
    """In the order of printing."""
    return list(dict.fromkeys(part.filament for part in parts))


def plates_of(parts: Sequence[Part], units: int, sheets: Iterable[Sheet] = ()) -> list[Plate]:
    """All prints of an agreement, in order: every copy on exactly one. Raises JournalBroken where sheets
    have more copies than are to be made, or one plate between them."""
    taken: Counter[int] = Counter()
    nested: dict[int, Plate] = {}
    for sheet in sorted(sheets, key=lambda sheet: sheet.first):
        for number in range(sheet.first, sheet.first + sheet.times):
            if number in nested:
                raise JournalBroken(f"two sheets of the plan have plate {number}")
            nested[number] = Plate(number, sheet.number, _next_copies(sheet.layout, taken))
    order = copies_in_order(parts, units)
    if taken - Counter(part for part, _ in order):
        raise JournalBroken("the plan of plates has more copies than were awarded")
    free = (number for number in count() if number not in nested)
    alone = [(part, copy) for part, copy in order if copy >= taken[part]]
    singles = [
        Plate(number, part, ((part, (copy,)),)) for number, (part, copy) in zip(free, alone, strict=False)
    ]
    return sorted([*nested.values(), *singles], key=lambda plate: plate.number)


def sheets_of(parts: Sequence[Part], units: int, runs: Mapping[str, Sequence[Run]]) -> list[Sheet]:
    """The sheets of what was arranged for each filament, numbered so that each filament is loaded once."""
    found: list[Sheet] = []
    number = 0
    for filament in filaments_of(parts):
        alone = units * sum(part.copies for part in parts if part.filament == filament)
        for run in runs.get(filament, ()):
            found.append(Sheet(len(parts) + len(found), number, run.times, run.layout))
            number += run.times
            alone -= run.times * sum(len(places) for _, places in run.layout)
        number += alone
    return found


def _next_copies(layout: Layout, taken: Counter[int]) -> tuple[tuple[int, tuple[int, ...]], ...]:
    copies = []
    for part, places in layout:
        copies.append((part, tuple(range(taken[part], taken[part] + len(places)))))
        taken[part] += len(places)
    return tuple(copies)
