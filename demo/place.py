"""Where a demo lives: its folder, its ports, its lock."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from demo.binaries import REPOSITORY

HOST = "127.0.0.1"
DEFAULT_HOME = REPOSITORY / ".infill" / "demo"


class PlaceTaken(Exception):
    """Another demo runs in this folder, or another program has the port; the message says what to do."""


@dataclass(frozen=True)
class Place:
    """One demo's folder and ports. Two places do not touch each other."""

    home: Path
    port: int
    rpc_port: int
    redis_port: int
    printers_port: int

    @property
    def url(self) -> str:
        """The site."""
        return f"http://{HOST}:{self.port}"

    @property
    def rpc_url(self) -> str:
        """The node."""
        return f"http://{HOST}:{self.rpc_port}"

    @property
    def redis_url(self) -> str:
        """The message broker."""
        return f"redis://{HOST}:{self.redis_port}/0"

    @property
    def deployments(self) -> Path:
        """Folder of the file that says where the contracts stand."""
        return self.home / "deployments"

    def agent_home(self, name: str) -> Path:
        """Folder of one provider's agent."""
        return self.home / "agents" / name


def place_of(home: Path, port: int, rpc_port: int) -> Place:
    """A place with free ports for what nobody needs to find. Raises PlaceTaken if a port is in use."""
    for number, option in ((port, "PORT"), (rpc_port, "RPC_PORT")):
        if not port_is_free(number):
            raise PlaceTaken(
                f"Port {number} is taken by another program. Stop it, or choose another port:\n"
                f"    make demo {option}={number + 1}"
            )
    return Place(home, port, rpc_port, free_port(), free_port())


def port_is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def free_port() -> int:
    """Some port nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def accepts(port: int) -> bool:
    """Whether a server answers there."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((HOST, port)) == 0


@contextmanager
def only_one(home: Path) -> Iterator[None]:
    """Hold the folder's lock, which the kernel frees however we end. Raises PlaceTaken."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.seek(0)
            raise PlaceTaken(
                f"A demo is running already (process {lock.read().strip()}).\n"
                "Look at it in the browser, or end it with Ctrl-C in its terminal."
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
