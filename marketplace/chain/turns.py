"""Keeping the turn to follow while the nodes are slow: a step may read for longer than a turn lasts."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread

from django.db import Error, connection

from marketplace.chain import services
from marketplace.chain.models import Cursor

logger = logging.getLogger(__name__)
RENEWALS = 3
"""In the time that a turn lasts."""
LONGEST = timedelta(minutes=10)
"""Who reads for longer hangs: another may have the turn."""


@contextmanager
def turn_kept(cursor: Cursor) -> Iterator[None]:
    """Renew the turn again and again, beside whoever asks the nodes meanwhile. Not for an atomic block."""
    over = Event()
    keeper = Thread(target=_keep, args=(cursor.pk, cursor.holder, over), daemon=True)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join()


def _keep(cursor: int, holder: str, over: Event) -> None:
    every = services.TURN / RENEWALS
    for _ in range(int(LONGEST / every)):
        if over.wait(every.total_seconds()) or not _renewed(cursor, holder):
            return


def _renewed(cursor: int, holder: str) -> bool:
    """False once it is another's. A database that is away may be back for the next time."""
    try:
        return services.cursor_renew(cursor=cursor, holder=holder)
    except Error as error:
        logger.warning("the turn to follow could not be renewed: %s", error)
        return True
    finally:
        # This thread's own: left open, it would be one more session until the thread's end.
        connection.close()
