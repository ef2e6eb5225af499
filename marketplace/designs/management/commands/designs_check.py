"""`manage.py designs_check`: opens every kept file, to its last byte."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from marketplace.designs.keys import MasterKeyMissing
from marketplace.designs.models import StoredFile
from marketplace.designs.rotation import files_broken, files_clean, files_left, keys_behind


class Command(BaseCommand):
    help = "Open every kept file to its last byte; exit 1 if one does not open."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--clean", action="store_true", help="remove files that no row names")

    def handle(self, *args: Any, clean: bool, **options: Any) -> None:
        try:
            broken, behind = list(files_broken()), keys_behind()
        except MasterKeyMissing as error:
            raise CommandError(str(error)) from error
        for address in broken:
            self.stderr.write(f"{address} is lost or damaged: restore it from a backup")
        now = timezone.now()
        left = f"{files_clean(now)} removed" if clean else f"{len(files_left(now))} (--clean removes them)"
        self.stdout.write(f"files: {StoredFile.objects.count()}, of which {len(broken)} do not open")
        self.stdout.write(f"keys under an older master key: {behind}")
        self.stdout.write(f"files that no row names, older than a day: {left}")
        if broken:
            raise CommandError(f"{len(broken)} files do not open")
