"""Which kept files rows still need. Equal content is kept once, so one file may serve many."""

from collections.abc import Iterable
from functools import partial

from django.db import transaction
from django.db.models import Model, Q

from marketplace.designs import store
from marketplace.designs.models import FILE_COLUMNS, Delivery, Design, Picture, StoredFile

# What names files beside a design's own columns.
OTHERS: dict[type[Model], str] = {Delivery: "sealed", Picture: "picture"}


def files_hold(addresses: Iterable[str]) -> bool:
    """Keep files from being removed until the caller's atomic block ends; False if one is gone already."""
    wanted = set(addresses)
    held = StoredFile.objects.select_for_update().filter(pk__in=wanted).order_by("pk")
    return len(held) == len(wanted)


@transaction.atomic
def files_release(addresses: Iterable[str]) -> None:
    """Remove the files that no row needs any more: their keys at once, what they encrypt after the commit."""
    held = StoredFile.objects.select_for_update().filter(pk__in=set(addresses)).order_by("pk")
    for row in list(held):
        if not _is_needed(row.address):
            row.delete()
            transaction.on_commit(partial(store.sealed_delete, row.name))


def addresses_lost() -> set[str]:
    """What designs and deliveries name and no row keeps: lost before it was encrypted."""
    named = {address for row in Design.objects.values_list(*FILE_COLUMNS) for address in row}
    for model, column in OTHERS.items():
        named |= set(model._base_manager.values_list(column, flat=True))
    return named - set(StoredFile.objects.values_list("pk", flat=True)) - {""}


def _is_needed(address: str) -> bool:
    named = Q()
    for column in FILE_COLUMNS:
        named |= Q(**{column: address})
    others = (model._base_manager.filter(**{column: address}) for model, column in OTHERS.items())
    return Design.objects.filter(named).exists() or any(rows.exists() for rows in others)
