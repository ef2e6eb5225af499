"""What a Solidity file is compiled from: itself, and all that it imports, however far away."""

from __future__ import annotations

import hashlib
import re
import tomllib
from pathlib import Path

from tools.assurance import place

_IMPORT = re.compile(r'^\s*import\s[^;"]*"([^"]+)"', re.MULTILINE)


def digest(copy: Path, file: str) -> str:
    """Of all that a file of tests runs, and how it is compiled: what was found out holds until this changes.

    The contracts are part of it, imported or not: tests deploy them by name, as they are deployed in earnest.
    """
    contracts = (copy / place.SOURCES).rglob("*.sol")
    sources = sorted({*closure(copy, copy / file), *contracts})
    content = b"\0".join(path.read_bytes() for path in [copy / "foundry.toml", *sources])
    return hashlib.sha256(content).hexdigest()[:16]


def closure(copy: Path, file: Path) -> set[Path]:
    """The file, what it imports, and what that imports. Raises FileNotFoundError."""
    remappings = _remappings(copy)
    found: set[Path] = set()
    waiting = [file]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += [_resolved(path, named, remappings) for named in _IMPORT.findall(path.read_text())]
    return found


def _resolved(file: Path, named: str, remappings: dict[str, Path]) -> Path:
    if named.startswith("."):
        return (file.parent / named).resolve()
    for prefix, target in remappings.items():
        if named.startswith(prefix):
            return target / named.removeprefix(prefix)
    raise FileNotFoundError(f"{file} imports {named}, which no remapping of foundry.toml leads to")


def _remappings(copy: Path) -> dict[str, Path]:
    listed = tomllib.loads((copy / "foundry.toml").read_text())["profile"]["default"]["remappings"]
    pairs = (line.partition("=") for line in listed)
    return {prefix: (copy / target).resolve() for prefix, _, target in pairs}
