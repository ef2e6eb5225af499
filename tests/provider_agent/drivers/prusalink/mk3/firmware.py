"""What the pretend MK3S does with a line of G-code, and what it answers."""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import reduce

VERSION = "3.14.1-8237"
SERIAL = "CZPX1234X004XC12345"
MK3S = "302"
ROOM_C = 22.0
HEAT_C_PER_S = 40.0
EEPROM_BYTES = 4096
RUNAWAY = ("Error: HOTEND THERMAL RUNAWAY", "Error:Printer halted. kill() called!")
ANSWERS = {
    "PRUSA Fir": VERSION,
    "PRUSA SN": SERIAL,
    "M862.2 Q": MK3S,
    "M862.1 Q": "0.40",
    "M220": "100%",
    "M221": "100%",
    "M27": "Not SD printing",
    "M21": "echo:SD init fail",
    "M420": "Mesh bed leveling not active.",
    "G81": "Mesh bed leveling not active.",
    "M117": "LCD status changed",
}
_NUMBERED = re.compile(r"N(\d+)\s*(.*?)\s*\*(\d+)")


def checksum(line: str) -> int:
    """Of everything before the star: the exclusive or of its bytes."""
    return reduce(lambda sum_, byte: sum_ ^ byte, line.encode(), 0)


@dataclass
class Heater:
    """Goes straight to its target."""

    now_c: float = ROOM_C
    target_c: float = 0.0

    def pass_time(self, seconds: float) -> None:
        goal, step = max(self.target_c, ROOM_C), HEAT_C_PER_S * seconds
        self.now_c += max(-step, min(step, goal - self.now_c))


