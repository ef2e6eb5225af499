"""The printer's memory: what a power cut leaves behind."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from protocol.statuses import PrinterStatus
from provider_agent.drivers.base import AttemptFate
from provider_agent.drivers.virtual.host import FileRefused, VirtualPrinter
from provider_agent.drivers.virtual.machine import Fault
from provider_agent.drivers.virtual.server import folders
from tests.provider_agent.drivers.programs import START, square_layers


async def chunks(text: str) -> AsyncIterator[bytes]:
    for start in range(0, len(text), 7):
        yield text[start : start + 7].encode()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return folders(tmp_path, ["one"])[0]


async def loaded(folder: Path, text: str = "") -> VirtualPrinter:
    printer = VirtualPrinter(folder)
    await printer.receive("a.gcode", chunks(text or square_layers()), None)
    return printer


def cut_power(printer: VirtualPrinter) -> None:
    """The process is gone: nothing is said goodbye to."""
    printer.close()


@pytest.mark.parametrize("name", ["", "../a", ".hidden", "a/b", "a b", "a" * 200, "ä.gcode"])
async def test_a_name_that_is_no_file_name_is_refused(folder: Path, name: str) -> None:
    with pytest.raises(FileRefused, match="name"):
        await VirtualPrinter(folder).receive(name, chunks("G28"), None)


async def test_a_file_damaged_on_the_way_is_refused_and_not_kept(folder: Path) -> None:
    printer = VirtualPrinter(folder)
    with pytest.raises(FileRefused, match="damaged"):
        await printer.receive("a.gcode", chunks("G28"), "0" * 64)
    assert list((folder / "files").iterdir()) == []
    assert not printer.start("a.gcode", "a-1").started


async def test_an_attempt_id_is_never_used_for_two_files(folder: Path) -> None:
    printer = await loaded(folder)
    await printer.receive("b.gcode", chunks("G28\n"), None)
    assert printer.start("a.gcode", "a-1").started
    answer = printer.start("b.gcode", "a-1")
    assert not answer.started
    assert "another file" in (answer.reason or "")


@pytest.mark.parametrize("machine_seconds", [0.0, 30.0, 150.0])
async def test_after_a_power_cut_the_print_has_failed_and_the_printer_is_in_fault(
    folder: Path, machine_seconds: float
) -> None:
    printer = await loaded(folder, square_layers(1000))
    printer.start("a.gcode", "a-1")
    printer.tick(machine_seconds)
    cut_power(printer)
    back = VirtualPrinter(folder)
    assert (back.machine.status, back.machine.reason) == (PrinterStatus.FAULT, "power lost during print")
    (record,) = back.history()
    assert (record["outcome"], record["reason"]) == (AttemptFate.FAILED, "power lost during print")
    assert back.command("clear") is not None
    assert back.command("recover") is None
    assert back.machine.status is PrinterStatus.FINISHED_UNCLEARED
    assert back.command("clear") is None
    assert back.start("a.gcode", "a-1").repeated
    assert len(back.history()) == 1


async def test_a_finished_print_stays_finished_and_uncleared(folder: Path) -> None:
    printer = await loaded(folder)
    printer.start("a.gcode", "a-1")
    printer.tick(36_000, 10**6)
    before = printer.history()
    cut_power(printer)
    back = VirtualPrinter(folder)
    assert back.machine.status is PrinterStatus.FINISHED_UNCLEARED
    assert back.history() == before
    assert before[0]["outcome"] is AttemptFate.FINISHED


async def test_a_fault_and_a_ready_printer_outlast_a_restart(folder: Path) -> None:
    printer = await loaded(folder, "\n".join([*START, "G1 X999"]))
    cut_power(printer)
    printer = VirtualPrinter(folder)
    assert printer.machine.status is PrinterStatus.READY
    printer.start("a.gcode", "a-1")
    printer.tick(36_000)
    reason = printer.machine.reason
    cut_power(printer)
    back = VirtualPrinter(folder)
    assert (back.machine.status, back.machine.reason) == (PrinterStatus.FAULT, reason)
    assert back.history()[0]["reason"] == reason


async def test_the_history_says_what_each_print_used(folder: Path) -> None:
    printer = await loaded(folder, square_layers(2))
    for attempt in ("a-1", "a-2"):
        assert printer.start("a.gcode", attempt).started
        printer.tick(36_000, 10**6)
        assert printer.command("clear") is None
    first, second = printer.history()
    assert first["extruded_mm"] == pytest.approx(8)
    assert first["layers"] == 2
    assert [list(corner) for corner in first["box_um"]] == [[50_000, 50_000, 200], [90_000, 90_000, 400]]
    assert first["finished_at"] >= first["started_at"]
    ignored = {"attempt", "started_at", "finished_at", "print_seconds"}
    assert {k: v for k, v in first.items() if k not in ignored} == {
        k: v for k, v in second.items() if k not in ignored
    }


async def test_a_silent_printer_takes_commands_and_heeds_none_but_a_reset(folder: Path) -> None:
    printer = await loaded(folder, square_layers(1000))
    printer.start("a.gcode", "a-1")
    printer.tick(200)
    printer.machine.inject(Fault.GO_SILENT)
    before = printer.snapshot()
    assert printer.command("cancel") is None
    printer.tick(500)
    assert printer.snapshot() == before
    assert printer.command("emergency-stop") is None
    assert printer.machine.status is PrinterStatus.FAULT
