"""A real PrusaLink on the pretend MK3S, started, killed and brought back to a known place."""

from __future__ import annotations

import getpass
import grp
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import requests

from tests.processes import eventually, free_port, process
from tests.provider_agent.drivers.installed import ROOT, program

KEY = "TestApiKey1234567"
USER, PASSWORD = "maker", "Secret-word-1"
REALM = "Administrator"
GCODES = "PrusaLink gcodes"
SETTINGS = """
[printer]
type = MK3S
name = test
location = here
farm_mode = False
network_error_chime = False
[network]
hostname =
[service::local]
enable = 1
username = {user}
digest = {digest}
api_key = {key}
[service::connect]
hostname = connect.invalid
tls = True
port = 0
token =
"""
DAEMON = """
[daemon]
data_dir = {home}/data
pid_file = {home}/prusalink.pid
power_panic_file = {home}/power_panic
threshold_file = {home}/threshold.data
user = {user}
group = {group}
[http]
address = 127.0.0.1
port = {port}
[printer]
settings = {home}/data/prusa_printer_settings.ini
port = {home}/tty
"""


class PrusaLink:
    """Two processes: the printer, and PrusaLink at `url`."""

    def __init__(self, logs: Path) -> None:
        self._program = program(".venv-prusalink", "prusalink")
        # PrusaLink serves no files from below /tmp.
        self.home = Path(tempfile.mkdtemp(prefix="infill-prusalink-", dir="/var/tmp"))
        self._logs, self._port = logs, free_port()
        self._children = ExitStack()
        self._children.callback(shutil.rmtree, self.home)
        self._running: dict[str, subprocess.Popen] = {}
        self.url = f"http://127.0.0.1:{self._port}"
        self.gcodes = self.home / "data" / GCODES
        self.gcodes.mkdir(parents=True)
        digest = hashlib.md5(f"{USER}:{REALM}:{PASSWORD}".encode()).hexdigest()
        settings = SETTINGS.format(user=USER, digest=digest, key=KEY)
        (self.home / "data" / "prusa_printer_settings.ini").write_text(settings)
        group = grp.getgrgid(os.getgid()).gr_name
        daemon = DAEMON.format(home=self.home, user=getpass.getuser(), group=group, port=self._port)
        (self.home / "prusalink.ini").write_text(daemon)

    def up(self) -> None:
        """Start what does not run, and wait until the printer is idle."""
        tty = self.home / "tty"
        mk3 = [sys.executable, "-m", "tests.provider_agent.drivers.prusalink.mk3"]
        self._start("mk3", [*mk3, str(tty), str(self.home / "button")], cwd=ROOT)
        eventually(tty.exists)
        self._start(
            "link", [str(self._program), "-f", "-i", "-c", str(self.home / "prusalink.ini")], cwd=self.home
        )
        eventually(lambda: self.state() in ("IDLE", "READY"), 60)

    def kill(self, *names: str) -> None:
        """What a power cut does, to both or to one."""
        for name in names or tuple(self._running):
            child = self._running.pop(name, None)
            if child is not None:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
                if name == "mk3":
                    (self.home / "tty").unlink(missing_ok=True)

    def press(self, button: str) -> None:
        """Do something to the printer: see mk3/__main__.py."""
        place = self.home / "button"
        place.with_suffix(".new").write_text(button)
        place.with_suffix(".new").rename(place)
        eventually(lambda: not place.exists())

    def ready(self) -> None:
        """Up, with nothing on it."""
        self.up_again()
        for found in self.gcodes.iterdir():
            shutil.rmtree(found) if found.is_dir() else found.unlink()
        eventually(lambda: not self.get("api/v1/files/local").get("children"))

    def up_again(self) -> None:
        """Up; a broken printer is reset, a print that goes on is ended."""
        if self._running and self.state() == "ERROR":
            self.press("reset")
        if self._running and (job := self.request("GET", "api/v1/job")).status_code == 200:
            self.request("DELETE", f"api/v1/job/{job.json()['id']}")
        self.up()
        self.request("POST", "api/job", json={"command": "cancel"})

    def close(self) -> None:
        self._children.close()

    def state(self) -> str:
        return self.get("api/v1/status")["printer"]["state"]

    def get(self, path: str) -> dict[str, Any]:
        reply = self.request("GET", path)
        assert reply.ok, reply.text
        return reply.json()

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        headers = {"X-Api-Key": KEY, "Accept": "application/json", **options.pop("headers", {})}
        return requests.request(method, f"{self.url}/{path}", headers=headers, timeout=30, **options)

    def _start(self, name: str, command: list[str], **options: Any) -> None:
        if name not in self._running:
            child = process(command, self._logs / f"{name}.log", **options)
            self._running[name] = self._children.enter_context(child)
