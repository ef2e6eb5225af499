"""Drop every agreement and project all anew from the stored logs."""

from typing import Any

from django.core.management.base import BaseCommand

from marketplace.escrow.services import agreements_rebuild


class Command(BaseCommand):
    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{agreements_rebuild()} agreements projected from the stored logs")
