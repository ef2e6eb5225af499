"""`infill-agent doctor`: its exit code, its words for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result
from eth_account import Account

from protocol.units import Wei
from provider_agent.journal.store import journal_open
from provider_agent.lock import home_lock
from tests.processes import free_port
from tests.provider_agent.samples import config_toml
from tests.provider_agent.test_cli import run

HOME_ONLY = ["home", "agent.toml", "key", "disk"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch, bo) -> Path:
    """Settings whose node and marketplace are not there."""
    (tmp_path / "password").write_text("correct horse\n")
    monkeypatch.setenv("INFILL_AGENT_PASSWORD_FILE", str(tmp_path / "password"))
    home = tmp_path / "home"
    home.mkdir(0o700)
    nobody = f"http://127.0.0.1:{free_port()}"
    (home / "agent.toml").write_text(config_toml(marketplace=nobody, rpc_url=nobody, gram=Wei(1)))
    secret = Account.encrypt(bo.key, "correct horse", kdf="scrypt", iterations=2)
    (home / "keystore.json").write_text(json.dumps(secret))
    for path in home.iterdir():
        path.chmod(0o600)
    return home


def verdicts(result: Result) -> dict[str, str]:
    return {one["check"]: one["verdict"] for one in json.loads(result.stdout)}


def test_without_a_home_it_says_so_and_fails(tmp_path: Path) -> None:
    result = run(tmp_path / "nowhere", "doctor", "--json")
    assert result.exit_code == 1
    assert list(verdicts(result)) == HOME_ONLY
    assert verdicts(result)["home"] == "failed"


def test_where_the_settings_cannot_be_read_the_rest_of_the_home_is_looked_at(home: Path) -> None:
    (home / "agent.toml").write_text("[chain")
    result = run(home, "doctor", "--json")
    assert result.exit_code == 1
    assert verdicts(result) == {"home": "ok", "agent.toml": "failed", "key": "ok", "disk": "ok"}


def test_a_journal_that_is_none_is_named_and_left_as_it_is(home: Path) -> None:
    (home / "journal.sqlite3").write_bytes(b"no database" * 500)
    result = run(home, "doctor", "--json")
    assert result.exit_code == 1
    assert verdicts(result)["journal"] == "failed"
    assert (home / "journal.sqlite3").read_bytes() == b"no database" * 500


def test_beside_a_running_agent_it_names_all_that_is_away_and_changes_no_file(home: Path) -> None:
    journal_open(home / "journal.sqlite3").close()
    with home_lock(home):
        before = {path.name: path.read_bytes() for path in home.iterdir()}
        result = run(home, "doctor")
        after = {path.name: path.read_bytes() for path in home.iterdir()}
    assert result.exit_code == 1
    assert {name: data for name, data in after.items() if name in before} == before
    for name in ("node", "marketplace", "printer p1"):
        assert any(line.startswith("failed") and name in line for line in result.stdout.splitlines()), (
            result.stdout
        )
    assert "Traceback" not in result.output


def test_a_home_that_has_never_run_is_a_warning_there(home: Path) -> None:
    assert verdicts(run(home, "doctor", "--json"))["journal"] == "warning"
