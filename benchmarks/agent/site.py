"""A marketplace's web processes over an empty database, filled with agents."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.agent.crowd import Member
from benchmarks.agent.usage import family, processor_s
from demo.binaries import REPOSITORY
from demo.children import Children
from demo.place import HOST, accepts, free_port
from demo.programs import broker, web


@dataclass(frozen=True)
class Site:
    """Where it answers, who may report to it, and its processes."""

    url: str
    members: tuple[Member, ...]
    children: Children

    def processor_seconds(self) -> float:
        """What its web processes have used."""
        return sum(processor_s(pid) for pid in family(self.children.pid("web")))


@contextmanager
def site(folder: Path, database: str, *, agents: int, printers: int, processes: int) -> Iterator[Site]:
    """`processes` web processes and a broker, as an operator of one machine runs them."""
    port, redis = free_port(), free_port()
    env = {
        "DATABASE_URL": database,
        "DATA_DIR": str(folder),
        "PUBLIC_URL": f"http://{HOST}:{port}",
        "REDIS_URL": f"redis://{HOST}:{redis}/0",
        "LOG_LEVEL": "WARNING",
    }
    children = Children(folder / "logs", print)
    try:
        children.start(broker(redis, folder))
        members = _populated(env, agents, printers)
        children.start(web(port, env, lambda: accepts(port), processes=processes))
        yield Site(env["PUBLIC_URL"], members, children)
    finally:
        children.stop()


def _populated(env: dict[str, str], agents: int, printers: int) -> tuple[Member, ...]:
    made = subprocess.run(
        [sys.executable, "-m", "benchmarks.agent.populating", str(agents), str(printers)],
        cwd=REPOSITORY,
        env=os.environ | env,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return tuple(Member(each["token"], tuple(each["printers"])) for each in json.loads(made.stdout))
