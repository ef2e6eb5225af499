"""One print being carried out: turns the program's steps into tasks, within the machine's limits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from provider_agent.drivers.virtual.definition import MachineDefinition
from provider_agent.drivers.virtual.motion import plan
from provider_agent.drivers.virtual.parts import Parts
from provider_agent.drivers.virtual.program import Program
from provider_agent.drivers.virtual.steps import (
    Broken,
    Dwell,
    E,
    Floats,
    Halt,
    Heat,
    Heater,
    Home,
    MotorsOff,
    Moves,
    Step,
)
from provider_agent.drivers.virtual.tally import Tally
from provider_agent.drivers.virtual.tasks import Moving, Standing, Task, Warming

SLACK_MM = 0.01
Flags = NDArray[np.bool_]


class Execution:
    """A program, the task in hand and what has been used. `begun`: filament has been pushed."""

    def __init__(self, path: Path, definition: MachineDefinition, parts: Parts) -> None:
        self._definition = definition
        self._parts = parts
        parts.place[E] = 0.0
        self._program = Program(path, parts.place, definition.acceleration_mm_s2)
        self._queued: Step | None = None
        self._progress = 0.0
        self.task: Task | None = None
        self.tally = Tally()
        self.begun = False

    @property
    def progress(self) -> float:
        """Share of the file that has been carried out, 0..1, never falling."""
        program, done = self._program, 0.0
        if isinstance(self.task, Moving):
            done = self.task.time / self.task.plan.seconds if self.task.plan.seconds else 1.0
        now = program.read_from + (program.read_to - program.read_from) * done
        self._progress = max(self._progress, now)
        return self._progress

    def close(self) -> None:
        """Let go of the file."""
        self._program.close()

    def run(self, seconds: float) -> None:
        """Let the task in hand go on for at most its remaining time."""
        if self.task is None:
            return
        self.task.run(seconds)
        self.tally.seconds += seconds
        if isinstance(self.task, Moving):
            self._parts.place = self.task.place
        if self.task.remaining() <= 1e-9:
            self.task = None

    def take_step(self) -> Halt | Broken | bool | None:
        """Begin the next step: True if there was one, None at the end of the program, else why it stops
        here."""
        step, self._queued = self._queued or self._program.next_step(), None
        match step:
            case Moves():
                self._begin_moves(step)
            case Heat():
                return self._begin_heating(step)
            case Dwell(seconds):
                self.task = Standing(seconds)
            case Home(axes):
                self._begin_homing(axes)
            case MotorsOff():
                self._parts.homed.clear()
            case None | Halt() | Broken():
                return step
        return True

    def _begin_moves(self, moves: Moves) -> None:
        count, self._queued = self._allowed(moves)
        if count:
            kept = Moves(moves.targets[:count], moves.feed[:count], moves.acceleration[:count])
            self.begun |= bool((kept.targets[:, E] > self._parts.place[E]).any())
            self.task = Moving(plan(self._parts.place, kept, self._definition.motion), self.tally)

    def _allowed(self, moves: Moves) -> tuple[int, Broken | None]:
        """How many of these moves the machine can make, and why not the next one."""
        places = np.vstack([self._parts.place, moves.targets])
        change = np.diff(places, axis=0)
        bed = np.array(self._definition.bed_um) / 1000
        inside = ((moves.targets[:, :E] >= -SLACK_MM) & (moves.targets[:, :E] <= bed + SLACK_MM)).all(axis=1)
        inside &= np.isfinite(moves.targets[:, E])
        checks: list[tuple[Flags, Callable[[Floats], str]]] = [(~inside, self._outside)]
        if len(self._parts.homed) < 3:
            checks.append(((change[:, :E] != 0).any(axis=1), lambda _: "a move before homing (G28)"))
        if cold := self.cold():
            checks.append((change[:, E] > 0, lambda _: cold))
        first = [(int(np.argmax(bad)), why) for bad, why in checks if bad.any()]
        if not first:
            return len(moves.targets), None
        index, why = min(first, key=lambda found: found[0])
        return index, Broken(why(moves.targets[index]))

    def _outside(self, target: Floats) -> str:
        x, y, z = (float(value) for value in target[:E])
        bed = " x ".join(f"{length / 1000:g}" for length in self._definition.bed_um)
        return f"a move outside the bed: to {x:.2f}, {y:.2f}, {z:.2f} mm, the machine has {bed} mm"

    def cold(self) -> str | None:
        """Why no filament may be pushed now."""
        if self._parts.nozzle.now_c >= self._definition.extrude_above_c:
            return None
        return f"cold extrusion prevented: nozzle at {self._parts.nozzle.now_c:.0f} C"

    def _begin_heating(self, step: Heat) -> Broken | bool:
        part = self._parts.nozzle if step.heater is Heater.NOZZLE else self._parts.bed
        if step.target_c > part.limit_c:
            return Broken(f"{part.name} target {step.target_c:g} C is above the limit of {part.limit_c:g} C")
        part.aim(step.target_c)
        if step.wait:
            self.task = Warming(part)
        return True

    def _begin_homing(self, axes: tuple[int, ...]) -> None:
        distance = max(float(self._parts.place[axis]) for axis in axes)
        for axis in axes:
            self._parts.place[axis] = 0.0
        self._parts.homed.update(axes)
        self.task = Standing(1.0 + distance / self._definition.homing_mm_s)
