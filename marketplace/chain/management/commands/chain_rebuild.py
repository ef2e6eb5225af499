"""Derive every projected row anew from the stored logs beside the live ones, and swap those that differ."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from marketplace.chain.errors import CursorMoved
from marketplace.chain.rederivation import logs_forget, projections_rebuild


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--from-block", type=int, help="first take back the logs from this block on: they are read anew"
        )

    def handle(self, *args: Any, from_block: int | None, **options: Any) -> None:
        if from_block is not None:
            self._forget(from_block)
        swapped = projections_rebuild()
        for difference in swapped:
            self.stdout.write(str(difference))
        self.stdout.write(f"{len({each.subject for each in swapped})} rows swapped")

    def _forget(self, first: int) -> None:
        try:
            count = logs_forget(first=first)
        except CursorMoved as error:
            raise CommandError(f"{error} Stop it, or run this again.") from error
        self.stdout.write(f"{count} logs taken back: `manage.py follow` reads them anew")
