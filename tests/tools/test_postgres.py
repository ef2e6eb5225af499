"""`tools/postgres.py` says what is missing."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import free_port

SCRIPT = Path(__file__).parents[2] / "tools" / "postgres.py"


@pytest.fixture
def script():
    spec = importlib.util.spec_from_file_location("postgres_script", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_without_a_server_it_exits_3_with_the_command_that_installs_one(
    script, monkeypatch, tmp_path, capsys
):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("TEST_DATABASE_URL", raising=False)
    monkeypatch.setattr(script, "DEBIAN_BINARIES", tmp_path)
    monkeypatch.setattr(sys, "argv", ["postgres.py", "true"])
    with pytest.raises(SystemExit) as ended:
        script.main()
    assert ended.value.code == 3
    assert "apt-get install -y postgresql" in capsys.readouterr().err


def test_a_named_server_that_does_not_answer_exits_3_and_runs_nothing(tmp_path):
    url = f"postgres://infill@127.0.0.1:{free_port()}/infill"
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "touch", str(tmp_path / "ran")],
        env={"TEST_DATABASE_URL": url},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 3
    assert "TEST_DATABASE_URL cannot be used" in done.stderr
    assert not (tmp_path / "ran").exists()


def test_the_newest_of_several_versions_is_used(script, monkeypatch, tmp_path):
    for version in ("9.6", "15", "17"):
        (tmp_path / version / "bin").mkdir(parents=True)
        (tmp_path / version / "bin" / "initdb").touch()
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(script, "DEBIAN_BINARIES", tmp_path)
    assert script._binaries() == tmp_path / "17" / "bin"
