"""`manage.py restore SOURCE`: the rows and files of a backup, in the place of this site's."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from marketplace.backup.errors import BackupRefused
from marketplace.backup.services import backup_restore


class Command(BaseCommand):
    help = "Put a backup's rows and files in the place of this site's. Stop its processes first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", type=Path, help="the archive")
        parser.add_argument("--replace", action="store_true", help="drop the rows that the site has")

    def handle(self, *args: Any, source: Path, replace: bool, **options: Any) -> None:
        try:
            found = backup_restore(source=source, replace=replace)
        except (BackupRefused, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"restored the rows of {found.made_at} and {len(found.files)} files")
