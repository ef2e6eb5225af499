"""Slicers cannot outlive us or outgrow their limits."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import trimesh

from provider_agent.slicing import slice_model
from provider_agent.slicing.errors import SlicerTimeout
from provider_agent.slicing.threads import in_thread
from slicers.children import run
from tests.processes import eventually
from tests.provider_agent.slicing.conftest import profile

ROOT = Path(__file__).parents[3]
SLEEPER = "import os, time; open('pid', 'w').write(str(os.getpid())); time.sleep(600)"


@pytest.fixture
def slow(tmp_path: Path) -> Path:
    """A model no slicer here is done with in two seconds."""
    path = tmp_path / "slow.stl"
    trimesh.creation.icosphere(subdivisions=7, radius=100).export(path)
    return path


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def pid_in(folder: Path) -> int:
    return int((folder / "pid").read_text() or 0)


async def test_a_slicer_that_takes_too_long_is_stopped_and_leaves_nothing(slow: Path) -> None:
    with pytest.raises(SlicerTimeout, match="2 s"):
        await slice_model(slow, profile(), slow.with_name("out.gcode"), timeout_s=2, slicer="cura-wasm")
    assert [path.name for path in slow.parent.iterdir()] == ["slow.stl"]
    assert (
        str(slow.parent)
        not in subprocess.run(["ps", "axww"], capture_output=True, text=True, check=True).stdout
    )


async def test_a_cancelled_run_is_dead_when_the_caller_hears_of_it(tmp_path: Path) -> None:
    task = asyncio.create_task(
        in_thread(lambda beat: run([sys.executable, "-c", SLEEPER], tmp_path, beat=beat))
    )
    pid = await asyncio.to_thread(eventually, lambda: pid_in(tmp_path))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert gone(pid)


async def test_whoever_cancels_twice_waits_as_well(tmp_path: Path) -> None:
    task = asyncio.create_task(
        in_thread(lambda beat: run([sys.executable, "-c", SLEEPER], tmp_path, beat=beat))
    )
    pid = await asyncio.to_thread(eventually, lambda: pid_in(tmp_path))
    for _ in range(3):
        task.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert gone(pid)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_a_child_ends_with_an_agent_that_is_killed(tmp_path: Path) -> None:
    agent = (
        "import asyncio, pathlib, sys\n"
        "from provider_agent.slicing.threads import in_thread\n"
        "from slicers.children import run\n"
        f"command, folder = [sys.executable, '-c', {SLEEPER!r}], pathlib.Path({str(tmp_path)!r})\n"
        "asyncio.run(in_thread(lambda beat: run(command, folder, beat=beat)))\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", agent], cwd=ROOT)
    pid = eventually(lambda: pid_in(tmp_path))
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    eventually(lambda: gone(pid))
