"""What a measuring child may do wrong, or tell of itself: each a function like measure_file.measured."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from marketplace.designs.mesh import confine, landlock, seccomp
from marketplace.designs.mesh.warm import ANSWER

MEASURED = {"measurement": {"volume_mm3": 1}}


def crashes(*_: Any) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def gives_up(*_: Any) -> None:
    raise SystemExit(3)


def raises(*_: Any) -> None:
    raise ValueError("no \ud800 words")


def says_nothing(*_: Any) -> None:
    os._exit(0)


def says_a_list(*_: Any) -> list:
    return []


def says_half(*_: Any) -> dict:
    return MEASURED


def says_what_is_no_json(*_: Any) -> None:
    os.write(ANSWER, b"\n{\xff" + b"[" * 100_000)
    os._exit(0)


def says_a_measurement(*_: Any) -> dict:
    return MEASURED


def does_nothing(*_: Any) -> None:
    return None


def kills_itself(*_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def is_deaf(*_: Any) -> None:
    signal.alarm(0)
    while True:
        time.sleep(0.01)


def tells_its_environment(*_: Any) -> dict:
    return {"environment": list(os.environ), "inherited": list(INHERITED), "cwd": os.getcwd()}


INHERITED = dict(os.environ)


def tells_its_descriptors(*_: Any) -> list[int]:
    return [number for number in range(1000) if _is_open(number)]


def _is_open(number: int) -> bool:
    with contextlib.suppress(OSError):
        os.fstat(number)
        return True
    return False


def tells_its_parent(*_: Any) -> int:
    time.sleep(0.2)
    return os.getppid()


def tried(act: Callable[[], Any], done: str = "done") -> str:
    """What became of it: done, or refused by the system."""
    try:
        act()
    except OSError:
        return "refused"
    return done


def connects(port: Path, *_: Any) -> str:
    number = int(port.read_text())
    return tried(lambda: socket.create_connection(("127.0.0.1", number), 1).close(), "connected")


def _only(layer: str) -> None:
    """Leave the other layers of confinement away, in the warm process that loads this."""
    layers = {
        "namespaces": (confine, "namespaces_leave"),
        "landlock": (landlock, "files_confine"),
        "seccomp": (seccomp, "calls_confine"),
    }
    for module, name in (place for other, place in layers.items() if other != layer):
        setattr(module, name, lambda *_: None)


def __getattr__(name: str) -> Any:
    if name.startswith("connects_under_"):
        _only(name.removeprefix("connects_under_"))
        return connects
    if name == "has_offspring":
        _only("none of them")
        return _has_offspring
    raise AttributeError(name)


def touches_files(model: Path, picture: Path, _: str) -> dict[str, str]:
    folder, outside = picture.parent, model.parent
    (folder / "made").write_text("made")
    return {
        "model": model.read_text(),
        "inside": (folder / "made").read_text(),
        "neighbour": tried(lambda: (outside / "new").write_text("x")),
        "site": tried((Path(__file__).parents[2] / "manage.py").read_text),
        "passwd": tried(Path("/etc/passwd").read_text),
        "up": tried(lambda: list((folder / "..").iterdir())),
        "link": tried(lambda: (folder / "p.png").symlink_to("/etc/passwd")),
    }


def bothers_others(*_: Any) -> dict[str, str]:
    return {
        "fork": tried(os.fork),
        "exec": tried(lambda: os.execv("/bin/true", ["true"])),
        "kill": tried(lambda: os.kill(os.getppid(), signal.SIGCONT)),
        "thread": tried(_in_a_thread),
    }


def _in_a_thread() -> None:
    thread = threading.Thread(target=lambda: None)
    thread.start()
    thread.join()


def _has_offspring(*_: Any) -> None:
    offspring = os.fork()
    if offspring == 0:
        time.sleep(600)
    os.write(ANSWER, b"\n" + json.dumps([os.getpid(), offspring]).encode())
    os._exit(0)


def waits_the_first_time(_: Path, picture: Path, *__: Any) -> str:
    mark = picture.parent / "pids"
    if not mark.exists():
        mark.write_text(f"{os.getppid()} {os.getpid()}")
        time.sleep(600)
    return "done"
