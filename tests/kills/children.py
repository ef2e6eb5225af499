"""Forked children of a test: real processes, each as if it had just been started, without the second that takes."""

from __future__ import annotations

import logging
import os
import signal
import threading
import traceback
import uuid
from collections.abc import Callable

from django.db import close_old_connections, connection, connections

from marketplace.chain import nodes
from marketplace.chain.follower import Follower
from marketplace.chain.management.commands import follow
from marketplace.chain.selectors import deployment_current
from marketplace.config.celery import SWEEPS, app
from tests.kills.points import Acts, Points
from tests.parallel import sessions_end

LONGEST_SECONDS = 60
app.loader.import_default_modules()
KILLED = -signal.SIGKILL


def forked(work: Callable[[], None], acts: Acts) -> Callable[[], int]:
    """Begin work in a child, with what is to happen at its points; how to wait for its exit code, or -signal."""
    connections.close_all()
    if connection.vendor == "postgresql":
        connection.close_pool()
    child = os.fork()
    if not child:
        _live(work, acts)
    return lambda: os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _live(work: Callable[[], None], acts: Acts) -> None:
    code = 1
    try:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(LONGEST_SECONDS)
        _start_anew()
        Points(acts).put()
        work()
        code = 0
    except BaseException:  # noqa: BLE001 - nothing of the test may go on in here
        traceback.print_exc()
    finally:
        os._exit(code)


def _start_anew() -> None:
    """Nothing that a new process would not have: no connection to a node, and a turn of its own to follow."""
    logging.disable()
    nodes._nodes_at.cache_clear()
    holder = uuid.uuid4().hex
    follow.follower_current = lambda: Follower(deployment_current(), nodes.client(), holder=holder)
    follow.SUBSCRIBED_WAIT_SECONDS = follow.LONGEST_WAIT_SECONDS = 0.01


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def stop() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def disconnect() -> None:
    """The database server ends this thread's session, if it has one."""
    if connection.connection is not None and not connection.connection.closed:
        sessions_end(connection.connection.info.backend_pid)


def follows() -> None:
    """`manage.py follow`."""
    follow.Command().run_from_argv(["manage.py", "follow", "--interval", "0.01"])


def sweep(*, throw: bool = True) -> None:
    """What beat sends to a worker, once each, as a worker does it."""
    for name in (*SWEEPS, "evidence.batch"):
        close_old_connections()
        app.tasks[name].apply(throw=throw)
        close_old_connections()


def sweeps() -> None:
    """A worker, for which no sweep that fails is an end."""
    while True:
        sweep(throw=False)


def sweeps_until(well: threading.Event) -> None:
    """A worker to whom things happen, and then no more: its sweeps go well again by themselves."""
    while not well.is_set():
        sweep(throw=False)
    sweep()
