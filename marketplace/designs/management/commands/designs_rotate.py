"""`manage.py designs_rotate`: every key of a kept file, wrapped with the newest of DESIGN_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from marketplace.designs.keys import MasterKeyMissing
from marketplace.designs.rotation import keys_rotate


class Command(BaseCommand):
    help = "Wrap the keys of all kept files with the newest master key. Killed, it may be run again."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            count = keys_rotate()
        except MasterKeyMissing as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{count} keys were wrapped anew; all are under the newest master key")
