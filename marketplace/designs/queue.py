"""Rows whose status is a queue: claimed one by one, held by a lease, settled by who still holds them.

Measuring, repairing and slicing are worked off this way. A worker that dies loses its claim, not the row.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Q, QuerySet
from django.utils import timezone

from marketplace.designs.models import Design, Repair, Slicing
from marketplace.designs.rules import LEASE, Status, check_transition
from marketplace.designs.store import FileLost
from protocol.errors import Malformed

Row = TypeVar("Row", Design, Repair, Slicing)

LOOKED_AT: Final = 20


@dataclass(frozen=True)
class Queue(Generic[Row]):
    """Of the rows of a model, `waiting` are taken, those longest there by the column `since` first; who took
    one makes it `working`."""

    rows: type[Row]
    waiting: Status
    working: Status
    since: str

    def claim(self, *, now: datetime) -> Row | None:
        """Take the oldest row that waits, or whose worker did not come back."""
        free = Q(status=self.waiting) | Q(status=self.working, claimed_until__lt=now)
        for row in self.rows._default_manager.filter(free).order_by(self.since, "pk")[:LOOKED_AT]:
            self._check(row, self.working)
            unchanged = self.rows._default_manager.filter(pk=row.pk, status=row.status, attempts=row.attempts)
            claimed = {"status": self.working, "claimed_until": now + LEASE, "attempts": row.attempts + 1}
            if unchanged.update(**claimed):
                for column, value in claimed.items():
                    setattr(row, column, value)
                return row
        return None

    def held(self, row: Row) -> QuerySet[Row]:
        """The row of a claim; nothing where it ran out and somebody else holds it, or the row was deleted."""
        return self.rows._default_manager.filter(pk=row.pk, status=self.working, attempts=row.attempts)

    def renew(self, row: Row) -> None:
        """The claim's holder is alive and at it."""
        self.held(row).update(claimed_until=timezone.now() + LEASE)

    @contextmanager
    def unless_gone(self, row: Row) -> Iterator[None]:
        """What is missing because the design was deleted meanwhile is nothing to complain of: its claim went
        with it."""
        try:
            yield
        except (FileLost, Malformed, ObjectDoesNotExist):
            if self.held(row).exists():
                raise

    def settle(self, row: Row, status: Status, **found: Any) -> bool:
        """Write what came of a claim, if it is still held; says so. The row is then as it is kept."""
        self._check(row, status)
        settled = self.held(row).update(status=status, claimed_until=None, **found)
        with suppress(ObjectDoesNotExist):
            row.refresh_from_db()
        return bool(settled)

    def _check(self, row: Row, status: Status) -> None:
        check_transition(type(self.working)(row.status), status)
