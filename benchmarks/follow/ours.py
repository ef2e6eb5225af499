"""`python -m benchmarks.follow.ours`: follow a filled chain into DATABASE_URL, in a process of its own.

Prints a line of JSON: the logs stored, the seconds it took, and the most memory the process had, in bytes.
With --logs-only no app is told of what was read. Following once more must change nothing.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import time

import click
import django


@click.command()
@click.option("--logs-only", is_flag=True, help="Store the logs and tell no app of them.")
def main(logs_only: bool) -> None:
    """Migrate, follow, check, print."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.config.settings")
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 - after Django is set up

    from marketplace.chain import handlers  # noqa: PLC0415
    from marketplace.chain.follower import follow_to_head  # noqa: PLC0415
    from marketplace.chain.models import Cursor, Log  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    if logs_only:
        handlers._handlers.clear()
    gc.freeze()  # as the command does
    start = time.perf_counter()
    follow_to_head()
    seconds = time.perf_counter() - start
    stored, newest = Log.objects.count(), Log.objects.latest("id").pk
    Cursor.objects.update(seen=0, final=0)
    follow_to_head()
    assert (Log.objects.count(), Log.objects.latest("id").pk) == (stored, newest), (
        "followed twice, stored twice"
    )
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    click.echo(json.dumps({"logs": stored, "seconds": seconds, "memory": memory}))


if __name__ == "__main__":
    main()
