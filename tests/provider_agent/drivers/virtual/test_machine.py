"""The simulated machine: what it refuses, how it breaks, and what it reports of a print."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.statuses import PrinterStatus
from provider_agent.drivers.base import AttemptFate
from provider_agent.drivers.virtual.definition import MachineDefinition
from provider_agent.drivers.virtual.machine import CommandRefused, Fault, Machine
from tests.provider_agent.drivers.programs import START, square_layers

HOUR = 3600.0


def machine() -> Machine:
    return Machine(MachineDefinition(serial="one"))


def started(folder: Path, *lines: str, text: str = "") -> Machine:
    path = folder / "program.gcode"
    path.write_text(text or "\n".join(lines) + "\n")
    built = machine()
    built.start(path)
    return built


def finished(folder: Path, *lines: str, text: str = "") -> Machine:
    built = started(folder, *lines, text=text)
    built.advance(10 * HOUR, 10**6)
    return built


def until(built: Machine, status: PrinterStatus, step: float = 1.0) -> None:
    for _ in range(10_000):
        if built.status is status:
            return
        built.advance(step)
    raise AssertionError(f"still {built.status}, wanted {status}")


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([*START, "G1 X250"], "outside the bed"),
        ([*START, "G1 X-1"], "outside the bed"),
        ([*START, "G1 Z251"], "outside the bed"),
        ([*START, "G1 X" + "9" * 400], "outside the bed"),
        ([*START, "G1 E" + "9" * 400], "outside the bed"),
        (["G28", "G1 X10 E1"], "cold extrusion"),
        ([*START, "M104 S100", *(f"G1 X{10 + i % 2} E{i}" for i in range(2000))], "cold extrusion"),
        (["G1 X10"], "before homing"),
        ([*START, "M84", "G1 X10"], "before homing"),
        (["M104 S301"], "above the limit"),
        (["M190 S121"], "above the limit"),
        ([*START, "G1 X1..0"], "not a letter and a number"),
        ([*START, "T1"], "tool 1"),
        ([*START, "M112"], "emergency stop"),
    ],
)
def test_a_program_it_cannot_carry_out_is_a_fault(tmp_path: Path, lines: list[str], reason: str) -> None:
    built = finished(tmp_path, *lines)
    assert built.status is PrinterStatus.FAULT
    assert reason in (built.reason or "")
    assert built.outcome is not None
    assert built.outcome.fate is AttemptFate.FAILED
    assert built.parts.nozzle.target_c == built.parts.bed.target_c == 0


def test_the_moves_before_a_bad_one_are_made(tmp_path: Path) -> None:
    built = finished(tmp_path, *START, "G1 X100 E5", "G1 X300 E9")
    assert built.tally.extruded_mm == pytest.approx(5)
    assert built.parts.place[0] == pytest.approx(100)


@pytest.mark.parametrize("command", ["pause", "resume", "cancel", "recover"])
def test_commands_that_make_no_sense_when_ready_are_refused(command: str) -> None:
    with pytest.raises(CommandRefused, match="READY"):
        getattr(machine(), command)()


@pytest.mark.parametrize("fault", [Fault.FILAMENT_RUNOUT, Fault.JAM, Fault.THERMAL_RUNAWAY])
def test_a_sensor_fault_stops_the_print_within_seconds(tmp_path: Path, fault: Fault) -> None:
    built = started(tmp_path, text=square_layers(500))
    until(built, PrinterStatus.PRINTING)
    built.advance(20)
    built.inject(fault)
    built.advance(60)
    assert built.status is PrinterStatus.FAULT
    assert built.outcome is not None
    assert built.reason == built.outcome.reason


def test_power_loss_switches_everything_off(tmp_path: Path) -> None:
    built = started(tmp_path, text=square_layers(500))
    until(built, PrinterStatus.PRINTING)
    built.inject(Fault.POWER_LOSS)
    assert (built.status, built.reason) == (PrinterStatus.FAULT, "power lost during print")
    assert built.parts.nozzle.target_c == 0
    assert not built.parts.homed


def test_a_lost_connection_is_disconnected_and_the_print_has_failed(tmp_path: Path) -> None:
    built = started(tmp_path, text=square_layers(500))
    until(built, PrinterStatus.PRINTING)
    built.inject(Fault.DISCONNECT)
    assert built.status is PrinterStatus.DISCONNECTED
    assert built.outcome is not None
    with pytest.raises(CommandRefused):
        built.emergency_stop()
    built.recover()
    assert built.status is PrinterStatus.FINISHED_UNCLEARED


def test_a_silent_printer_says_printing_for_ever(tmp_path: Path) -> None:
    built = started(tmp_path, text=square_layers(50))
    until(built, PrinterStatus.PRINTING)
    built.inject(Fault.GO_SILENT)
    before = (built.progress, built.parts.nozzle.now_c, list(built.parts.place))
    built.advance(HOUR)
    assert built.status is PrinterStatus.PRINTING
    assert (built.progress, built.parts.nozzle.now_c, list(built.parts.place)) == before
    built.recover()
    assert built.outcome is not None
    assert built.outcome.fate is AttemptFate.FAILED


def test_nothing_restarts_after_a_fault_and_the_plate_has_to_be_cleared(tmp_path: Path) -> None:
    built = finished(tmp_path, *START, "G1 X300")
    built.recover()
    built.advance(HOUR)
    assert built.status is PrinterStatus.FINISHED_UNCLEARED
    with pytest.raises(CommandRefused):
        built.start(tmp_path / "program.gcode")
    built.clear()
    assert built.status is PrinterStatus.READY


def test_a_print_and_its_figures(tmp_path: Path) -> None:
    built = finished(tmp_path, text=square_layers(layers=3, side=40, e_per_side=1.5))
    assert built.outcome is not None
    assert built.outcome.fate is AttemptFate.FINISHED
    assert built.status is PrinterStatus.FINISHED_UNCLEARED
    assert built.tally.extruded_mm == pytest.approx(3 * 4 * 1.5)
    assert built.tally.layers == 3
    assert built.tally.box_um == ((50_000, 50_000, 200), (90_000, 90_000, 600))
    assert built.progress == 1.0


def test_heating_is_waited_for_in_starting(tmp_path: Path) -> None:
    built = started(tmp_path, "M140 S60", "M190 S60", "M109 S210", "G28")
    built.advance(60)
    assert built.status is PrinterStatus.STARTING
    until(built, PrinterStatus.FINISHED_UNCLEARED)
    assert built.parts.nozzle.now_c == pytest.approx(210, abs=3)
    assert built.tally.seconds > 100


def test_pause_keeps_the_heat_and_resume_loses_nothing(tmp_path: Path) -> None:
    built = started(tmp_path, text=square_layers(5))
    until(built, PrinterStatus.PRINTING)
    built.advance(3)
    built.pause()
    assert built.status is PrinterStatus.PAUSING
    until(built, PrinterStatus.PAUSED, step=0.1)
    place = list(built.parts.place)
    built.advance(HOUR)
    assert list(built.parts.place) == place
    assert built.parts.nozzle.now_c == pytest.approx(210, abs=1)
    built.resume()
    built.advance(HOUR)
    assert built.tally.extruded_mm == pytest.approx(20)


def test_pause_ends_at_the_corner_it_was_heading_for(tmp_path: Path) -> None:
    built = started(tmp_path, text=square_layers(5, feed=5))
    until(built, PrinterStatus.PRINTING)
    built.advance(12)
    built.pause()
    until(built, PrinterStatus.PAUSED, step=0.5)
    assert {round(float(value), 6) for value in built.parts.place[:2]} <= {50.0, 90.0}


def test_a_program_that_pauses_itself_waits_for_a_person(tmp_path: Path) -> None:
    built = finished(tmp_path, *START, "M600", "G1 X10 E1")
    assert built.status is PrinterStatus.PAUSED
    assert "M600" in (built.reason or "")
    built.resume()
    built.advance(HOUR)
    assert built.tally.extruded_mm == pytest.approx(1)


@settings(max_examples=25, deadline=None)
@given(spans=st.lists(st.floats(0.05, 90), min_size=1, max_size=30), steps=st.integers(1, 5))
def test_however_time_is_cut_the_print_is_the_same(
    tmp_path_factory: pytest.TempPathFactory, spans: list[float], steps: int
) -> None:
    folder = tmp_path_factory.mktemp("cut")
    whole = finished(folder, text=square_layers(4))
    cut = started(folder, text=square_layers(4))
    for span in spans:
        cut.advance(span, steps)
    cut.advance(10 * HOUR, 10**6)
    assert cut.outcome == whole.outcome
    assert cut.tally.seconds == pytest.approx(whole.tally.seconds, abs=0.01)
    assert cut.tally.extruded_mm == pytest.approx(whole.tally.extruded_mm)
    assert cut.tally.box_um == whole.tally.box_um
    assert cut.tally.heights_um == whole.tally.heights_um
