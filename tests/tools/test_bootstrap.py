"""Set-up: what is missing is named with the command that fixes it; what is there is not installed again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tools import bootstrap

TOOLS = Path(bootstrap.__file__).parent


@pytest.fixture
def place(tmp_path, monkeypatch) -> Path:
    """A folder with lock files, in which nothing is installed for real: commands are only noted."""
    for name in ("package.json", "package-lock.json", "pyproject.toml"):
        (tmp_path / name).write_text(name)
    (tmp_path / "requirements").mkdir()
    printers = [f"printers-{name}" for name in ("octoprint", "moonraker", "prusalink", "bambu")]
    for profile in ("demo", "dev", "assurance", *printers):
        (tmp_path / "requirements" / f"{profile}.txt").write_text(profile)
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "REQUIREMENTS", tmp_path / "requirements")
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "NODE_MODULES", tmp_path / "node_modules")
    return tmp_path


@pytest.fixture
def installed(place, monkeypatch) -> list[str]:
    """What would have been installed."""
    done: list[str] = []

    def note(what: str, folder: str):
        def install(profile: str) -> None:
            (place / folder).mkdir(exist_ok=True)
            done.append(f"{what} {profile}")

        return install

    def apart(profile: str) -> None:
        note("apart", f".venv-{profile.removeprefix('printers-')}")(profile)

    monkeypatch.setattr(bootstrap, "_install_python", note("python", ".venv"))
    monkeypatch.setattr(bootstrap, "_install_node", note("node", "node_modules"))
    monkeypatch.setattr(bootstrap, "_install_apart", apart)
    return done


def run(monkeypatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["bootstrap.py", *arguments])
    bootstrap.main()


@pytest.mark.parametrize("arguments", [(), ("demo", "dev"), ("everything",)])
def test_an_unknown_profile_is_refused_with_the_usage(monkeypatch, arguments):
    with pytest.raises(SystemExit, match=r"usage: python3 tools/bootstrap\.py"):
        run(monkeypatch, *arguments)


def test_an_old_python_is_refused_with_the_command_that_helps(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 10, 9))
    with pytest.raises(SystemExit, match=r"(?s)needs Python 3.11 or newer.*make demo PYTHON="):
        run(monkeypatch, "demo")


def test_a_python_without_venv_is_refused_with_the_command_that_helps(monkeypatch):
    monkeypatch.setattr(bootstrap.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match=r"(?s)venv module is missing.*apt-get install python3-venv"):
        run(monkeypatch, "demo")


def test_a_step_that_fails_is_named(place):
    with pytest.raises(SystemExit, match=r"(?s)This step failed.*false"):
        bootstrap._run("false")


def test_what_is_there_is_not_installed_again(monkeypatch, installed):
    run(monkeypatch, "demo")
    run(monkeypatch, "demo")
    assert installed == ["python demo", "node demo"]


def test_a_changed_lock_is_installed(monkeypatch, installed, place):
    run(monkeypatch, "demo")
    (place / "requirements" / "demo.txt").write_text("changed")
    run(monkeypatch, "demo")
    assert installed == ["python demo", "node demo", "python demo"]


def test_what_development_needs_is_enough_for_the_demo_but_not_the_reverse(monkeypatch, installed):
    run(monkeypatch, "demo")
    run(monkeypatch, "dev")
    run(monkeypatch, "demo")
    assert installed == ["python demo", "node demo", "python dev", "node dev"]


def test_the_analysers_are_installed_only_when_asked_for_and_once(monkeypatch, installed):
    run(monkeypatch, "dev")
    run(monkeypatch, "assurance")
    run(monkeypatch, "assurance")
    assert installed == ["python dev", "node dev", "apart assurance"]


def test_printer_software_is_installed_only_when_asked_for_and_once(monkeypatch, installed):
    run(monkeypatch, "dev")
    run(monkeypatch, "printers")
    run(monkeypatch, "printers")
    apart = [f"apart printers-{name}" for name in ("octoprint", "moonraker", "prusalink", "bambu")]
    assert installed == ["python dev", "node dev", *apart]


def test_a_half_done_installation_is_done_again(monkeypatch, installed, place):
    def fails(_profile: str) -> None:
        raise SystemExit("no network")

    whole = bootstrap._install_node
    monkeypatch.setattr(bootstrap, "_install_node", fails)
    with pytest.raises(SystemExit):
        run(monkeypatch, "demo")
    monkeypatch.setattr(bootstrap, "_install_node", whole)
    run(monkeypatch, "demo")
    assert installed == ["python demo", "node demo"]


def test_a_missing_program_ends_with_3_and_the_command_that_installs_it():
    command = [sys.executable, str(TOOLS / "require.py"), "chromium", "prusa-slicer"]
    done = subprocess.run(command, env={"PATH": ""}, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "apt-get install -y chromium prusa-slicer" in done.stderr
