"""What a backup or a restore will not do, and that nothing is touched then."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount

from provider_agent.backup.archive import Archive, archive_open, archive_pack
from provider_agent.journal.facts import fact, fact_set
from provider_agent.journal.restored import is_behind
from provider_agent.journal.schema import VERSION
from provider_agent.journal.store import journal_open
from provider_agent.keystore import keystore_unlock
from provider_agent.lock import home_lock
from provider_agent.making.plate import cleared_name
from tests.provider_agent.samples import config_toml
from tests.provider_agent.test_cli import run

WORD = "correct horse"
KEY = Account.from_key(bytes([1]) * 32)


@pytest.fixture
def home(tmp_path: Path, monkeypatch) -> Path:
    """A home whose agent has run once."""
    (tmp_path / "password").write_text(f"{WORD}\n")
    monkeypatch.setenv("INFILL_AGENT_PASSWORD_FILE", str(tmp_path / "password"))
    home = tmp_path / "home"
    home.mkdir(0o700)
    (home / "agent.toml").write_text(config_toml())
    (home / "keystore.json").write_text(
        json.dumps(Account.encrypt(KEY.key, WORD, kdf="scrypt", iterations=2))
    )
    journal = journal_open(home / "journal.sqlite3")
    fact_set(journal, "kept", "yes")
    fact_set(journal, cleared_name("p1"), "yes")
    journal.close()
    return home


@pytest.fixture
def saved(home: Path, tmp_path: Path) -> Path:
    file = tmp_path / "saved"
    assert run(home, "backup", str(file)).exit_code == 0
    return file


def packed(account: LocalAccount = KEY, **members: bytes) -> bytes:
    """An archive of the members alone, beside a good keystore."""
    keystore = json.dumps(Account.encrypt(account.key, WORD, kdf="scrypt", iterations=2)).encode()
    files = {name.replace("__", "."): data for name, data in members.items()}
    return archive_pack(Archive(1, {"keystore.json": keystore, **files}), account)


def changed(file: Path, name: str, data: bytes) -> bytes:
    """The archive with one member changed."""
    out = BytesIO()
    with zipfile.ZipFile(file) as before, zipfile.ZipFile(out, "w") as after:
        for member in before.namelist():
            after.writestr(member, data if member == name else before.read(member))
    return out.getvalue()


def test_a_backup_under_a_password_that_is_not_the_keys_is_refused(home: Path, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("typo\n")
    result = run(home, "backup", str(tmp_path / "saved"))
    assert result.exit_code == 1
    assert "does not open with this password" in result.stderr
    assert not (tmp_path / "saved").exists()


def test_a_backup_never_replaces_a_file(home: Path, saved: Path) -> None:
    before = saved.read_bytes()
    result = run(home, "backup", str(saved))
    assert result.exit_code == 1
    assert "never replaces" in result.stderr
    assert saved.read_bytes() == before


def test_a_damaged_journal_is_not_backed_up(home: Path, tmp_path: Path) -> None:
    data = bytearray((home / "journal.sqlite3").read_bytes())
    data[4096 : 4096 + 2048] = bytes(2048)
    (home / "journal.sqlite3").write_bytes(bytes(data))
    result = run(home, "backup", str(tmp_path / "saved"))
    assert result.exit_code == 1
    assert "damaged" in result.stderr
    assert not (tmp_path / "saved").exists()


def test_a_home_without_a_journal_is_not_backed_up(home: Path, tmp_path: Path) -> None:
    (home / "journal.sqlite3").unlink()
    result = run(home, "backup", str(tmp_path / "saved"))
    assert result.exit_code == 1
    assert "there is no journal" in result.stderr


@pytest.mark.parametrize("there", ["home", "a file"])
def test_nothing_is_restored_over_what_is_there(home: Path, saved: Path, tmp_path: Path, there: str) -> None:
    target = home if there == "home" else tmp_path / "file"
    if there == "a file":
        target.write_text("mine")
    before = {path: path.read_bytes() for path in [target, *target.rglob("*")] if path.is_file()}
    result = run(target, "restore", str(saved))
    assert result.exit_code != 0
    assert {path: path.read_bytes() for path in [target, *target.rglob("*")] if path.is_file()} == before


@pytest.mark.parametrize("cut", [0, 10, 2000, -1])
def test_a_cut_archive_is_refused(saved: Path, tmp_path: Path, cut: int) -> None:
    saved.write_bytes(saved.read_bytes()[:cut])
    result = run(tmp_path / "fresh", "restore", str(saved))
    assert result.exit_code == 1
    assert not (tmp_path / "fresh").exists()


def test_another_password_is_refused(saved: Path, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("another\n")
    result = run(tmp_path / "fresh", "restore", str(saved))
    assert result.exit_code == 1
    assert "does not open with this password" in result.stderr
    assert not (tmp_path / "fresh").exists()


def test_what_was_sealed_under_another_key_is_refused(saved: Path, tmp_path: Path, charlie) -> None:
    with zipfile.ZipFile(BytesIO(packed(charlie, agent__toml=b""))) as other:
        saved.write_bytes(changed(saved, "home.sealed", other.read("home.sealed")))
    result = run(tmp_path / "fresh", "restore", str(saved))
    assert result.exit_code == 1
    assert "its halves are of two homes" in result.stderr
    assert not (tmp_path / "fresh").exists()


def test_a_keystore_that_is_not_the_one_that_was_saved_is_refused(saved: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(saved) as before:
        secret = json.loads(before.read("keystore.json"))
    saved.write_bytes(changed(saved, "keystore.json", json.dumps({**secret, "address": "00" * 20}).encode()))
    result = run(tmp_path / "fresh", "restore", str(saved))
    assert "keystore.json in it is damaged" in result.stderr
    assert not (tmp_path / "fresh").exists()


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"no zip", "no whole backup"),
        (packed(journal__sqlite3=b"x"), "does not hold what an agent's home does"),
        (
            packed(journal__sqlite3=b"x", agent__toml=b"", evil__txt=b""),
            "does not hold what an agent's home does",
        ),
        (packed(journal__sqlite3=b"x" * 4096, agent__toml=b""), "its journal is damaged"),
    ],
)
def test_what_is_no_home_is_refused(tmp_path: Path, monkeypatch, data: bytes, problem: str) -> None:
    (tmp_path / "password").write_text(f"{WORD}\n")
    monkeypatch.setenv("INFILL_AGENT_PASSWORD_FILE", str(tmp_path / "password"))
    (tmp_path / "saved").write_bytes(data)
    result = run(tmp_path / "fresh", "restore", str(tmp_path / "saved"))
    assert result.exit_code == 1
    assert problem in result.stderr
    assert not (tmp_path / "fresh").exists()


@pytest.mark.parametrize("version", [0, VERSION + 1])
def test_a_journal_of_a_version_that_this_agent_does_not_know_is_refused(
    home: Path, saved: Path, tmp_path: Path, version: int
) -> None:
    found = archive_open(saved.read_bytes(), WORD)
    connection = sqlite3.connect(":memory:")
    connection.deserialize(found.files["journal.sqlite3"])
    connection.execute(f"PRAGMA user_version = {version}")
    files = {**found.files, "journal.sqlite3": connection.serialize()}
    connection.close()
    saved.write_bytes(archive_pack(Archive(1, files), keystore_unlock(home, WORD)))
    result = run(tmp_path / "fresh", "restore", str(saved))
    assert result.exit_code == 1
    assert f"has version {version}" in result.stderr
    assert not (tmp_path / "fresh").exists()


def test_what_was_backed_up_beside_a_running_agent_comes_back_marked(home: Path, tmp_path: Path) -> None:
    writer = journal_open(home / "journal.sqlite3")
    with home_lock(home), writer.atomic():
        fact_set(writer, "unfinished", "yes")
        assert run(home, "backup", str(tmp_path / "saved")).exit_code == 0
    writer.close()
    assert (tmp_path / "saved").stat().st_mode & 0o077 == 0
    fresh = tmp_path / "fresh"
    result = run(fresh, "restore", str(tmp_path / "saved"))
    assert result.exit_code == 0, result.output
    assert json.loads((fresh / "keystore.json").read_text()) == json.loads(
        (home / "keystore.json").read_text()
    )
    assert (fresh / "agent.toml").read_bytes() == (home / "agent.toml").read_bytes()
    journal = journal_open(fresh / "journal.sqlite3")
    assert (fact(journal, "kept"), fact(journal, "unfinished")) == ("yes", None)
    assert is_behind(journal)
    assert fact(journal, cleared_name("p1")) is None, "what was said of a plate before says nothing of it now"
    journal.close()


def test_a_backup_shows_nothing_without_its_password(home: Path, saved: Path) -> None:
    data = saved.read_bytes()
    for secret in (b"SQLite", b"[marketplace]", b"journal.sqlite3", b"manifest"):
        assert secret not in data
