"""`python -m demo`, as its user meets it: the whole story, its exits, and nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
import requests

from tests.processes import eventually, free_port

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack"), pytest.mark.timeout(400)]

ROOT = Path(__file__).parents[2]
STORY_SECONDS = 60
STEPS = 10


class Demo:
    """One demo as a process, on ports and in a folder of its own."""

    def __init__(self, home: Path, *options: str) -> None:
        self.home, self.port, self.rpc_port = home, free_port(), free_port()
        self.output = home.with_suffix(".out")
        ports = ["--port", str(self.port), "--rpc-port", str(self.rpc_port)]
        command = [sys.executable, "-m", "demo", "--home", str(home), *ports, *options]
        with self.output.open("w") as out:
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out, start_new_session=True)

    @property
    def said(self) -> str:
        return self.output.read_text()

    def says(self, words: str, seconds: float = 150) -> None:
        def heard() -> bool:
            assert self.process.poll() is None or words in self.said, self.said[-3000:]
            return words in self.said

        eventually(heard, seconds=seconds, every=0.2)

    def left_behind(self) -> list[str]:
        """Command lines of processes that name this demo's folder or ports."""
        marks = {str(self.home), str(self.rpc_port), str(self.port)}
        found = []
        for process in psutil.process_iter(["pid", "cmdline", "environ"]):
            words = {*(process.info["cmdline"] or []), (process.info["environ"] or {}).get("PUBLIC_URL", "")}
            if process.pid != os.getpid() and any(mark in word for mark in marks for word in words):
                found.append(" ".join(process.info["cmdline"] or []))
        return found


@contextmanager
def demo(home: Path, *options: str) -> Iterator[Demo]:
    running = Demo(home, *options)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.process.terminate()
            running.process.wait(30)


def test_once_tells_the_whole_story_and_leaves_nothing_behind(tmp_path):
    with demo(tmp_path / "once", "--once") as told:
        assert told.process.wait(300) == 0, told.said[-3000:]
        assert f"{STEPS} One byte of the bundle is changed" in told.said
        assert "CLEAN" in told.said
        assert "FINDINGS" in told.said
        assert "evidence/provider.json" in told.said
        seconds = int(told.said.split("to the audit's end: ")[1].split(" s")[0])
        assert seconds > 0
        assert told.left_behind() == []


def test_a_second_demo_is_refused_an_interrupt_ends_everything_and_a_killed_child_comes_back(tmp_path):
    with demo(tmp_path / "one") as first:
        first.says("starting three provider agents")
        second = Demo(tmp_path / "one", "--once")
        assert second.process.wait(60) != 0
        assert "A demo is running already" in second.said
        first.says("Designer Ada signs in")
        _kill(first, "marketplace.config.celery worker")
        first.says("worker ended (exit -9): starting it again")
        first.says("The site stays at")
        assert requests.get(f"http://127.0.0.1:{first.port}/api/v1/healthz", timeout=10).ok
        os.kill(first.process.pid, signal.SIGINT)
        assert first.process.wait(60) == 0
        assert first.left_behind() == []


def test_an_interrupt_in_the_middle_ends_everything(tmp_path):
    with demo(tmp_path / "stopped", "--once") as stopped:
        stopped.says("Three agents receive it")
        os.kill(stopped.process.pid, signal.SIGINT)
        assert stopped.process.wait(60) not in (0, None)
        assert "Traceback" not in stopped.said
        assert stopped.left_behind() == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children that their parent died")
def test_even_a_killed_demo_leaves_nothing_behind(tmp_path):
    with demo(tmp_path / "killed", "--once") as killed:
        killed.says("starting three provider agents")
        os.kill(killed.process.pid, signal.SIGKILL)
        killed.process.wait(10)
        eventually(lambda: killed.left_behind() == [], seconds=30)


def test_a_taken_port_is_refused_at_once(tmp_path):
    with demo(tmp_path / "holder", "--once") as holder:
        holder.says("starting the contracts")
        command = [sys.executable, "-m", "demo", "--home", str(tmp_path / "late"), "--port", str(free_port())]
        late = subprocess.run(
            [*command, "--rpc-port", str(holder.rpc_port)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert late.returncode != 0
        assert f"Port {holder.rpc_port} is taken" in late.stderr
        assert f"make demo RPC_PORT={holder.rpc_port + 1}" in late.stderr


def _kill(running: Demo, words: str) -> None:
    for process in psutil.process_iter(["cmdline", "environ"]):
        mine = (process.info["environ"] or {}).get("PUBLIC_URL", "").endswith(str(running.port))
        if mine and words in " ".join(process.info["cmdline"] or []):
            process.kill()
            return
    raise AssertionError(f"no process {words!r}")
