"""`manage.py backup TARGET`: database and files in one archive, while the site runs."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from marketplace.backup.errors import BackupRefused
from marketplace.backup.services import backup_make


class Command(BaseCommand):
    help = "Write database and files into one archive, while the site runs. No secret is in it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("target", type=Path, help="the archive to write, or a folder for it")

    def handle(self, *args: Any, target: Path, **options: Any) -> None:
        try:
            made = backup_make(target=target, now=timezone.now())
        except (BackupRefused, OSError) as error:
            raise CommandError(str(error)) from error
        for digest in made.lost:
            self.stderr.write(f"lost: the rows name the file {digest}, which the store does not have whole")
        size = made.path.stat().st_size
        self.stdout.write(f"{made.path}: the rows and {len(made.manifest.files)} files, {size:,} bytes")
