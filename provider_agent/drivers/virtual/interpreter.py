"""The modes of G-code resolved: units, absolute or relative, offsets, feed rate. Knows no printer's
limits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from provider_agent.drivers.virtual import arcs
from provider_agent.drivers.virtual.gcode import MalformedGcode, parse_line
from provider_agent.drivers.virtual.steps import (
    Broken,
    Dwell,
    Floats,
    Halt,
    Heat,
    Heater,
    Home,
    MotorsOff,
    Moves,
    Step,
)

INCH_MM = 25.4
FIRST_FEED_MM_S = 25.0
Words = dict[str, float]


class Interpreter:
    """Reads lines, gives steps; its modes last from one call to the next, as a printer's do."""

    def __init__(self, start: Floats, acceleration_mm_s2: float) -> None:
        self.x, self.y, self.z, self.e = (float(value) for value in start)
        self._zero = [0.0, 0.0, 0.0, 0.0]
        self._scale = 1.0
        self._relative = self._relative_e = False
        self._feed = FIRST_FEED_MM_S
        self._acceleration = acceleration_mm_s2
        self._rows: list[tuple[float, float, float, float, float, float]] = []
        self._modes: dict[str, Callable[[Words], None]] = {
            "G2": lambda words: self._arc(words, clockwise=True),
            "G3": lambda words: self._arc(words, clockwise=False),
            "G20": lambda _: self._set_scale(INCH_MM),
            "G21": lambda _: self._set_scale(1.0),
            "G90": lambda _: self._set_relative(False),
            "G91": lambda _: self._set_relative(True),
            "G92": self._set_position,
            "M82": lambda _: self._set_relative_e(False),
            "M83": lambda _: self._set_relative_e(True),
            "M204": self._set_acceleration,
        }

    def steps(self, lines: Iterable[str]) -> Iterator[Step]:
        """The steps these lines ask for; ends after a Broken one. Unknown codes are passed over, as
        printers do."""
        try:
            for line in lines:
                command = parse_line(line)
                if command is None:
                    continue
                code, words = command
                if code in ("G1", "G0"):
                    self._move(words)
                elif code in self._modes:
                    self._modes[code](words)
                elif (step := self._stop(code, words)) is not None:
                    yield from self._collected()
                    yield step
            yield from self._collected()
        except (MalformedGcode, arcs.ImpossibleArc) as error:
            yield from self._collected()
            yield Broken(str(error))

    def _collected(self) -> Iterator[Moves]:
        if self._rows:
            table = np.array(self._rows)
            self._rows = []
            yield Moves(table[:, :4], table[:, 4], table[:, 5])

    def _move(self, words: Words) -> None:
        scale, relative, zero, get = self._scale, self._relative, self._zero, words.get
        if (x := get("X")) is not None:
            self.x = x * scale + (self.x if relative else zero[0])
        if (y := get("Y")) is not None:
            self.y = y * scale + (self.y if relative else zero[1])
        if (z := get("Z")) is not None:
            self.z = z * scale + (self.z if relative else zero[2])
        if (e := get("E")) is not None:
            self.e = e * scale + (self.e if self._relative_e else zero[3])
        if (f := get("F")) is not None and f > 0:
            self._feed = f * scale / 60
        self._rows.append((self.x, self.y, self.z, self.e, self._feed, self._acceleration))

    def _arc(self, words: Words, *, clockwise: bool) -> None:
        start, z, e = (self.x, self.y), self.z, self.e
        self._move(words)
        end = (self.x, self.y)
        _, _, last_z, last_e, feed, acceleration = self._rows.pop()
        if "R" in words:
            centre = arcs.centre_from_radius(start, end, words["R"] * self._scale, clockwise)
        else:
            centre = (
                start[0] + words.get("I", 0.0) * self._scale,
                start[1] + words.get("J", 0.0) * self._scale,
            )
        points = arcs.points(start, end, centre, clockwise)
        for i, (x, y) in enumerate(points, 1):
            part = i / len(points)
            self._rows.append((x, y, z + (last_z - z) * part, e + (last_e - e) * part, feed, acceleration))

    def _set_scale(self, scale: float) -> None:
        self._scale = scale

    def _set_relative(self, relative: bool) -> None:
        self._relative = self._relative_e = relative

    def _set_relative_e(self, relative: bool) -> None:
        self._relative_e = relative

    def _set_position(self, words: Words) -> None:
        now = (self.x, self.y, self.z, self.e)
        for axis, letter in enumerate("XYZE"):
            if letter in words or not words:
                self._zero[axis] = now[axis] - words.get(letter, 0.0) * self._scale

    def _set_acceleration(self, words: Words) -> None:
        wanted = words.get("S", words.get("P", 0.0))
        if wanted > 0:
            self._acceleration = wanted

    def _home(self, words: Words) -> Home:
        axes = tuple(axis for axis, letter in enumerate("XYZ") if letter in words) or (0, 1, 2)
        for axis in axes:
            setattr(self, "xyz"[axis], 0.0)
            self._zero[axis] = 0.0
        return Home(axes)

    def _stop(self, code: str, words: Words) -> Step | None:
        """Commands for which the head comes to rest."""
        match code:
            case "G4":
                return Dwell(max(0.0, words.get("S", words.get("P", 0.0) / 1000)))
            case "G28":
                return self._home(words)
            case "M104" | "M109" | "M140" | "M190":
                heater = Heater.NOZZLE if code in ("M104", "M109") else Heater.BED
                return Heat(heater, words.get("S", words.get("R", 0.0)), wait=code in ("M109", "M190"))
            case "M18" | "M84":
                return MotorsOff()
            case _:
                return _interruption(code)


def _interruption(code: str) -> Halt | Broken | None:
    """Codes with which a program stops itself."""
    if code in ("M0", "M1", "M25", "M600", "M601"):
        return Halt(f"the program paused itself ({code}) and waits for a person")
    if code == "M112":
        return Broken("emergency stop asked for by the program (M112)")
    if code[0] == "T" and code != "T0":
        return Broken(f"the program asks for tool {code[1:]}, this printer has one extruder")
    return None
