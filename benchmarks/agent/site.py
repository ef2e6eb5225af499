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
from demo.binaries import REPOSITORY, valkey_path
from demo.children import Children, Spec
from demo.place import HOST, accepts, free_port


@dataclass(frozen=True)
class Site:
    """Where it answers, who may report to it, and its processes."""

    url: str
    members: tuple[Member, ...]
    children: Children

    def processor_seconds(self) -> float:
        """What its web processes have used."""
        return sum(_used(pid) for pid in _family(self.children.pid("web")))


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
    broker = (str(valkey_path()), "--port", str(redis), "--bind", HOST, "--save", "", "--dir", str(folder))
    web = (
        *(sys.executable, "-m", "uvicorn", "marketplace.config.asgi:application", "--no-access-log"),
        *("--host", HOST, "--port", str(port), "--workers", str(processes)),
    )
    children = Children(folder / "logs", print)
    try:
        children.start(Spec("valkey", broker, ready=lambda: accepts(redis)))
        members = _populated(env, agents, printers)
        children.start(Spec("web", web, env, ready=lambda: accepts(port)))
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


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in _family(int(child)))]


def _used(pid: int) -> float:
    user, system = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
