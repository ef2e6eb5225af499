"""The simulated machine: a status, commands, faults, and time that passes only when told to. No clock, no
network."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from protocol.errors import InfillError
from protocol.statuses import PrinterStatus
from provider_agent.drivers.base import ACTIVE, AttemptFate
from provider_agent.drivers.virtual.definition import MachineDefinition
from provider_agent.drivers.virtual.execution import Execution
from provider_agent.drivers.virtual.parts import parts_for
from provider_agent.drivers.virtual.steps import Broken, Halt
from provider_agent.drivers.virtual.tally import Tally

WATCH_S = 5.0
_WORKING = frozenset({PrinterStatus.STARTING, PrinterStatus.PRINTING, PrinterStatus.PAUSING})


class CommandRefused(InfillError):
    """The machine is in no position to do that now."""

    code = "printer-command-refused"


class Fault(StrEnum):
    """What can be made to go wrong."""

    FILAMENT_RUNOUT = "filament_runout"
    JAM = "jam"
    THERMAL_RUNAWAY = "thermal_runaway"
    HEATER_STUCK = "heater_stuck"
    POWER_LOSS = "power_loss"
    DISCONNECT = "disconnect"
    GO_SILENT = "go_silent"


@dataclass(frozen=True)
class Outcome:
    """How a print ended."""

    fate: AttemptFate
    reason: str | None = None


class Machine:
    """One machine. `tally` and `outcome` are of the last print; `outcome` is None while it runs."""

    def __init__(self, definition: MachineDefinition) -> None:
        self.definition = definition
        self.parts = parts_for(definition)
        self.status = PrinterStatus.READY
        self.reason: str | None = None
        self.plate_dirty = False
        self.silent = False
        self.tally = Tally()
        self.outcome: Outcome | None = None
        self.progress = 0.0
        self._execution: Execution | None = None
        self._sensor: str | None = None
        self._rest_in = 0.0

    def start(self, path: Path) -> None:
        """Begin a program. Raises CommandRefused unless READY."""
        self._require("start", PrinterStatus.READY)
        self._execution = Execution(path, self.definition, self.parts)
        self.tally, self.outcome, self.progress = self._execution.tally, None, 0.0
        self.plate_dirty = True
        self._enter(PrinterStatus.STARTING)

    def pause(self) -> None:
        """Rest after the move in hand."""
        self._require("pause", PrinterStatus.STARTING, PrinterStatus.PRINTING)
        task = self._execution.task if self._execution else None
        self._rest_in = task.to_rest() if task else 0.0
        self._enter(PrinterStatus.PAUSING)

    def resume(self) -> None:
        """Go on from a pause."""
        self._require("resume", PrinterStatus.PAUSED)
        self._enter(PrinterStatus.PRINTING)

    def cancel(self) -> None:
        """End the print; the plate keeps what is on it."""
        self._require("cancel", *(ACTIVE - {PrinterStatus.CANCELLING}))
        self._enter(PrinterStatus.CANCELLING)

    def clear(self) -> None:
        """The plate has been emptied. Harmless when READY."""
        self._require("clear the plate", PrinterStatus.FINISHED_UNCLEARED, PrinterStatus.READY)
        self.plate_dirty = False
        self._enter(PrinterStatus.READY)

    def recover(self) -> None:
        """Reset after a fault, a lost connection or silence. A print that was running has failed."""
        if not self.silent:
            self._require("recover", PrinterStatus.FAULT, PrinterStatus.DISCONNECTED)
        self.silent, self._sensor = False, None
        self.parts.repair()
        reason = self.reason
        self._end(Outcome(AttemptFate.FAILED, "the printer was reset while printing"))
        self.parts.power_off()
        if self.plate_dirty:
            self._enter(PrinterStatus.FINISHED_UNCLEARED, reason or self.reason)
        else:
            self._enter(PrinterStatus.READY)

    def emergency_stop(self) -> None:
        """Everything off at once."""
        if self.status is PrinterStatus.DISCONNECTED:
            raise CommandRefused("cannot stop a printer that is not connected; recover it first")
        self.silent = False
        self._fail("emergency stop")

    def inject(self, fault: Fault) -> None:
        """Make something go wrong, now or as soon as it would show."""
        match fault:
            case Fault.FILAMENT_RUNOUT:
                self._sensor = "filament runout"
            case Fault.JAM:
                self._sensor = "extruder jam: the filament does not move"
            case Fault.THERMAL_RUNAWAY:
                self.parts.nozzle.broken = True
            case Fault.HEATER_STUCK:
                self.parts.nozzle.stuck = True
            case Fault.POWER_LOSS:
                self.power_lost()
            case Fault.DISCONNECT:
                self._fail("the connection to the printer was lost during the print")
                self._enter(PrinterStatus.DISCONNECTED, "the printer is not connected to its server")
            case Fault.GO_SILENT:
                self.silent = True

    def power_lost(self) -> None:
        """The lights went out; what was running has failed."""
        self._fail("power lost during print" if self.status in ACTIVE else "power lost")

    def advance(self, seconds: float, steps: int = 64) -> float:
        """Let machine time pass, beginning at most so many steps of the program. Returns the seconds not
        used."""
        left = 0.0 if self.silent else seconds
        while left > 1e-9:
            if self.status is PrinterStatus.CANCELLING:
                self._end(Outcome(AttemptFate.CANCELLED, "cancelled"))
                self.parts.power_off()
            execution = self._execution
            if execution is None or self.status not in _WORKING:
                left -= self._idle(left)
            elif self.status is PrinterStatus.PAUSING and self._rest_in <= 1e-9:
                self._enter(PrinterStatus.PAUSED)
            elif execution.task is not None:
                left -= self._work(execution, left)
            elif steps > 0:
                steps -= 1
                self._next(execution)
            else:
                break
        if self._execution is not None:
            self.progress = self._execution.progress
        return left

    def _idle(self, seconds: float) -> float:
        span = min(seconds, WATCH_S) if self.parts.nozzle.target_c or self.parts.bed.target_c else seconds
        self.parts.advance(span)
        if reason := self.parts.runaway():
            self._fail(reason)
        return span

    def _work(self, execution: Execution, seconds: float) -> float:
        remaining = execution.task.remaining() if execution.task else 0.0
        span = min(seconds, WATCH_S, remaining)
        if self.status is PrinterStatus.PAUSING:
            span = min(span, self._rest_in)
            self._rest_in -= span
        self.parts.advance(span)
        extruded = execution.tally.extruded_mm
        execution.run(span)
        pushing = execution.tally.extruded_mm > extruded
        if reason := self.parts.runaway() or (pushing and (execution.cold() or self._sensor)):
            self._fail(reason)
        return span

    def _next(self, execution: Execution) -> None:
        met = execution.take_step()
        match met:
            case None:
                self.progress = 1.0
                self._end(Outcome(AttemptFate.FINISHED))
            case Broken(reason):
                self._fail(reason)
            case Halt(reason):
                self._enter(PrinterStatus.PAUSED, reason)
            case _ if self.status is PrinterStatus.STARTING and execution.begun:
                self._enter(PrinterStatus.PRINTING)

    def _end(self, outcome: Outcome) -> None:
        if self._execution is not None:
            self._execution.close()
            self._execution, self.outcome = None, outcome
            self._enter(PrinterStatus.FINISHED_UNCLEARED, outcome.reason)

    def _fail(self, reason: str) -> None:
        self._end(Outcome(AttemptFate.FAILED, reason))
        self.parts.power_off()
        self._enter(PrinterStatus.FAULT, reason)

    def _enter(self, status: PrinterStatus, reason: str | None = None) -> None:
        self.status, self.reason = status, reason

    def _require(self, command: str, *allowed: PrinterStatus) -> None:
        if self.status not in allowed:
            needed = " or ".join(sorted(allowed))
            raise CommandRefused(f"cannot {command} while {self.status}; the printer has to be {needed}")
