"""A real PrusaLink on the pretend MK3S, started, killed and brought back to a known place."""

from __future__ import annotations

import getpass
import grp
import hashlib
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.processes import eventually, free_port
from tests.provider_agent.drivers.installed import ROOT, program
from tests.provider_agent.drivers.rigs import CALM_S, Software

KEY = "TestApiKey1234567"
USER, PASSWORD = "maker", "Secret-word-1"
REALM = "Administrator"
GCODES = "PrusaLink gcodes"
STARTS, START_SECONDS = 3, 60.0
LINK, PRINTER = "link", "mk3"
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


class PrusaLink(Software):
    """Two processes: the printer, and PrusaLink."""

    def __init__(self, logs: Path) -> None:
        self._python = program(".venv-prusalink", "python")
        port = free_port()
        super().__init__(logs, f"http://127.0.0.1:{port}", KEY)
        # PrusaLink serves no files from below /tmp.
        self.home = Path(tempfile.mkdtemp(prefix="infill-prusalink-", dir="/var/tmp"))
        self.children.callback(shutil.rmtree, self.home)
        self.gcodes = self.home / "data" / GCODES
        self.gcodes.mkdir(parents=True)
        digest = hashlib.md5(f"{USER}:{REALM}:{PASSWORD}".encode()).hexdigest()
        settings = SETTINGS.format(user=USER, digest=digest, key=KEY)
        (self.home / "data" / "prusa_printer_settings.ini").write_text(settings)
        group = grp.getgrgid(os.getgid()).gr_name
        daemon = DAEMON.format(home=self.home, user=getpass.getuser(), group=group, port=port)
        (self.home / "prusalink.ini").write_text(daemon)

    def up(self) -> None:
        """Start what does not run, and wait until the printer is idle.

        Now and then PrusaLink hears nothing of its printer after it has started: then once more.
        """
        for again in reversed(range(STARTS)):
            self._start_both()
            try:
                eventually(self.is_idle, START_SECONDS)
                return
            except AssertionError:
                if not again:
                    raise
            self.kill()

    def kill(self, *names: str) -> None:
        super().kill(*names)
        if PRINTER not in self.running:
            (self.home / "tty").unlink(missing_ok=True)

    def press(self, button: str) -> None:
        """Do something to the printer: see mk3/__main__.py."""
        place = self.home / "button"
        place.with_suffix(".new").write_text(button)
        place.with_suffix(".new").rename(place)
        eventually(lambda: not place.exists())

    def calm(self) -> None:
        """At once where something is going on: starting anew is quicker than seeing that to its end."""
        if self.running and not self.is_idle():
            self.kill()
        self.up()
        self.press("release")
        self.request("POST", "api/job", json={"command": "cancel"})
        for found in self.gcodes.iterdir():
            shutil.rmtree(found) if found.is_dir() else found.unlink()
        eventually(lambda: not self.get("api/v1/files/local").get("children"), CALM_S)

    def state(self) -> str:
        return self.get("api/v1/status")["printer"]["state"]

    def is_idle(self) -> bool:
        try:
            return self.state() in ("IDLE", "READY")
        except (OSError, AssertionError):
            return False

    def chosen(self) -> str | None:
        """The name of the file that is printed, or would be."""
        return self.get("api/job")["job"]["file"]["name"]

    def begin(self, name: str) -> None:
        """Somebody chooses a file and prints it."""
        older = f"api/files/local/{GCODES}/{name}"
        assert self.request("POST", older, json={"command": "select"}).ok
        assert self.request("POST", f"api/v1/files/local/{name}").ok

    def said(self, words: str) -> int:
        """How often PrusaLink has said that in its log."""
        return (self.logs / f"{LINK}.log").read_text().count(words)

    def get(self, path: str) -> dict[str, Any]:
        reply = self.request("GET", path)
        assert reply.ok, reply.text
        return reply.json()

    def _start_both(self) -> None:
        tty = self.home / "tty"
        mk3 = (sys.executable, "-m", "tests.provider_agent.drivers.prusalink.mk3")
        self.start(PRINTER, *mk3, tty, self.home / "button", cwd=ROOT)
        eventually(tty.exists)
        launch = (self._python, Path(__file__).with_name("launch.py"))
        self.start(LINK, *launch, "-f", "-i", "-c", self.home / "prusalink.ini", cwd=self.home)
