"""A process that bids on Ada's one job as Bo: `python -m tests.bidding.racer prepare|race`, on the database it is given."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.config.settings")
django.setup()

from eth_account import Account  # noqa: E402

from marketplace.jobs.models import Job  # noqa: E402
from marketplace.providers.models import Printer  # noqa: E402
from tests.factories.market import opened, received, registered  # noqa: E402

BIDS = 6
ADA, BO = (Account.from_key(key.to_bytes(32)) for key in (0xADA, 0xB0))


def prepare() -> None:
    opened(ADA)
    registered(BO)


def race(ready: Path, go: Path) -> None:
    job, printer = Job.objects.get(), Printer.objects.get()
    ready.touch()
    while not go.exists():
        time.sleep(0.001)
    for _ in range(BIDS):
        received(BO, job, printer)


if __name__ == "__main__":
    step, *paths = sys.argv[1:]
    prepare() if step == "prepare" else race(*map(Path, paths))
