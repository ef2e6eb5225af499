"""Children cannot outlive us, overrun their limits, or see our environment."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from slicers.children import Beat, Limits, run
from slicers.errors import SlicerTimeout
from tests.processes import eventually

PYTHON = [sys.executable, "-c"]
GRANDCHILD = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open("pid", "w").write(str(child.pid))
"""
linux = pytest.mark.skipif(sys.platform != "linux", reason="set on Linux only")


class Enough(Exception):
    """Whoever waits has had enough."""


def gone(pid: int) -> bool:
    """Dead, or dead and not yet buried by whoever adopted it."""
    found = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return found.stdout.strip()[:1] in {"", "Z"}


def pid_in(folder: Path) -> int:
    return int((folder / "pid").read_text() or 0)


def test_it_is_killed_at_the_end_of_its_time(tmp_path):
    with pytest.raises(SlicerTimeout):
        run(["sleep", "600"], tmp_path, Limits(wall_seconds=1))


@pytest.mark.parametrize(
    ("command", "code"),
    [(["sh", "-c", "exit 3"], 3), (["sh", "-c", "while :; do :; done"], -9)],
)
def test_how_it_ended_is_told(command, code, tmp_path):
    assert run(command, tmp_path, Limits(cpu_seconds=1)).code == code


def test_its_files_are_limited(tmp_path):
    run([*PYTHON, "open('large', 'wb', buffering=0).write(bytes(5000))"], tmp_path, Limits(file_bytes=4000))
    assert (tmp_path / "large").stat().st_size <= 4000


@linux
def test_its_memory_is_limited(tmp_path):
    ended = run([*PYTHON, "bytearray(4 * 1024**3)"], tmp_path)
    assert ended.code != 0
    assert "MemoryError" in ended.last_words


def test_our_environment_is_not_passed_on(tmp_path, monkeypatch):
    monkeypatch.setenv("INFILL_KEY", "secret")
    ended = run([*PYTHON, "import os; print(sorted(os.environ))"], tmp_path)
    assert b"INFILL" not in ended.out
    assert b"HOME" in ended.out


@linux
def test_it_stays_on_one_processor_where_asked(tmp_path):
    count = "import os; print(len(os.sched_getaffinity(0)))"
    assert run([*PYTHON, count], tmp_path, single=True).out == b"1\n"
    assert int(run([*PYTHON, count], tmp_path).out) == len(os.sched_getaffinity(0))


def test_what_the_beat_raises_kills_the_whole_group(tmp_path):
    beats: list[float] = []

    def beat() -> None:
        beats.append(time.monotonic())
        if (tmp_path / "pid").exists() and (tmp_path / "pid").read_text():
            raise Enough

    with pytest.raises(Enough):
        run([*PYTHON, GRANDCHILD + "time.sleep(600)"], tmp_path, beat=Beat(beat, 0.1))
    assert beats
    eventually(lambda: gone(pid_in(tmp_path)))


def test_what_it_leaves_behind_is_killed_as_well(tmp_path):
    # The grandchild holds no pipe of ours, so its parent can end before it.
    quiet = GRANDCHILD.replace('600)"]', '600)"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL')
    assert run([*PYTHON, quiet], tmp_path).code == 0
    eventually(lambda: gone(pid_in(tmp_path)))


@linux
def test_an_orphan_ends_by_its_alarm(tmp_path):
    """The alarm outlives exec, whoever waits or does not."""
    limited = Path(run.__code__.co_filename).with_name("limited.py")
    words = [sys.executable, "-I", "-S", limited, "60", str(2**30), "1000", "1", "free", "sleep", "600"]
    assert subprocess.run(words, cwd=tmp_path, check=False).returncode == -14
