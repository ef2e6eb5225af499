"""A real OctoPrint with its virtual printer, started, killed and brought back to a known place."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import requests
import yaml

from tests.processes import eventually, free_port
from tests.provider_agent.drivers.installed import program
from tests.provider_agent.drivers.rigs import CALM_S, UP_S, Software

KEY = "0123456789abcdef0123456789abcdef"
CONNECTED = ("Operational", "Starting", "Printing", "Finishing", "Paus", "Resuming", "Cancelling")
UNNEEDED = [
    "softwareupdate",
    "announcements",
    "tracking",
    "errortracking",
    "discovery",
    "achievements",
    "backup",
    "pluginmanager",
    "health_check",
    "pi_support",
    "firmware_check",
    "file_check",
]


class OctoPrint(Software):
    """One server, its files in `base`."""

    def __init__(self, base: Path, room_c: int = 195) -> None:
        self._program = program(".venv-octoprint", "octoprint")
        self._base, self._port, self._room_c = base, free_port(), room_c
        super().__init__(base, f"http://127.0.0.1:{self._port}", KEY)
        (base / "config.yaml").write_text(yaml.safe_dump(self._settings()))
        self._run("user", "add", "admin", "--password", "secret", "--admin")
        users = yaml.safe_load((base / "users.yaml").read_text())
        users["admin"]["apikey"] = KEY
        (base / "users.yaml").write_text(yaml.safe_dump(users))

    def up(self) -> None:
        """Start it, unless it runs, and wait until its printer is connected."""
        if not self.running:
            self.start("octoprint", self._program, "--basedir", self._base, "serve", "--iknowwhatimdoing")
            eventually(self.is_connected, UP_S)

    def calm(self) -> None:
        self.up()
        self.post("api/job", command="cancel")
        eventually(self._is_operational, CALM_S, every=0.5)
        self.post("api/files/local/current", command="unselect")
        # A file that is still being looked into is kept at first.
        eventually(self._emptied, CALM_S)

    def _is_operational(self) -> bool:
        """Connected anew only where it is not: a connection that begins may end the next print."""
        state = self.state()
        if state.startswith(("Offline", "Error")):
            self.post("api/connection", command="connect")
        return state == "Operational"

    def _emptied(self) -> bool:
        for found in self.get("api/files")["files"]:
            self.request("DELETE", f"api/files/local/{found['path']}")
        return not self.get("api/files?force=true")["files"]

    def is_connected(self) -> bool:
        """Whether it speaks to its printer, whatever that does."""
        return self.state().startswith(CONNECTED)

    def state(self) -> str:
        return self.get("api/job")["state"]

    def get(self, path: str) -> dict[str, Any]:
        return self.request("GET", path).json()

    def post(self, path: str, **body: Any) -> requests.Response:
        return self.request("POST", path, json=body)

    def send(self, command: str) -> None:
        """A line to the printer; !!DEBUG:... are orders to the virtual one."""
        self.post("api/printer/command", command=command).raise_for_status()

    def _run(self, *arguments: str) -> None:
        command = [str(self._program), "--basedir", str(self._base), *arguments]
        subprocess.run(command, check=True, capture_output=True, timeout=120)

    def _settings(self) -> dict[str, Any]:
        return {
            "server": {
                "host": "127.0.0.1",
                "port": self._port,
                "firstRun": False,
                "onlineCheck": {"enabled": False},
                "pluginBlacklist": {"enabled": False},
            },
            "serial": {"port": "VIRTUAL", "baudrate": 115200, "autoconnect": True},
            "plugins": {
                "virtual_printer": {
                    "enabled": True,
                    "throttle": 0.0001,
                    "ambientTemperature": self._room_c,
                    "simulated_errors": [],
                },
                "_disabled": UNNEEDED,
            },
        }
