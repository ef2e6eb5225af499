"""What a record of slicing or printing is of: one copy, which it names itself, or several, in its `items`."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from auditor.findings import text_of
from auditor.sources.parts import Model

PLATE, COPY, NUMBER, SHEET = "items", "copy", "part_number", "sheet"


@dataclass(frozen=True)
class Item:
    """Copies of one part of the spec, the one of this number from 0. `copies` is empty where a record says
    only how many they are."""

    number: int
    model: Model
    count: int
    copies: tuple[int, ...] = ()


class BadPlate(Exception):
    """The items of a record are no items, or of no part of the spec."""


def is_plate(payload: Mapping[str, Any]) -> bool:
    """Whether the record lists several copies."""
    return PLATE in payload


def items_of(payload: Mapping[str, Any], models: Sequence[Model]) -> tuple[Item, ...]:
    """The items of a plate, each part once. Raises BadPlate."""
    told = payload[PLATE]
    if not isinstance(told, list) or not told:
        raise BadPlate("no list of items")
    items = tuple(_item(each, models) for each in told)
    if len({item.number for item in items}) < len(items):
        raise BadPlate("a part that is listed twice")
    return items


def _item(told: Any, models: Sequence[Model]) -> Item:
    if not isinstance(told, dict):
        raise BadPlate("an item that is none")
    number = told.get(NUMBER)
    if type(number) is not int or not 0 <= number < len(models):
        raise BadPlate(f"the spec has no part {number}")
    model = models[number]
    if (told.get("part"), told.get("model")) != (model.name, text_of(model.digest)):
        raise BadPlate(f"part {number} of the spec is {model.name} of model {text_of(model.digest)}")
    return _counted(told, number, model)


def _counted(told: Mapping[str, Any], number: int, model: Model) -> Item:
    copies, places = told.get("copies"), told.get("places")
    if isinstance(places, list) and places and copies is None:
        return Item(number, model, len(places))
    if not isinstance(copies, list) or not copies or any(type(copy) is not int for copy in copies):
        raise BadPlate(f"no copies of part {number}")
    if len(set(copies)) < len(copies):
        raise BadPlate(f"a copy of part {number} that is listed twice")
    return Item(number, model, len(copies), tuple(copies))


def content(items: Sequence[Item]) -> frozenset[tuple[int, int]]:
    """How many copies of which parts: what a G-code is for."""
    return frozenset((item.number, item.count) for item in items)


@dataclass(frozen=True)
class Made:
    """A finished copy of one of these parts; whatever has the same `key` is the same one. `copy` is None
    where its record does not say."""

    numbers: frozenset[int]
    copy: int | None
    attempt: str

    @property
    def key(self) -> Hashable:
        known = len(self.numbers) == 1 and self.copy is not None
        return (*self.numbers, self.copy) if known else self.attempt


def made_of(payload: Mapping[str, Any], models: Sequence[Model], units: int) -> Iterator[Made]:
    """The copies that a record of a finished print is of, but for those of no unit. Raises BadPlate."""
    attempt = str(payload.get("attempt", "nothing"))
    if not is_plate(payload):
        if numbers := frozenset(awarded_of(payload, models, units)):
            yield Made(numbers, payload.get(COPY), attempt)
        return
    for item in items_of(payload, models):
        for copy in item.copies:
            if is_awarded(copy, item.model, units):
                yield Made(frozenset({item.number}), copy, attempt)


def numbers_of(payload: Mapping[str, Any], models: Sequence[Model]) -> list[int]:
    """The parts that a record of one copy may be of. The first ones named the model alone; later ones have
    the part's number, those of slicing as their `sheet`."""
    told = [payload[name] for name in (NUMBER, SHEET) if name in payload]
    return [
        number
        for number, model in enumerate(models)
        if text_of(model.digest) == payload.get("model")
        and payload.get("part", model.name) == model.name
        and all(type(one) is int and one == number for one in told)
    ]


def is_awarded(copy: int, model: Model, units: int) -> bool:
    """Whether so many units of the spec have this copy of a part."""
    return 0 <= copy < model.copies * units


def awarded_of(payload: Mapping[str, Any], models: Sequence[Model], units: int) -> list[int]:
    """Those of them of which the copy that a record names was awarded; all where it names none."""
    numbers = numbers_of(payload, models)
    if COPY not in payload:
        return numbers
    copy = payload[COPY]
    return [number for number in numbers if type(copy) is int and is_awarded(copy, models[number], units)]
