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
from provider_agent.slicing.children import run
from provider_agent.slicing.errors import SlicerTimeout
from tests.processes import eventually
from tests.provider_agent.slicing.conftest import profile

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
    task = asyncio.create_task(run([sys.executable, "-c", SLEEPER], tmp_path))
    pid = await asyncio.to_thread(eventually, lambda: pid_in(tmp_path))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert gone(pid)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_a_child_ends_with_an_agent_that_is_killed(tmp_path: Path) -> None:
    agent = (
        "import asyncio, pathlib, sys\n"
        "from provider_agent.slicing.children import run\n"
        f"asyncio.run(run([sys.executable, '-c', {SLEEPER!r}], pathlib.Path({str(tmp_path)!r})))\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", agent])
    pid = eventually(lambda: pid_in(tmp_path))
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    eventually(lambda: gone(pid))


@pytest.mark.skipif(sys.platform != "linux", reason="memory limits are set on Linux only")
async def test_memory_is_limited(tmp_path: Path) -> None:
    ended = await run([sys.executable, "-c", "bytearray(4 * 1024**3)"], tmp_path)
    assert ended.code != 0
    assert "MemoryError" in ended.last_words


async def test_the_environment_of_the_agent_is_not_passed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INFILL_AGENT_PASSWORD_FILE", "/secret")
    ended = await run([sys.executable, "-c", "import os; print(sorted(os.environ))"], tmp_path)
    assert b"INFILL" not in ended.out
