"""Sets Infill up in this folder: `python3 tools/bootstrap.py PROFILE`, with the standard library alone.

Makes `.venv` with the locked Python dependencies and `node_modules` with the locked npm packages; does
nothing where both are up to date. Where npm is missing it comes from PyPI, into `.venv`. The profiles are
`demo`; `dev`, which includes it; and, in environments of their own since their pins conflict with ours,
`assurance`, the analysers of the contracts, and `printers`, the printer software that drivers are tested
against.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements"
VENV = ROOT / ".venv"
NODE_MODULES = ROOT / "node_modules"
OLDEST = (3, 11)
# By profile: environment and lock file under one name, and what to call it.
APART = {
    "assurance": {"assurance": "analysers"},
    "printers": {
        "printers-octoprint": "OctoPrint",
        "printers-moonraker": "Moonraker and a Klipper host",
        "printers-prusalink": "PrusaLink",
        "printers-bambu": "an FTPS server",
    },
}


def main() -> None:
    """Set up what the profile named on the command line needs."""
    if sys.argv[1:] not in (["demo"], ["dev"], ["assurance"], ["printers"]):
        sys.exit("usage: python3 tools/bootstrap.py demo|dev|assurance|printers")
    profile = sys.argv[1]
    _require_platform()
    if profile in APART:
        for name, what in APART[profile].items():
            _once(_venv_of(name), name, what, _locked_sources, _install_apart)
        return
    _once(VENV, profile, "Python packages", _python_sources, _install_python)
    _once(NODE_MODULES, profile, "npm packages", _node_sources, _install_node)


def _require_platform() -> None:
    if sys.version_info < OLDEST:
        sys.exit(
            f"Infill needs Python {OLDEST[0]}.{OLDEST[1]} or newer, this is {platform.python_version()}.\n"
            "Install one (Debian: apt-get install python3; macOS: brew install python) and name it:\n"
            "    make demo PYTHON=python3.12"
        )
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        sys.exit("Python's venv module is missing. Install it:\n    apt-get install python3-venv")


def _python_sources(profile: str) -> list[Path]:
    return [REQUIREMENTS / f"{profile}.txt", ROOT / "pyproject.toml"]


def _venv_of(name: str) -> Path:
    return ROOT / f".venv-{name.removeprefix('printers-')}"


def _locked_sources(profile: str) -> list[Path]:
    return [REQUIREMENTS / f"{profile}.txt"]


def _node_sources(_profile: str) -> list[Path]:
    return [ROOT / "package.json", ROOT / "package-lock.json"]


def _once(
    folder: Path,
    profile: str,
    what: str,
    sources: Callable[[str], list[Path]],
    install: Callable[[str], None],
) -> None:
    """Install unless a note in the folder says that it was done here from these very sources."""
    for enough in {profile, "dev"}:
        note = _note(folder, enough)
        if note.is_file() and note.read_text() == _fingerprint(sources(enough)):
            return
    print(f"Installing {what} ...", flush=True)
    began = time.monotonic()
    install(profile)
    _note(folder, profile).write_text(_fingerprint(sources(profile)))
    print(f"Installed {what} in {time.monotonic() - began:.0f} s.", flush=True)


def _note(folder: Path, profile: str) -> Path:
    return folder / f".infill-{profile}"


def _fingerprint(sources: Sequence[Path]) -> str:
    # A virtual environment that was moved is broken, so the place counts as well.
    return hashlib.sha256(
        b"\0".join([str(ROOT).encode(), *(path.read_bytes() for path in sources)])
    ).hexdigest()


def _install_python(profile: str) -> None:
    _install_locked(VENV, profile)
    _pip(VENV, "--no-deps", "--no-build-isolation", "--editable", ROOT)


def _install_apart(profile: str) -> None:
    _install_locked(_venv_of(profile), profile)


def _install_locked(venv: Path, profile: str) -> None:
    if not _python(venv).exists():
        _run(sys.executable, "-m", "venv", "--clear", venv)
    _pip(venv, "--require-hashes", "--requirement", REQUIREMENTS / f"{profile}.txt")


def _install_node(profile: str) -> None:
    omit = () if profile == "dev" else ("--omit=dev",)
    _run(_npm(), "ci", "--no-audit", "--no-fund", "--loglevel=error", *omit)


def _npm() -> str:
    path = os.pathsep.join([str(VENV / "bin"), os.environ.get("PATH", "")])
    if not shutil.which("npm", path=path):
        print("npm is not installed: taking Node.js from PyPI, into .venv ...", flush=True)
        _pip(VENV, "--require-hashes", "--requirement", REQUIREMENTS / "node.txt")
    return shutil.which("npm", path=path) or sys.exit("Node.js came without npm. Install npm and try again.")


def _pip(venv: Path, *arguments: object) -> None:
    _run(_python(venv), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments)


def _python(venv: Path) -> Path:
    return venv / "bin" / "python"


def _run(*command: object) -> None:
    """Run a command in the repository, its own output visible; exit naming it where it fails."""
    words = [str(word) for word in command]
    path = os.pathsep.join([str(VENV / "bin"), os.environ.get("PATH", "")])
    if subprocess.run(words, check=False, cwd=ROOT, env={**os.environ, "PATH": path}).returncode:
        sys.exit(f"This step failed; its output is above:\n    {' '.join(words)}")


if __name__ == "__main__":
    main()
