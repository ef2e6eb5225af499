"""Where the analysers work, the copy of the contracts they are given, and how they are run."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from demo.binaries import ProgramMissing, foundry_path

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / ".infill" / "assurance"
VENV = ROOT / ".venv-assurance"
SOURCES = "contracts/src"
TESTS = "contracts/test"
_NEEDED = ("contracts/solc.mjs", "foundry.toml")
_TAIL = 4000  # characters of a failed program's output that are shown


class ToolMissing(Exception):
    """A program is not installed; the message names the command that installs it."""


class ToolFailed(Exception):
    """A program ended without an answer; the message ends with what it said last."""


def forge() -> Path:
    """The native forge. Raises ToolMissing."""
    try:
        return foundry_path("forge")
    except ProgramMissing as error:
        raise ToolMissing("forge is not installed: run `make setup`") from error


def analyser(name: str) -> Path:
    """A program of the analysers' own environment. Raises ToolMissing."""
    program = VENV / "bin" / name
    if not program.is_file():
        raise ToolMissing(f"{name} is not installed: run `python3 tools/bootstrap.py assurance`")
    return program


def copied(name: str, parts: Iterable[str] = (SOURCES, TESTS, "tests/vectors")) -> Path:
    """A fresh copy of the contracts to work on; what was compiled in it before is kept, as forge's cache."""
    place = WORK / name
    place.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(place / "contracts", ignore_errors=True)
    for part in (*_NEEDED, *parts):
        source, target = ROOT / part, place / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        else:
            shutil.copy2(source, target)
    modules = place / "node_modules"
    if not modules.is_symlink():
        modules.symlink_to(ROOT / "node_modules")
    return place


def digest(copy: Path) -> str:
    """Of all that is compiled in a copy, and how; what was found out of it holds until this changes."""
    files = [copy / "foundry.toml", *sorted((copy / "contracts").rglob("*.sol"))]
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:16]


def run(
    command: list[object], place: Path, profile: str = "default", timeout: float | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program in a copy, with forge and the analysers on its PATH and the artifacts in `out` there."""
    path = os.pathsep.join([str(forge().parent), str(VENV / "bin"), os.environ.get("PATH", "")])
    environment = {
        **os.environ,
        "PATH": path,
        "FOUNDRY_PROFILE": profile,
        "FOUNDRY_OUT": "out",
        "FOUNDRY_CACHE_PATH": "cache",
        "NO_COLOR": "1",
    }
    words = [str(word) for word in command]
    return subprocess.run(
        words, cwd=place, env=environment, capture_output=True, text=True, timeout=timeout, check=False
    )


def failed(what: str, done: subprocess.CompletedProcess[str]) -> ToolFailed:
    """The error that says what a program said last."""
    return ToolFailed(f"{what} (exit {done.returncode}):\n{(done.stdout + done.stderr)[-_TAIL:]}")
