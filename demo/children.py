"""Child processes that the demo owns: started in order, watched, revived when they die, gone at the end."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

READY_SECONDS = 60
STOP_SECONDS = 8
WATCH_EVERY = 0.3
MAX_RESTARTS = 5
RESTART_WINDOW = 60
_PR_SET_PDEATHSIG = 1
_LOG_TAIL_LINES = 12


class ChildFailed(Exception):
    """A child did not become ready, or keeps dying; the message shows the end of its log."""


@dataclass(frozen=True)
class Spec:
    """What a child is. `ready` says whether it can be used; it is polled and may raise OSError until then."""

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    ready: Callable[[], bool] = lambda: True


@dataclass
class _Child:
    spec: Spec
    process: subprocess.Popen[bytes]
    restarts: list[float] = field(default_factory=list)


class Children:
    """Owns the processes. `tell` is called with a sentence when a child dies and when it is back."""

    def __init__(self, logs: Path, tell: Callable[[str], None]) -> None:
        self._logs = logs
        self._tell = tell
        self._children: dict[str, _Child] = {}
        self._lock = threading.RLock()
        self._stopping = threading.Event()
        self._failure: ChildFailed | None = None
        self._watcher = threading.Thread(target=self._watch, name="children", daemon=True)
        logs.mkdir(parents=True, exist_ok=True)

    def start(self, *specs: Spec) -> None:
        """Start children at once and wait until every one is ready. Raises ChildFailed."""
        for spec in specs:
            with self._lock:
                self._children[spec.name] = _Child(spec, self._spawn(spec))
        for spec in specs:
            self._await_ready(spec)
        if not self._watcher.is_alive():
            self._watcher.start()

    def run_all(self, *specs: Spec, seconds: float = READY_SECONDS) -> None:
        """Run commands side by side to their end. Raises ChildFailed if one fails."""
        processes = [self._spawn(spec) for spec in specs]
        deadline = time.monotonic() + seconds
        try:
            for spec, process in zip(specs, processes, strict=True):
                if process.wait(max(0.1, deadline - time.monotonic())):
                    raise ChildFailed(self._report(spec.name, f"failed (exit {process.returncode})"))
        except subprocess.TimeoutExpired as error:
            raise ChildFailed(f"{error.cmd} did not end within {seconds:.0f} s") from error
        finally:
            end(processes)

    def pid(self, name: str) -> int:
        """The process id of a child as it runs now."""
        with self._lock:
            return self._children[name].process.pid

    def kill(self, name: str) -> None:
        """Kill a child the hard way; the watcher brings it back."""
        os.killpg(self.pid(name), signal.SIGKILL)

    def check(self) -> None:
        """Raises ChildFailed if a child could not be kept alive."""
        if self._failure:
            raise self._failure

    def stop(self) -> None:
        """End every child and everything they started; the last one started first."""
        self._stopping.set()
        with self._lock:
            end([child.process for child in reversed(self._children.values())])
            self._children.clear()

    def log(self, name: str) -> Path:
        """Where a child's output goes."""
        return self._logs / f"{name}.txt"

    def _spawn(self, spec: Spec) -> subprocess.Popen[bytes]:
        with self.log(spec.name).open("ab") as output:
            return subprocess.Popen(
                spec.command,
                env={**os.environ, **spec.env},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509 - one C call, no lock taken
            )

    def _await_ready(self, spec: Spec) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not _is_ready(spec):
            child = self._children.get(spec.name)
            if self._stopping.is_set() or child is None:
                return
            if child.process.poll() is not None and not self._watcher.is_alive():
                raise ChildFailed(self._report(spec.name, f"ended at once (exit {child.process.returncode})"))
            if time.monotonic() > deadline:
                raise ChildFailed(self._report(spec.name, f"was not ready within {READY_SECONDS} s"))
            time.sleep(0.05)

    def _watch(self) -> None:
        while not self._stopping.wait(WATCH_EVERY):
            with self._lock:
                dead = [child for child in self._children.values() if child.process.poll() is not None]
                for child in dead:
                    self._revive(child)

    def _revive(self, child: _Child) -> None:
        if self._stopping.is_set() or self._failure:
            return
        now = time.monotonic()
        child.restarts = [moment for moment in child.restarts if now - moment < RESTART_WINDOW] + [now]
        name, code = child.spec.name, child.process.returncode
        if len(child.restarts) > MAX_RESTARTS:
            self._failure = ChildFailed(self._report(name, f"keeps dying (exit {code})"))
            return
        self._tell(f"{name} ended (exit {code}): starting it again")
        child.process = self._spawn(child.spec)

    def _report(self, name: str, what: str) -> str:
        log = self.log(name)
        lines = log.read_text(errors="replace").splitlines()[-_LOG_TAIL_LINES:] if log.exists() else []
        return "\n".join([f"{name} {what}. The end of {log}:", *(f"  | {line}" for line in lines)])


def _is_ready(spec: Spec) -> bool:
    try:
        return spec.ready()
    except OSError:
        return False


def end(processes: list[subprocess.Popen[bytes]]) -> None:
    """Ask politely, then insist. Each process leads a group, so what it started ends as well."""
    for process in processes:
        _signal_group(process, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    for process in processes:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            pass
        finally:
            _signal_group(process, signal.SIGKILL)
            process.wait()


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        return


def die_with_parent() -> None:
    """On Linux the kernel ends a child whose demo was killed; elsewhere the demo's own exit does."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
