"""A real Moonraker and a real Klipper host on the pretend micro-controller."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from tests.processes import eventually, free_port
from tests.provider_agent.drivers.installed import program
from tests.provider_agent.drivers.rigs import CALM_S, UP_S, Software

ENVIRONMENT = ".venv-moonraker"
PRINTER = """
[mcu]
serial: {home}/mcu
restart_method: command
[printer]
kinematics: none
max_velocity: 500
max_accel: 5000
[virtual_sdcard]
path: {home}/data/gcodes
[pause_resume]
[display_status]
[adc_temperature linear500]
temperature1: 0
voltage1: 0
temperature2: 500
voltage2: 5
[extruder]
nozzle_diameter: 0.4
filament_diameter: 1.75
heater_pin: PA2
sensor_type: linear500
sensor_pin: PA3
control: watermark
min_temp: 0
max_temp: 280
min_extrude_temp: 0
[heater_bed]
heater_pin: PA4
sensor_type: linear500
sensor_pin: PA5
control: watermark
min_temp: 0
max_temp: 130
"""
MOONRAKER = """
[server]
host: 127.0.0.1
port: {port}
klippy_uds_address: {home}/klippy.sock
[authorization]
force_logins: false
trusted_clients:
    10.255.255.1
[machine]
provider: none
validate_service: false
validate_config: false
[file_manager]
check_klipper_config_path: false
enable_object_processing: false
[history]
"""


class Moonraker(Software):
    """Three processes: controller, host, server."""

    def __init__(self, home: Path) -> None:
        port = free_port()
        super().__init__(home, f"http://127.0.0.1:{port}")
        self._home = home
        self._programs = {name: program(ENVIRONMENT, name) for name in ("kalico", "moonraker")}
        for folder in ("config", "gcodes", "comms", "logs"):
            (home / "data" / folder).mkdir(parents=True)
        (home / "printer.cfg").write_text(PRINTER.format(home=home))
        config = MOONRAKER.format(home=home, port=port)
        (home / "data" / "config" / "moonraker.conf").write_text(config)

    def up(self) -> None:
        """Start what does not run, and wait until the host is ready."""
        home = self._home
        mcu = (sys.executable, "-m", "tests.provider_agent.drivers.moonraker.mcu")
        self.start("mcu", *mcu, home / "mcu", home / "weather")
        eventually((home / "mcu").exists)
        host = (self._programs["kalico"], home / "printer.cfg")
        self.start("kalico", *host, "-a", home / "klippy.sock", "-l", home / "klippy.log")
        self.serve()
        eventually(lambda: self.state() != "startup" and self.get("server/info")["klippy_connected"], UP_S)

    def serve(self) -> None:
        """Start Moonraker alone, and wait until it answers, whether it has found the host or not."""
        self.start("moonraker", self._programs["moonraker"], "-d", self._home / "data", "-n")
        self.key = self.key or eventually(self._ask_key, UP_S)
        eventually(self.state, UP_S)

    @contextmanager
    def host_hidden(self) -> Iterator[None]:
        """A Moonraker that is started meanwhile does not find the host."""
        place = self._home / "klippy.sock"
        place.rename(self._home / "hidden.sock")
        yield
        (self._home / "hidden.sock").rename(place)

    def kill(self, *names: str) -> None:
        super().kill(*names)
        if not names:
            (self._home / "mcu").unlink(missing_ok=True)

    def weather(self, word: str) -> None:
        """ok, cold, hot, hang: see mcu/__main__.py."""
        (self._home / "weather").write_text(word)

    def calm(self) -> None:
        self.weather("ok")
        self.up()
        if self.state() != "ready":
            self.post("printer/firmware_restart")
            eventually(lambda: self.state() == "ready", CALM_S)
        eventually(self.settled, CALM_S)
        self.post("printer/print/cancel")
        self.post("printer/gcode/script?script=SDCARD_RESET_FILE")
        for found in self.get("server/files/list"):
            eventually(lambda path=found["path"]: self._deleted(path))
        for key in self._notes():
            self.request("DELETE", f"server/database/item?namespace=infill&key={key}").raise_for_status()

    def settled(self) -> bool:
        """Whether Moonraker has set up all that it follows of this host, and misses nothing from here on."""
        log = (self.logs / "moonraker.log").read_text()
        return log.rfind("Configuring available sensors") > log.rfind("Klippy Connection Established")

    def state(self) -> str:
        return self.get("server/info")["klippy_state"]

    def print_state(self) -> str:
        return self.get("printer/objects/query?print_stats")["status"]["print_stats"]["state"]

    def get(self, path: str) -> Any:
        reply = self.request("GET", path)
        reply.raise_for_status()
        return reply.json()["result"]

    def post(self, path: str) -> requests.Response:
        return self.request("POST", path)

    def _deleted(self, path: str) -> bool:
        """Refused until Moonraker has heard that the print is over."""
        return self.request("DELETE", f"server/files/gcodes/{path}").status_code in (200, 404)

    def _notes(self) -> list[str]:
        reply = self.request("GET", "server/database/item?namespace=infill")
        return list(reply.json()["result"]["value"]) if reply.ok else []

    def _ask_key(self) -> str:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(5)
            line.connect(str(self._home / "data" / "comms" / "moonraker.sock"))
            line.sendall(b'{"jsonrpc": "2.0", "id": 1, "method": "access.get_api_key"}\x03')
            received = b""
            while b"\x03" not in received:
                received += line.recv(4096)
        return json.loads(received.partition(b"\x03")[0])["result"]
