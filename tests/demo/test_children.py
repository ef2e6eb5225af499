"""Children: what dies comes back, what cannot start is named with the end of its log, nothing is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import psutil
import pytest

from demo.children import ChildFailed, Children, Spec
from tests.processes import eventually

PYTHON = sys.executable


def script(text: str) -> tuple[str, ...]:
    return (PYTHON, "-c", textwrap.dedent(text))


SLEEPER = script("import time; time.sleep(600)")
FAMILY = script(
    """
    import subprocess, sys, time
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    print(child.pid, flush=True)
    time.sleep(600)
    """
)
DEAF = script(
    """
    import signal, time
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("deaf", flush=True)
    time.sleep(600)
    """
)


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def children(tmp_path: Path, told: list[str], monkeypatch):
    monkeypatch.setattr("demo.children.STOP_SECONDS", 1)
    family = Children(tmp_path / "logs", told.append)
    yield family
    family.stop()


def test_a_child_that_ends_at_once_is_named_with_the_end_of_its_log(children):
    with pytest.raises(ChildFailed, match=r"(?s)broken ended at once \(exit 3\).*no such luck"):
        children.start(
            Spec("broken", script("print('no such luck'); raise SystemExit(3)"), ready=lambda: False)
        )


def test_a_command_that_fails_is_named_with_the_end_of_its_log(children):
    with pytest.raises(ChildFailed, match=r"(?s)job failed \(exit 1\).*ZeroDivisionError"):
        children.run_all(Spec("job", script("1 / 0")))


def test_a_command_that_never_ends_is_ended(children):
    with pytest.raises(ChildFailed, match="did not end"):
        children.run_all(Spec("slow", SLEEPER), seconds=0.3)


def test_a_child_that_keeps_dying_is_given_up(children, told):
    children.start(Spec("mayfly", script("raise SystemExit(7)")))
    with pytest.raises(ChildFailed, match=r"mayfly keeps dying \(exit 7\)"):
        eventually(children.check)
    assert len(told) == 5


def test_a_killed_child_comes_back_and_it_is_said(children, told):
    children.start(Spec("sleeper", SLEEPER))
    first = children.pid("sleeper")
    children.kill("sleeper")
    eventually(lambda: children.pid("sleeper") != first and psutil.pid_exists(children.pid("sleeper")))
    assert told == ["sleeper ended (exit -9): starting it again"]


def test_stopping_ends_children_and_grandchildren(children, tmp_path):
    children.start(Spec("family", FAMILY))
    grandchild = int(eventually((tmp_path / "logs" / "family.txt").read_text))
    child = children.pid("family")
    children.stop()
    assert not psutil.pid_exists(child)
    eventually(lambda: not psutil.pid_exists(grandchild))


def test_a_child_that_does_not_listen_is_killed(children, tmp_path):
    children.start(Spec("deaf", DEAF))
    eventually((tmp_path / "logs" / "deaf.txt").read_text)
    child = children.pid("deaf")
    children.stop()
    assert not psutil.pid_exists(child)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children that their parent died")
def test_children_of_a_killed_parent_end(tmp_path):
    program = f"""
        import time
        from pathlib import Path
        from demo.children import Children, Spec
        children = Children(Path({str(tmp_path)!r}), print)
        children.start(Spec("sleeper", {SLEEPER!r}))
        print(children.pid("sleeper"), flush=True)
        time.sleep(600)
    """
    root = Path(__file__).parents[2]
    parent = subprocess.Popen(script(program), stdout=subprocess.PIPE, cwd=root, text=True)
    child = int(parent.stdout.readline())
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    eventually(lambda: not psutil.pid_exists(child))
