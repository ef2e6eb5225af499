"""The printers' process, from outside: started by command, killed by signal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from protocol.statuses import PrinterStatus
from provider_agent.drivers import driver_for
from provider_agent.drivers.base import AttemptFate, Started
from tests.processes import accepts, eventually, free_port, process
from tests.provider_agent.drivers.contract import reach, status
from tests.provider_agent.drivers.programs import square_layers


def command(home: Path, port: int, speed_up: float, *names: str) -> list[str]:
    options = ["--home", str(home), "--port", str(port), "--speed-up", str(speed_up)]
    return [sys.executable, "-m", "provider_agent.drivers.virtual", *options, *names]


@contextmanager
def printers(home: Path, port: int, speed_up: float, *names: str) -> Iterator[subprocess.Popen]:
    with process(command(home, port, speed_up, *names), home / "log") as child:
        eventually(lambda: accepts(port))
        yield child


def test_a_taken_port_is_named_with_what_to_do(tmp_path: Path) -> None:
    port = free_port()
    with printers(tmp_path, port, 1):
        second = subprocess.run(
            command(tmp_path, port, 1), capture_output=True, text=True, timeout=30, check=False
        )
    assert second.returncode == 1
    assert f"{port}" in second.stderr
    assert "--port" in second.stderr


def test_a_bad_definition_ends_it_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "printer.toml").write_text("bed_um = 5\n")
    ended = subprocess.run(command(tmp_path, 0, 1), capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == 1
    assert "bed_um" in ended.stderr
    assert "Traceback" not in ended.stderr


async def test_killed_in_a_print_it_comes_back_in_fault_and_one_print_is_on_record(tmp_path: Path) -> None:
    port, model = free_port(), tmp_path / "a.gcode"
    model.write_text(square_layers(2000))
    async with driver_for("virtual", f"http://127.0.0.1:{port}") as driver:
        with printers(tmp_path, port, 100) as child:
            await driver.upload(model, "a.gcode")
            assert await driver.start("a.gcode", "a-1") == Started("a-1")
            await reach(driver, status(PrinterStatus.PRINTING))
            os.kill(child.pid, signal.SIGKILL)
            child.wait()
            assert (await driver.snapshot()).status is PrinterStatus.UNREACHABLE
        with printers(tmp_path, port, 100):
            now = await driver.snapshot()
            assert (now.status, now.reason) == (PrinterStatus.FAULT, "power lost during print")
            record = await driver.reconcile("a-1")
            assert (record.fate, record.reason) == (AttemptFate.FAILED, "power lost during print")
            await driver.recover()
            await driver.clear()
            assert await driver.start("a.gcode", "a-1") == Started("a-1", repeated=True)
            assert (await driver.snapshot()).status is PrinterStatus.READY


async def test_several_printers_in_one_process_do_not_share_anything(tmp_path: Path) -> None:
    port, model = free_port(), tmp_path / "a.gcode"
    model.write_text(square_layers(2000))
    with printers(tmp_path, port, 100, "left", "right"):
        async with (
            driver_for("virtual", f"http://127.0.0.1:{port}/printers/left") as left,
            driver_for("virtual", f"http://127.0.0.1:{port}/printers/right") as right,
        ):
            assert {(await left.identify()).serial, (await right.identify()).serial} == {"left", "right"}
            await left.upload(model, "a.gcode")
            await left.start("a.gcode", "a-1")
            await reach(left, status(PrinterStatus.PRINTING))
            assert (await right.snapshot()).status is PrinterStatus.READY
            assert (await right.reconcile("a-1")).fate is AttemptFate.NOT_STARTED


@pytest.mark.skipif(sys.platform != "linux", reason="reads processor time from /proc")
async def test_twenty_minutes_pass_in_ten_seconds_at_120_with_little_processor(tmp_path: Path) -> None:
    port, model = free_port(), tmp_path / "a.gcode"
    model.write_text(square_layers(255, side=40, feed=40))
    with printers(tmp_path, port, 120) as child:
        async with driver_for("virtual", f"http://127.0.0.1:{port}") as driver:
            await driver.upload(model, "a.gcode")
            before, began = processor_seconds(child.pid), time.monotonic()
            await driver.start("a.gcode", "a-1")
            await reach(driver, status(PrinterStatus.FINISHED_UNCLEARED), 60)
            took, used = time.monotonic() - began, processor_seconds(child.pid) - before
            machine = (await driver.reconcile("a-1")).print_seconds
    assert machine == pytest.approx(1200, abs=120)
    assert took == pytest.approx(machine / 120, abs=3)
    assert used < took / 2


def processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
