"""Rows that are not what their logs say, written anew. It is no news: nothing happened to the agreements."""

from collections.abc import Collection

from django.db import transaction

from marketplace.escrow.models import Agreement
from marketplace.escrow.services import AT_ONCE, agreements_follow, agreements_write


def agreements_mend(*, agreements: Collection[str]) -> None:
    """Put right these rows, and what wrong ones brought about for bids, jobs, providers and designs.

    Raises LogsInconsistent.
    """
    ordered = sorted(agreements)
    for start in range(0, len(ordered), AT_ONCE):
        _mend(ordered[start : start + AT_ONCE])


@transaction.atomic
def _mend(agreements: Collection[str]) -> None:
    locked = Agreement.objects.select_for_update(of=["self"]).filter(pk__in=agreements)
    before = {row.pk: row for row in locked.select_related("job")}
    after = agreements_write(agreements=list(agreements))
    gone = before.keys() - after.keys()
    agreements_follow(agreements=[*after.values(), *(before[each] for each in gone)], gone=gone)
