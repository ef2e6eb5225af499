"""Rows of any model at any point of its history, without knowing it: values are made from the fields alone."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from graphlib import TopologicalSorter
from typing import Any

from django.db import models

from marketplace.jobs.models import WEI_CHARS
from protocol.canonical import keccak
from tests.escrow.histories import a_bid
from tests.factories.deal import MEASURED
from tests.factories.market import PLA_PRINTER

ROWS = 2
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
# What a migration that reads JSON would find, by the column's name; elsewhere the default, or an object.
JSON = {
    "bid": a_bid().to_json(),
    "terms": a_bid().to_json(),
    "capability": PLA_PRINTER.to_json(),
    "measurement": MEASURED.to_json(),
}


def rows_make(found: Iterable[type[models.Model]], database: str) -> None:
    """Two rows of each model, with a value in every column that can hold one."""
    known = {model._meta.label_lower: model for model in found}
    needs = {
        label: {each.related_model._meta.label_lower for each in _relations(model)} - {label}
        for label, model in known.items()
    }
    for label in TopologicalSorter(needs).static_order():
        manager = known[label]._base_manager.using(database)
        for number in range(ROWS):
            manager.create(**_values(known[label], number, database))


def _relations(model: type[models.Model]) -> list[models.ForeignKey]:
    return [field for field in model._meta.concrete_fields if field.is_relation]


def _values(model: type[models.Model], number: int, database: str) -> dict[str, Any]:
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)]
    return {field.attname: _value(field, number, database) for field in fields}


def _value(field: models.Field, number: int, database: str) -> Any:
    if field.is_relation:
        related = field.related_model._base_manager.using(database).order_by("pk")
        return None if field.related_model is field.model else related[number].pk
    if field.choices:
        return field.choices[number % len(field.choices)][0]
    return MAKERS[field.get_internal_type()](field, number)


def _text(field: models.Field, number: int) -> str:
    """As long as a digest where there is room, and another in every column and row."""
    if field.max_length == WEI_CHARS:
        return str(10**18 + number)
    return ("0x" + keccak(f"{field} {number}".encode()).hex())[: field.max_length]


def _json(field: models.Field, number: int) -> Any:
    default = field.get_default() if field.has_default() else {}
    return JSON.get(field.name, default)


def _count(field: models.Field, number: int) -> int:
    return number + 1


def _time(field: models.Field, number: int) -> datetime:
    return BEGAN + timedelta(days=number)


# A KeyError here names a kind of field that needs a maker.
MAKERS = {
    "CharField": _text,
    "TextField": _text,
    "JSONField": _json,
    "DateTimeField": _time,
    "BooleanField": lambda field, number: number == 0,
    "FloatField": lambda field, number: number + 0.5,
    "UUIDField": lambda field, number: uuid.UUID(int=number + 1),
    "BinaryField": lambda field, number: keccak(f"{field} {number}".encode()),
    "IntegerField": _count,
    "BigIntegerField": _count,
    "SmallIntegerField": _count,
    "PositiveIntegerField": _count,
    "PositiveBigIntegerField": _count,
    "PositiveSmallIntegerField": _count,
}
