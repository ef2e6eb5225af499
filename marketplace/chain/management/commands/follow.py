"""`manage.py follow`: keeps the database level with the escrow's logs until it is told to stop."""

import gc
import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError, close_old_connections

from marketplace.chain.errors import ChainError, NodeUnreachable
from marketplace.chain.follower import Follower, follow_to_head, follower_current
from marketplace.chain.heads import HeadWatch
from marketplace.chain.services import cursor_leave

DATABASE_AWAY = (OperationalError, InterfaceError)
LONGEST_WAIT_SECONDS = 10.0
SUBSCRIBED_WAIT_SECONDS = 5.0
"""Between looks where the node tells of new blocks: news may be lost."""


class Command(BaseCommand):
    help = "Follow the escrow's logs on the node at RPC_URL. SIGTERM or Ctrl-C ends it cleanly."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--interval", type=float, default=0.5, help="seconds between looks (default 0.5)")
        parser.add_argument("--once", action="store_true", help="read up to the node's head, then end")

    def handle(self, *args: Any, interval: float, once: bool, **options: Any) -> None:
        # What stands now stands to the end: looking it through again took a quarter of reading the logs.
        gc.freeze()
        self.stopped = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: self.stopped.set())
        try:
            if once:
                return self._say(f"read up to block {follow_to_head().seen}")
            self._follow(follower_current(), interval)
        except ChainError as error:
            raise CommandError(str(error)) from error
        return self._say("stopped")

    def _say(self, text: str) -> None:
        self.stdout.write(f"follower: {text}")
        self.stdout.flush()

    def _follow(self, follower: Follower, interval: float) -> None:
        """Raises ChainError where trying again cannot help."""
        trouble, wait, checked = "", interval, False
        watch = HeadWatch(follower.nodes.nodes[0].url, self.stopped)
        while not self.stopped.is_set():
            close_old_connections()
            try:
                if not checked:
                    follower.check()
                    self._say(f"following {follower.deployment.escrow} at {follower.nodes}")
                    trouble, checked = "", True
                self._catch_up(follower)
                trouble, wait = "", SUBSCRIBED_WAIT_SECONDS if watch.subscribed else interval
            except (ChainError, *DATABASE_AWAY) as error:
                if getattr(error, "permanent", False):
                    raise
                if type(error).__name__ != trouble:
                    self._say(f"{error} Waiting, and going on once it answers.")
                trouble = type(error).__name__
                # What comes back may be another node: look at it again.
                checked = checked and not isinstance(error, NodeUnreachable)
                wait = min(LONGEST_WAIT_SECONDS, max(0.25, wait * 2))
            watch.wait(wait)
        self._leave(follower)

    def _leave(self, follower: Follower) -> None:
        close_old_connections()
        try:
            cursor_leave(holder=follower.holder)
        except DATABASE_AWAY as error:
            self._say(f"its turn ends by itself: {error}")

    def _catch_up(self, follower: Follower) -> None:
        step = follower.step()
        while step.behind and not self.stopped.is_set():
            step = follower.step()
