"""A journal of each version comes forward with all it holds, and a copy of it as it was stays."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from protocol.units import Digest
from provider_agent.backup.archive import Archive
from provider_agent.backup.restoring import home_restore
from provider_agent.errors import JournalBroken
from provider_agent.journal.bids import bid_get
from provider_agent.journal.copying import journal_snapshot, problems_of
from provider_agent.journal.facts import fact
from provider_agent.journal.restored import is_behind
from provider_agent.journal.schema import VERSION, VERSIONS
from provider_agent.journal.spools import spools
from provider_agent.journal.store import journal_open
from tests.provider_agent.bids import bid_journal

ONE = Digest(bytes([1]) * 32)
OLDER = range(1, VERSION)


@pytest.fixture
def rows(tmp_path: Path) -> list[tuple[object, ...]]:
    """A bid as the newest journal writes it."""
    journal = journal_open(tmp_path / "newest.sqlite3")
    bid_journal(journal, ONE, signature=bytes(65))
    found = [tuple(row) for row in journal.rows("SELECT * FROM bids")]
    journal.close()
    return found


def journal_of(path: Path, version: int, rows: list[tuple[object, ...]]) -> None:
    connection = sqlite3.connect(path)
    connection.executescript("".join(VERSIONS[:version]) + f"PRAGMA user_version = {version};")
    connection.execute("INSERT INTO facts VALUES ('kept', 'yes')")
    width = len(connection.execute("PRAGMA table_info(bids)").fetchall())
    marks = ", ".join("?" * width)
    connection.executemany(f"INSERT INTO bids VALUES ({marks})", [row[:width] for row in rows])
    connection.commit()
    connection.close()


def version_of(path: Path) -> int:
    connection = sqlite3.connect(path)
    found = connection.execute("PRAGMA user_version").fetchone()[0]
    connection.close()
    return found


@pytest.mark.parametrize("version", OLDER)
def test_an_upgrade_that_cannot_keep_a_copy_first_changes_nothing(tmp_path: Path, version: int, rows) -> None:
    path = tmp_path / "journal.sqlite3"
    journal_of(path, version, rows)
    (tmp_path / f"journal-version-{version}.sqlite3.new").mkdir()
    with pytest.raises((JournalBroken, OSError)):
        journal_open(path)
    assert version_of(path) == version


@pytest.mark.parametrize("version", OLDER)
def test_each_version_comes_forward_and_stays_as_it_was_beside(tmp_path: Path, version: int, rows) -> None:
    path = tmp_path / "journal.sqlite3"
    journal_of(path, version, rows)
    journal = journal_open(path)
    assert (fact(journal, "kept"), bid_get(journal, ONE).agreement, spools(journal)) == ("yes", ONE, [])
    journal.close()
    assert version_of(path) == VERSION
    kept = tmp_path / f"journal-version-{version}.sqlite3"
    assert version_of(kept) == version
    assert kept.stat().st_mode & 0o077 == 0
    connection = sqlite3.connect(kept)
    assert problems_of(connection) == ""
    assert connection.execute("SELECT agreement FROM bids").fetchone() == ("0x" + ONE.hex(),)
    connection.close()


@pytest.mark.parametrize("version", [*OLDER, VERSION])
def test_a_backup_of_each_version_is_restored_into_this_one(tmp_path: Path, version: int, rows) -> None:
    path = tmp_path / "old.sqlite3"
    journal_of(path, version, rows)
    files = {
        "journal.sqlite3": journal_snapshot(path),
        "agent.toml": b"",
        "keystore.json": b'{"address": "05650444ace15a01762bd97ee8fdeb495b3c2436"}',
    }
    home_restore(tmp_path / "home", Archive(1, files))
    journal = journal_open(tmp_path / "home" / "journal.sqlite3")
    assert bid_get(journal, ONE).signature == bytes(65)
    assert is_behind(journal)
    journal.close()


def test_a_new_journal_leaves_no_copy(tmp_path: Path) -> None:
    journal_open(tmp_path / "journal.sqlite3").close()
    assert list(tmp_path.glob("*-version-*")) == []
