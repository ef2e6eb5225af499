"""Names every platform of an optional npm package in package-lock.json.

npm writes down only what its registry offers; a mirror may hold one platform alone, and `npm ci` then
refuses the lock everywhere. What is added has a version and no integrity; npm replaces it where it can.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

LOCK = Path(__file__).resolve().parent.parent / "package-lock.json"
ARCHITECTURES = {"amd64": "x64", "arm64": "arm64"}


def completed(packages: dict[str, Any]) -> dict[str, Any]:
    """The lock's packages, and an entry for each missing `<name>-<os>-<architecture>`; sorted as npm does."""
    found = dict(packages)
    for parent in packages.values():
        for name, version in parent.get("optionalDependencies", {}).items():
            key = f"node_modules/{name}"
            if key not in found and name.startswith("@foundry-rs/"):
                found[key] = _entry(name, version, parent)
    return dict(sorted(found.items()))


def _entry(name: str, version: str, parent: dict[str, Any]) -> dict[str, Any]:
    _, system, architecture = name.rsplit("-", 2)
    entry: dict[str, Any] = {"version": version, "cpu": [ARCHITECTURES[architecture]]}
    if parent.get("dev"):
        entry["dev"] = True
    return entry | {"license": parent["license"], "optional": True, "os": [system]}


if __name__ == "__main__":
    lock = json.loads(LOCK.read_text())
    lock["packages"] = completed(lock["packages"])
    LOCK.write_text(json.dumps(lock, indent=2) + "\n")
