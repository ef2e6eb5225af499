"""Commands that more than the demo starts: Python, the site's web processes, the message broker."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from demo.binaries import REPOSITORY, valkey_path
from demo.children import Spec
from demo.place import HOST, accepts


def python(*arguments: str) -> tuple[str, ...]:
    """This Python."""
    return (sys.executable, *arguments)


def manage(*arguments: str) -> tuple[str, ...]:
    """A command of the site."""
    return python(str(REPOSITORY / "manage.py"), *arguments)


def broker(port: int, folder: Path) -> Spec:
    """A Redis-compatible server that keeps nothing. Raises ProgramMissing."""
    place = ("--port", str(port), "--bind", HOST, "--dir", str(folder))
    return Spec("valkey", (str(valkey_path()), *place, "--save", ""), ready=lambda: accepts(port))


def web(port: int, env: Mapping[str, str], ready: Callable[[], bool], *, processes: int = 1) -> Spec:
    """The site's web processes."""
    place = ("--host", HOST, "--port", str(port), "--workers", str(processes), "--no-access-log")
    command = python("-m", "uvicorn", "marketplace.config.asgi:application", *place)
    return Spec("web", command, env, ready)
