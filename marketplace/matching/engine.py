"""Which printers can make a job, and which bid serves its designer best.

Pure: numpy over columns, no database, no clock. The same columns give the same answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntFlag

import numpy as np
from numpy.typing import NDArray

from protocol.capability import ANY_COLOUR, Requirement

WEIGHTS = {"price": 0.6, "time": 0.25, "record": 0.15}

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Lack(IntFlag):
    """What a printer lacks for a requirement; zero means it can make it."""

    SIZE = 1
    MATERIAL = 2
    COLOUR = 4
    LAYER = 8


@dataclass(frozen=True)
class PrinterColumns:
    """One row a printer (n), and one row a material and colour in stock (m)."""

    bed_um: Ints  # (n, 3) x, y, z in micrometres
    min_layer_um: Ints  # (n,)
    max_layer_um: Ints  # (n,)
    stock_row: Ints  # (m,) row of the printer that has it
    stock_kind: NDArray[np.str_]  # (m,)
    stock_colour: NDArray[np.str_]  # (m,)


@dataclass(frozen=True)
class BidColumns:
    """One row a bid. Prices are for the whole job, exact wei; times are seconds.

    `time_left_s` runs from the bid's arrival to the job's deadline, so that a score does not age.
    """

    ids: Sequence[str]
    price: Sequence[int]
    make_time_s: Sequence[int]
    time_left_s: Sequence[float]
    completed: Sequence[int]
    failed: Sequence[int]
    received_at_s: Sequence[float]


@dataclass(frozen=True)
class Ranked:
    """A bid's place (1 is best), its score 0..1 and the parts that add up to it."""

    id: str
    rank: int
    score: float
    parts: dict[str, float]


def lacks(columns: PrinterColumns, requirement: Requirement) -> Ints:
    """`Lack` bits of every printer, shape (n,)."""
    out = np.where(_fits(columns.bed_um, requirement.size_um), 0, int(Lack.SIZE)).astype(np.int64)
    thin = requirement.layer_um < columns.min_layer_um
    out[thin | (requirement.layer_um > columns.max_layer_um)] |= Lack.LAYER
    of_kind = columns.stock_kind == requirement.material
    has_kind = _rows(of_kind, columns)
    out[~has_kind] |= Lack.MATERIAL
    if requirement.colour != ANY_COLOUR:
        has_colour = _rows(of_kind & (columns.stock_colour == requirement.colour), columns)
        out[has_kind & ~has_colour] |= Lack.COLOUR
    return out


def lacks_any(columns: PrinterColumns, requirements: Sequence[Requirement]) -> Ints:
    """`Lack` bits of every printer for any of the requirements, shape (n,)."""
    out = np.zeros(len(columns.bed_um), dtype=np.int64)
    for requirement in requirements:
        out |= lacks(columns, requirement)
    return out


def _fits(bed_um: Ints, size_um: Sequence[int]) -> NDArray[np.bool_]:
    """A part may be turned on the plate, never tipped over."""
    footprint = np.sort(np.asarray(size_um[:2], dtype=np.int64))
    plate = np.sort(bed_um[:, :2], axis=1)
    return np.asarray((plate >= footprint).all(axis=1) & (bed_um[:, 2] >= size_um[2]))


def _rows(stock: NDArray[np.bool_], columns: PrinterColumns) -> NDArray[np.bool_]:
    """Stock rows (m,) -> printers that have at least one of them (n,)."""
    out = np.zeros(len(columns.bed_um), dtype=np.bool_)
    out[columns.stock_row[stock]] = True
    return out


def rank(columns: BidColumns) -> tuple[Ranked, ...]:
    """Bids best first. Ties go to the lower price, then to the earlier bid, then to the smaller id."""
    if not columns.ids:
        return ()
    parts = {
        "price": _price_part(columns.price),
        "time": _time_part(columns),
        "record": _record_part(columns),
    }
    # Rounded, so that a score shown as equal is treated as equal.
    score = np.round(np.sum([WEIGHTS[name] * part for name, part in parts.items()], axis=0), 6)
    _, exact_price = np.unique(np.array(columns.price, dtype=object), return_inverse=True)
    order = np.lexsort((np.array(columns.ids), np.array(columns.received_at_s), exact_price, -score))
    places = enumerate(order.tolist(), start=1)
    return tuple(_ranked(columns, parts, score, row, place) for place, row in places)


def _ranked(columns: BidColumns, parts: dict[str, Floats], score: Floats, row: int, place: int) -> Ranked:
    weighed = {name: round(WEIGHTS[name] * float(part[row]), 6) for name, part in parts.items()}
    return Ranked(id=columns.ids[row], rank=place, score=float(score[row]), parts=weighed)


def _price_part(prices: Sequence[int]) -> Floats:
    """1 for the cheapest, 0.5 for twice its price."""
    price = np.array([float(value) for value in prices])
    return np.asarray(price.min() / price)


def _time_part(columns: BidColumns) -> Floats:
    """1 for at once, falling to 0 for a bid that may use all the time left or more."""
    left = np.maximum(np.asarray(columns.time_left_s, dtype=np.float64), 1)
    return np.clip(1 - np.asarray(columns.make_time_s, dtype=np.float64) / left, 0, 1)


def _record_part(columns: BidColumns) -> Floats:
    """Share of agreements kept, with one of each assumed, so that a newcomer stands at one half."""
    completed = np.asarray(columns.completed, dtype=np.float64)
    return np.asarray((completed + 1) / (completed + np.asarray(columns.failed, dtype=np.float64) + 2))