@dataclass
class Firmware:
    """`say` puts a line on the wire. `halted`: killed by a fault, deaf until it is reset; `held`: silent, and lines wait."""

    say: Callable[[str], None]
    nozzle: Heater = field(default_factory=Heater)
    bed: Heater = field(default_factory=Heater)
    eeprom: bytearray = field(default_factory=lambda: bytearray(EEPROM_BYTES))
    place: dict[str, float] = field(default_factory=lambda: dict.fromkeys("XYZ", 0.0))
    halted: bool = False
    held: bool = False
    _waiting: deque[str] = field(default_factory=deque)
    _rests_until: float = 0.0
    _line: int = 0
    _every_s: float = 0.0
    _due: float = 0.0
    _before: float = field(default_factory=time.monotonic)

    def take(self, line: str) -> None:
        """One line from the host, obeyed when those before it are."""
        self._waiting.append(line)
        self._go_on()

    def _go_on(self) -> None:
        while self._waiting and not self.held and not self._rests_until:
            self._take(self._waiting.popleft())

    def _take(self, line: str) -> None:
        if self.halted or not line:
            return
        numbered = _NUMBERED.fullmatch(line)
        if numbered is None:
            self._obey(line)
            return
        number, command = int(numbered[1]), numbered[2]
        renumbers = command.startswith("M110")
        if checksum(line.rpartition("*")[0]) != int(numbered[3]) or not (
            renumbers or number == self._line + 1
        ):
            self.say(f"Resend: {self._line + 1}")
            self.say("ok")
            return
        self._line = number
        self._obey(command)

    def pass_time(self) -> None:
        """Warm, cool, end a rest, and report by itself if it was asked to."""
        now = time.monotonic()
        for heater in (self.nozzle, self.bed):
            heater.pass_time(now - self._before)
        self._before = now
        if self._every_s and now >= self._due and not (self.halted or self.held):
            self._due = now + self._every_s
            self._report()
        if self._rests_until and now >= self._rests_until:
            self._rests_until = 0.0
            self.say("ok")
        self._go_on()

    def press(self, button: str) -> None:
        """What a person, or fate, does at the printer."""
        match button:
            case "runaway":
                for line in RUNAWAY:
                    self.say(line)
                self.halted, self._rests_until = True, 0.0
            case "hold" | "release":
                self.held = button == "hold"
            case "pause" | "resume" | "cancel":
                self.say(f"// action:{button}")
            case "reset":
                self.halted, self._line, self._every_s, self._rests_until = False, 0, 0.0, 0.0
                self._waiting.clear()
                self.nozzle, self.bed = Heater(), Heater()
                self.say("start")

    def _obey(self, command: str) -> None:
        for asked, answer in ANSWERS.items():
            if command.startswith(asked):
                self.say(answer)
        method = getattr(self, f"_{command.split(maxsplit=1)[0].lower()}", None)
        if method is not None:
            method(command)
        if not command.startswith("M105") and not self._rests_until:
            self.say("ok")

    def _report(self) -> None:
        x, y, z = (self.place[axis] for axis in "XYZ")
        self.say(self._temperatures())
        self.say(f"X:{x:.2f} Y:{y:.2f} Z:{z:.2f} E:0.00 Count X: {x:.2f} Y:{y:.2f} Z:{z:.2f} E:0.00")
        self.say("E0:0 RPM PRN1:0 RPM E0@:0 PRN1@:0")

    def _temperatures(self) -> str:
        nozzle = f"{self.nozzle.now_c:.1f} /{self.nozzle.target_c:.1f}"
        bed = f"{self.bed.now_c:.1f} /{self.bed.target_c:.1f}"
        return f"T:{nozzle} B:{bed} T0:{nozzle} @:0 B@:0 P:0.0 A:30.0"

    def _g0(self, command: str) -> None:
        for axis in "XYZ":
            self.place[axis] = _value(command, axis, self.place[axis])

    _g1 = _g0

    def _g28(self, _: str) -> None:
        print("homed", flush=True)

    def _m84(self, _: str) -> None:
        print("motors off", flush=True)

    def _g4(self, command: str) -> None:
        self._rests_until = time.monotonic() + _value(command, "P") / 1000 + _value(command, "S")

    def _m20(self, _: str) -> None:
        self.say("Begin file list")
        self.say("End file list")

    def _m73(self, command: str) -> None:
        done, left = int(_value(command, "P", -1)), int(_value(command, "R", -1))
        for mode in ("NORMAL", "SILENT"):
            self.say(
                f"{mode} MODE: Percent done: {done}; print time remaining in mins: {left}; Change in mins: -1"
            )

    def _m104(self, command: str) -> None:
        self.nozzle.target_c = _value(command, "S")

    def _m140(self, command: str) -> None:
        self.bed.target_c = _value(command, "S")

    def _m105(self, _: str) -> None:
        self.say(f"ok {self._temperatures()}")

    def _m109(self, command: str) -> None:
        self._m104(command)
        self.nozzle.now_c = max(self.nozzle.target_c, ROOM_C)

    def _m190(self, command: str) -> None:
        self._m140(command)
        self.bed.now_c = max(self.bed.target_c, ROOM_C)

    def _m114(self, _: str) -> None:
        self._report()

    def _m155(self, command: str) -> None:
        self._every_s, self._due = _value(command, "S"), time.monotonic()

    def _m601(self, _: str) -> None:
        self.say("// action:paused")

    def _m602(self, _: str) -> None:
        self.say("// action:resumed")

    def _m603(self, _: str) -> None:
        self.say("// action:cancel")

    def _d3(self, command: str) -> None:
        """Read or write the EEPROM."""
        start = int(re.search(r"Ax([0-9A-Fa-f]+)", command)[1], 16)
        if written := re.search(r"X([0-9A-Fa-f]+)", command):
            data = bytes.fromhex(written[1])
            self.eeprom[start : start + len(data)] = data
        count = re.search(r" C(\d+)", command)
        for at in range(start, start + int(count[1]) if count else start, 16):
            row = self.eeprom[at : min(at + 16, start + int(count[1]))]
            self.say(f"{at:04x}  {row.hex(' ')}")


def _value(command: str, letter: str, default: float = 0.0) -> float:
    found = re.search(rf"\b{letter}(-?[\d.]+)", command)
    return float(found[1]) if found else default
