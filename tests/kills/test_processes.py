"""Follower and worker as they run on a site, with a broker and beat between them, killed at moments of the clock."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.kills.scene import Scene
from tests.kills.seeds import KILLS, seeds
from tests.parallel import url_here
from tests.processes import process

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[2]
CELERY = ("-m", "celery", "-A", "marketplace.config.celery")
WORKER = (
    *CELERY,
    "worker",
    "--pool",
    "threads",
    "--concurrency",
    "4",
    "--without-mingle",
    "--without-gossip",
)
FOLLOWER = ("manage.py", "follow")
STARTED_SECONDS = 3.0


@pytest.fixture
def site(settings, redis_url, tmp_path) -> dict[str, str]:
    """The environment of a site's processes on the rows and the chain of this test."""
    named = ("RPC_URL", "DEPLOYMENTS_DIR", "OPERATOR_KEY", "CHAIN_ID")
    of_the_test = {name: str(getattr(settings, name)) for name in named}
    quick = {"ANCHOR_SECONDS": "1", "SWEEP_SECONDS": "0.3", "LOG_LEVEL": "WARNING"}
    place = {"DATABASE_URL": url_here(), "REDIS_URL": redis_url, "DATA_DIR": str(tmp_path / "site")}
    return {**os.environ, **of_the_test, **quick, **place}


class Running:
    """Processes that are started again when they were killed."""

    def __init__(self, stack: ExitStack, environment: dict[str, str], folder: Path) -> None:
        self.stack, self.environment, self.folder = stack, environment, folder
        self.children: dict[tuple[str, ...], subprocess.Popen[Any]] = {}

    def start(self, *command: str) -> None:
        started = process([sys.executable, *command], self.folder / "log.txt", cwd=ROOT, env=self.environment)
        self.children[command] = self.stack.enter_context(started)

    def kill(self, command: tuple[str, ...]) -> None:
        """Nothing but this ends one."""
        assert self.children[command].poll() is None, (self.folder / "log.txt").read_text()
        self.children[command].send_signal(signal.SIGKILL)
        assert self.children[command].wait() == -signal.SIGKILL
        self.start(*command)


@contextmanager
def running(environment: dict[str, str], folder: Path) -> Iterator[Running]:
    with ExitStack() as stack:
        processes = Running(stack, environment, folder)
        for command in (
            FOLLOWER,
            WORKER,
            (*CELERY, "beat", "--schedule", str(folder / "beat"), "--pidfile", ""),
        ):
            processes.start(*command)
        yield processes


def goes_on(scene: Scene, seconds: float) -> None:
    """The parties, for so long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        scene.market.any()
        time.sleep(scene.chance.random() / 5)


@seeds(0, one_in=10)
def test_processes_of_a_site(scene, site, tmp_path, seed):
    with running(site, tmp_path) as processes:
        for _ in range(KILLS):
            scene.go_on()
            goes_on(scene, STARTED_SECONDS + scene.chance.random() * 2)
            processes.kill(scene.chance.choice([FOLLOWER, WORKER]))
    scene.is_clean()
