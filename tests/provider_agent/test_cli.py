"""The command line: what it makes, and what it says when it cannot."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from protocol.units import Digest, address_of
from provider_agent.cli import main
from provider_agent.config import config_load
from provider_agent.drivers import needs_of
from provider_agent.errors import HomeInUse, KeystoreLocked
from provider_agent.journal.attempts import AttemptStatus, attempt_ended, attempt_intend
from provider_agent.journal.facts import fact
from provider_agent.journal.makings import making_add
from provider_agent.journal.store import journal_open
from provider_agent.keystore import keystore_address, keystore_make, keystore_unlock
from provider_agent.lock import home_lock
from provider_agent.making.plate import cleared_name
from tests.provider_agent.bids import bid_journal

INIT = (
    *("init", "--marketplace", "http://127.0.0.1:8000", "--rpc-url", "http://127.0.0.1:8545"),
    *("--chain-id", "31337", "--escrow", "0x5FbDB2315678afecb367f032d93F642f64180aa3"),
)
ONE = Digest(bytes([1]) * 32)


@pytest.fixture
def home(tmp_path: Path, monkeypatch) -> Path:
    (tmp_path / "password").write_text("correct horse\n")
    monkeypatch.setenv("INFILL_AGENT_PASSWORD_FILE", str(tmp_path / "password"))
    return tmp_path / "home"


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), *arguments])


@pytest.mark.parametrize("command", ["register", "run", "status", "deposit 1", "clear p1"])
def test_without_a_home_every_command_says_how_to_make_one(home: Path, command: str) -> None:
    result = run(home, *command.split())
    assert result.exit_code == 1
    assert "infill-agent --home" in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("extra", "problem"),
    [
        (("--escrow", "0x123"), "40 hex digits"),
        (("--machine-hour", "cheap"), "write ether like 0.002"),
        (("--gram", "-1"), "no whole number of wei"),
        (("--gram", "0.0000000000000000001"), "no whole number of wei"),
        (("--printer", "p1"), "SERIAL,DRIVER,URL"),
        (("--printer", "p1,virtual,http://h,huge"), "no bed"),
        (("--printer", "p1,virtual,ftp://h"), "printers[0].url"),
        (("--printer", "p1,virtual,http://h,1x1x1,Marble:white"), "no slicing settings for Marble"),
    ],
)
def test_init_refuses_what_agent_toml_could_not_say(home: Path, extra: tuple[str, ...], problem: str) -> None:
    result = run(home, *INIT, *extra)
    assert result.exit_code != 0
    assert problem in result.stderr
    assert not home.exists()


def test_init_never_replaces_a_key(home: Path) -> None:
    assert run(home, *INIT).exit_code == 0
    before = (home / "keystore.json").read_bytes()
    again = run(home, *INIT)
    assert again.exit_code == 1
    assert "never overwritten" in again.stderr
    assert (home / "keystore.json").read_bytes() == before


def test_init_makes_a_private_key_file_and_a_config_that_loads(home: Path) -> None:
    made = run(
        home,
        *INIT,
        "--machine-hour",
        "0.002",
        "--printer",
        "p1,virtual,http://127.0.0.1:7001/printers/p1,250x210x220,PLA:black/red,PETG:clear",
    )
    assert made.exit_code == 0, made.output
    assert made.stdout.strip() == keystore_address(home)
    assert stat.S_IMODE(os.stat(home / "keystore.json").st_mode) == 0o600
    found = config_load(home)
    assert found.policy.machine_hour_wei == 2 * 10**15
    able = found.printer("p1").capability
    assert able.bed_um == (250_000, 210_000, 220_000)
    assert [(m.kind, m.colours) for m in able.materials] == [("PLA", ("black", "red")), ("PETG", ("clear",))]


@pytest.fixture
def journalled(home: Path) -> Path:
    """A home whose agent has run once, with one making whose print is on p1."""
    run(home, *INIT, "--printer", "p1,virtual,http://127.0.0.1:1/printers/p1")
    journal = journal_open(home / "journal.sqlite3")
    bid_journal(journal, ONE, signature=bytes(65))
    making_add(journal, agreement=ONE, units=1, block=1, transaction="0x00")
    attempt_intend(journal, ONE, 0, "p1", ".gcode")
    journal.close()
    return home


def test_a_plate_is_not_cleared_under_a_running_print(journalled: Path) -> None:
    result = run(journalled, "clear", "p1")
    assert result.exit_code == 1
    assert "is printing" in result.stderr


def test_an_unknown_printer_cannot_be_cleared(journalled: Path) -> None:
    assert "the printers are p1" in run(journalled, "clear", "p9").stderr


def test_clear_is_recorded_for_the_running_agent(journalled: Path) -> None:
    journal = journal_open(journalled / "journal.sqlite3")
    attempt_ended(journal, f"{ONE.hex()[:16]}-0-0", AttemptStatus.FINISHED)
    assert run(journalled, "clear", "p1").exit_code == 0
    assert fact(journal, cleared_name("p1")) == "yes"
    journal.close()


def test_status_reads_beside_a_running_agent(journalled: Path) -> None:
    with home_lock(journalled):
        found = json.loads(run(journalled, "status", "--json").stdout)
    assert found["makings_by_status"] == {"WON": 1}
    assert found["makings"][0]["attempts"][0]["status"] == "INTENDED"
    assert [(printer["serial"], printer["status"]) for printer in found["printers"]] == [
        ("p1", "UNREACHABLE")
    ]
    assert "WON" in run(journalled, "status").stdout


def test_a_second_agent_on_one_home_is_refused(journalled: Path) -> None:
    with (
        home_lock(journalled),
        pytest.raises(HomeInUse, match=f"process {os.getpid()}"),
        home_lock(journalled),
    ):
        pass
    with home_lock(journalled):
        result = run(journalled, "run")
    assert result.exit_code == 1
    assert "stop it first" in result.stderr


@pytest.mark.parametrize("command", ["run", "register"])
def test_a_wrong_password_is_said(journalled: Path, tmp_path: Path, command: str) -> None:
    (tmp_path / "password").write_text("wrong\n")
    result = run(journalled, command)
    assert result.exit_code == 1
    assert "does not open with this password" in result.stderr


@pytest.mark.parametrize("content", [None, "", "\n"])
def test_a_password_file_that_says_nothing_is_named(home: Path, tmp_path: Path, content: str | None) -> None:
    (tmp_path / "password").unlink()
    if content is not None:
        (tmp_path / "password").write_text(content)
    result = run(home, *INIT)
    assert result.exit_code == 1
    assert str(tmp_path / "password") in result.stderr


def test_a_damaged_keystore_is_said(tmp_path: Path) -> None:
    (tmp_path / "keystore.json").write_text("{")
    with pytest.raises(KeystoreLocked, match="is damaged"):
        keystore_address(tmp_path)


def test_a_key_comes_back_with_its_password_alone(tmp_path: Path, bo) -> None:
    assert keystore_make(tmp_path, "secret", bytes(bo.key)) == address_of(bo.address)
    assert keystore_unlock(tmp_path, "secret").key == bo.key
    assert json.loads((tmp_path / "keystore.json").read_text())["crypto"]["kdf"] == "scrypt"
    with pytest.raises(KeystoreLocked):
        keystore_unlock(tmp_path, "Secret")


@pytest.mark.parametrize("driver", ["prusalink", "bambu"])
def test_init_writes_what_a_driver_needs_with_where_it_is_had(home: Path, driver: str) -> None:
    result = run(home, *INIT, "--printer", f"p1,{driver},https://h")
    assert result.exit_code == 0, result.output
    printer = config_load(home).printer("p1")
    assert {"secret": printer.secret, **printer.settings} == needs_of(driver)


def test_pairing_with_a_driver_that_gives_nothing_says_so(home: Path) -> None:
    result = run(home, "pair", "virtual", "http://127.0.0.1:1")
    assert result.exit_code == 1
    assert "gives nothing by itself" in result.stderr


def test_pairing_with_a_driver_that_there_is_not_names_those_there_are(home: Path) -> None:
    assert "bambu" in run(home, "pair", "typewriter", "http://127.0.0.1:1").stderr


def test_pairing_with_nobody_says_so(home: Path) -> None:
    result = run(home, "pair", "bambu", "https://127.0.0.1:1")
    assert result.exit_code == 1
    assert "nothing answers at 127.0.0.1:1" in result.stderr
