"""A pretend printer behind a real broker: it speaks the JSON that Bambu printers are known to speak, tells only what
has changed, and executes the lines of a plate's G-code by counting them. What firmware really does it cannot show.
"""

from __future__ import annotations

import json
import ssl
import threading
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

TICK_S = 0.05
LINES_PER_TICK = 2
ROOM_C = 24.0
CANCELLED = 0x0300_400C
BROKEN = 0x0300_0100
IDLE = {
    "gcode_state": "IDLE",
    "subtask_name": "",
    "gcode_file": "",
    "mc_percent": 0,
    "layer_num": 0,
    "nozzle_temper": ROOM_C,
    "bed_temper": ROOM_C,
    "print_error": 0,
    "upgrade_state": {"status": "IDLE", "progress": "0"},
}
Json = dict[str, Any]


class Printer:
    """One printer. `requests` are all it was asked; `habits` are what it does otherwise than it should; `prints` gets how
    each print stands."""

    def __init__(self, port: int, device: str, code: str, card: Path, prints: list[str]) -> None:
        self.requests: list[Json] = []
        self.habits: set[str] = set()
        self._card, self._device, self._prints = card, device, prints
        self._state: Json = dict(IDLE)
        self._told: Json = {}
        self._left = self._all = 1000
        self._lock = threading.RLock()
        self._over = threading.Event()
        self._client = Client(CallbackAPIVersion.VERSION2)
        self._client.username_pw_set("bblp", code)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self._client.tls_set_context(context)
        self._client.on_message = lambda _client, _data, message: self._obey(json.loads(message.payload))
        listening = threading.Event()
        self._client.on_subscribe = lambda *_: listening.set()
        self._client.on_connect = lambda *_: self._client.subscribe(f"device/{device}/request")
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        assert listening.wait(20)
        self._clock = threading.Thread(target=self._run, daemon=True)
        self._clock.start()

    def off(self) -> None:
        """The power goes."""
        self._over.set()
        self._clock.join()
        self._client.loop_stop()
        self._client.disconnect()

    def change(self, **members: Any) -> None:
        """Something happens to the printer."""
        with self._lock:
            self._state |= members

    def say_last(self, **members: Any) -> None:
        """Something happens, is told, and nothing after it."""
        with self._lock:
            self._state |= members
            self._report()
            self.habits.add("mute")

    def asked(self, command: str) -> list[Json]:
        """The requests of one kind."""
        bodies = [body for request in self.requests for body in request.values()]
        return [body for body in bodies if body.get("command") == command]

    def _run(self) -> None:
        while not self._over.wait(TICK_S):
            with self._lock:
                if self._state["gcode_state"] == "PREPARE":
                    self._state["gcode_state"] = "RUNNING"
                    self._prints.append("RUNNING")
                elif self._state["gcode_state"] == "RUNNING":
                    self._print()
                self._report()

    def _print(self) -> None:
        self._left -= LINES_PER_TICK
        self._state["mc_percent"] = min(100, 100 - 100 * self._left // self._all)
        self._state["nozzle_temper"] = 210.0 + self._left % 7
        if self._left <= 0:
            self._state["gcode_state"] = "FINISH"
            self._prints[-1:] = ["FINISH"]

    def _report(self) -> None:
        """Only what is new."""
        news = {key: value for key, value in self._state.items() if self._told.get(key) != value}
        self._told = dict(self._state)
        self._send("print", {"command": "push_status", "sequence_id": "0", "msg": 1, **news})

    def _send(self, kind: str, body: Json) -> None:
        if "mute" not in self.habits:
            self._client.publish(f"device/{self._device}/report", json.dumps({kind: body}))

    def _obey(self, request: Json) -> None:
        with self._lock:
            self.requests.append(request)
            for kind, body in request.items():
                method = getattr(self, f"_{body['command']}", None)
                if method is not None:
                    method(kind, body)

    def _answer(self, kind: str, body: Json, result: str = "success", **more: Any) -> None:
        self._send(kind, {**body, "result": result, "reason": "", **more})

    def _pushall(self, _kind: str, body: Json) -> None:
        self._send(
            "print", {**self._state, "command": "push_status", "sequence_id": body["sequence_id"], "msg": 0}
        )

    def _get_version(self, kind: str, body: Json) -> None:
        module = {"name": "ota", "product_name": "P1S", "sn": self._device, "sw_ver": "01.08.02.00"}
        self._send(kind, {**body, "module": [module]})

    def _project_file(self, kind: str, body: Json) -> None:
        package = self._card / body["url"].removeprefix("ftp:///")
        if "refuses" in self.habits or not package.is_file():
            return self._answer(kind, body, "fail", reason="no such file")
        with ZipFile(package) as archive:
            self._all = self._left = len(archive.read(body["param"]).splitlines())
        if "forgets" not in self.habits:
            self._state |= {**IDLE, "gcode_state": "PREPARE", "subtask_name": body["subtask_name"]}
            self._state["gcode_file"] = "/data/" + body["param"]
        return self._answer(kind, body)

    def _pause(self, kind: str, body: Json) -> None:
        self._state["gcode_state"] = "PAUSE"
        self._answer(kind, body)

    def _resume(self, kind: str, body: Json) -> None:
        self._state["gcode_state"] = "RUNNING"
        self._answer(kind, body)

    def _stop(self, kind: str, body: Json) -> None:
        self._state |= {"gcode_state": "FAILED", "print_error": CANCELLED}
        self._answer(kind, body)
