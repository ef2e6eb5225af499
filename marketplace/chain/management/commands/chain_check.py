"""Derive everything again, logs from the chain and rows from logs, and name what differs."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from marketplace.chain.nodes import client
from marketplace.chain.rederivation import differences
from marketplace.chain.selectors import follower_lag


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--offline", action="store_true", help="compare with the stored logs alone")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["offline"] and (lag := follower_lag(client().head().number)):
            self.stderr.write(f"the follower is {lag} blocks behind: some differences may be on their way")
        found = list(differences(ask_chain=not options["offline"]))
        for difference in found:
            self.stdout.write(str(difference))
        if found:
            raise CommandError(
                f"{len(found)} differences: run chain_rebuild where rows differ from their logs, and "
                "chain_rebuild --from-block N where logs from block N on differ from the chain."
            )
        self.stdout.write("everything is as the logs and the chain say")
