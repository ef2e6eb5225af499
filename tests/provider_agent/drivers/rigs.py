"""What the tests of all printer software have in common that runs as processes of its own: starting and killing
them, asking their server past the driver, and the rig around both."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import requests

from provider_agent.drivers import driver_for
from provider_agent.drivers.base import Driver
from tests.processes import free_port, process

PATIENT_S = 30.0
"""How long a rig's driver waits for an answer: a busy machine is not a silent printer."""
IMPATIENT_S = 2.0
"""How long one waits that will get none."""
UP_S = 120.0
"""How long a server may take to start."""
CALM_S = 40.0
"""How long one may take to come to rest, before it is started anew."""


class Software:
    """The processes of one printer, by name, each with a log in `logs`; `key` opens the server at `url`."""

    def __init__(self, logs: Path, url: str, key: str = "") -> None:
        self.logs, self.url, self.key = logs, url, key
        self.children = ExitStack()
        self.running: dict[str, subprocess.Popen] = {}

    def up(self) -> None:
        """Start what does not run, and wait until it can be used."""
        raise NotImplementedError

    def calm(self) -> None:
        """Up, with nothing on it. May fail on what the test before has left."""
        raise NotImplementedError

    def ready(self) -> None:
        """Calm. What cannot be brought to it is started anew, so that no test has to do with the one before."""
        try:
            self.calm()
        except (AssertionError, OSError):
            self.kill()
            self.calm()

    def start(self, name: str, *command: object, **options: object) -> None:
        """Start a process unless it runs."""
        if name not in self.running:
            child = process([str(word) for word in command], self.logs / f"{name}.log", **options)
            self.running[name] = self.children.enter_context(child)

    def kill(self, *names: str) -> None:
        """What a power cut does, to all of them or to some."""
        for name in names or tuple(self.running):
            child = self.running.pop(name, None)
            if child is not None:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()

    def close(self) -> None:
        self.children.close()

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        """Past the driver."""
        headers = {"X-Api-Key": self.key, "Accept": "application/json", **options.pop("headers", {})}
        return requests.request(method, f"{self.url}/{path}", headers=headers, timeout=PATIENT_S, **options)

    def cut_off(self, head: str) -> None:
        """The beginning of a request whose line is then lost. `head`: but for what every request has."""
        host, port = self.url.removeprefix("http://").split(":")
        first, _, rest = head.partition("\r\n")
        with socket.create_connection((host, int(port))) as line:
            line.sendall(f"{first}\r\nHost: x\r\nX-Api-Key: {self.key}\r\n{rest}".encode())


class SoftwareRig:
    """See contract.Rig."""

    kind: str

    def __init__(self, server: Software, home: Path, silent_port: int, *, short: str, long: str) -> None:
        self.server = server
        self.driver = self.another()
        self.short_print, self.long_print = home / "short.gcode", home / "long.gcode"
        self.short_print.write_text(short)
        self.long_print.write_text(long)
        self._silent_port = silent_port

    def another(
        self, url: str | None = None, timeout_s: float = PATIENT_S, *, secret: str | None = None
    ) -> Driver:
        """A driver of its own."""
        secret = secret or self.server.key
        return driver_for(self.kind, url or self.server.url, secret=secret, timeout_s=timeout_s)

    async def server_up(self) -> None:
        self.server.up()

    async def server_down(self) -> None:
        self.server.kill()

    async def break_printer(self) -> None:
        raise NotImplementedError

    def unanswering(self) -> Driver:
        return self.another(f"http://127.0.0.1:{self._silent_port}", IMPATIENT_S)

    def absent(self) -> Driver:
        return self.another(f"http://127.0.0.1:{free_port()}")

    def forbidden(self) -> Driver | None:
        return self.another(secret="wrong")
