"""The journal: what it refuses, and that a kill -9 at any moment leaves it whole."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from protocol.errors import TransitionRefused
from protocol.statuses import BidStatus, MakingStatus
from protocol.units import Digest
from provider_agent.errors import HomeMissing, JournalBroken, JournalUnwritable
from provider_agent.journal.attempts import (
    AttemptStatus,
    attempt_ended,
    attempt_intend,
    attempt_started,
    attempts_of,
    plate_clear,
    plate_taken,
)
from provider_agent.journal.bids import bid_end, bid_get, bids_open, job_taken
from provider_agent.journal.facts import cursor, fact, fact_set
from provider_agent.journal.intents import intent_add, intent_in_flight
from provider_agent.journal.makings import making_add, making_advance, making_get, makings
from provider_agent.journal.receipts import receipt_find
from provider_agent.journal.schema import VERSIONS
from provider_agent.journal.store import journal_open, journal_read
from tests.processes import eventually
from tests.provider_agent.bids import BO, bid_journal

ONE, TWO = Digest(bytes([1]) * 32), Digest(bytes([2]) * 32)


def won(journal, agreement=ONE) -> None:
    bid_journal(journal, agreement, signature=bytes(65))
    assert making_add(journal, agreement=agreement, units=1, block=5, transaction="0x00")


def test_a_journal_of_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(JournalBroken, match="version 99"):
        journal_open(path)


def test_a_journal_of_the_version_before_is_brought_on_with_all_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    connection = sqlite3.connect(path)
    connection.executescript(f"{VERSIONS[0]} PRAGMA user_version = 1;")
    connection.execute("INSERT INTO facts VALUES ('kept', 'yes')")
    connection.commit()
    connection.close()
    for _ in range(2):
        journal = journal_open(path)
        assert (fact(journal, "kept"), receipt_find(journal, ONE)) == ("yes", None)
        journal.close()


def test_a_damaged_journal_is_refused_and_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    path.write_bytes(b"this is no database" * 100)
    with pytest.raises(JournalBroken, match="do not delete it"):
        journal_open(path)
    assert path.read_bytes().startswith(b"this is no database")


def test_there_is_nothing_to_read_before_the_first_run(tmp_path: Path) -> None:
    with pytest.raises(HomeMissing, match="infill-agent run"):
        journal_read(tmp_path / "journal.sqlite3")


def test_a_reader_cannot_write(journal, tmp_path: Path) -> None:
    reader = journal_read(tmp_path / "journal.sqlite3")
    with pytest.raises(JournalUnwritable, match="readonly"):
        reader.write("DELETE FROM bids")
    reader.close()


def test_one_open_bid_for_a_job(journal) -> None:
    bid_journal(journal, ONE)
    with pytest.raises(sqlite3.IntegrityError):
        bid_journal(journal, ONE)
    journal.write("UPDATE bids SET job = 'same'")
    with pytest.raises(sqlite3.IntegrityError), journal.atomic():  # noqa: PT012 - the block is what fails
        bid_journal(journal, TWO)
        journal.write("UPDATE bids SET job = 'same'")
    assert [row.agreement for row in bids_open(journal)] == [ONE]


@pytest.mark.parametrize(
    "status", [s for s in MakingStatus if s not in (MakingStatus.FETCHED, MakingStatus.FAILED)]
)
def test_a_making_cannot_skip(journal, status: MakingStatus) -> None:
    won(journal)
    with pytest.raises(TransitionRefused):
        making_advance(journal, ONE, status)
    assert making_get(journal, ONE).status is MakingStatus.WON


def test_an_unknown_bid_or_making_is_an_error(journal) -> None:
    with pytest.raises(JournalBroken):
        bid_get(journal, ONE)
    with pytest.raises(JournalBroken):
        making_get(journal, ONE)


def test_an_award_read_twice_is_one_making(journal) -> None:
    won(journal)
    assert not making_add(journal, agreement=ONE, units=1, block=5, transaction="0x00")
    assert len(makings(journal)) == 1
    assert bid_get(journal, ONE).status is BidStatus.AWARDED


def test_a_lost_bid_stays_lost_and_its_job_is_free_again(journal) -> None:
    bid_journal(journal, ONE)
    job = bid_get(journal, ONE).job
    assert job_taken(journal, job)
    assert bid_end(journal, ONE, BidStatus.LOST, "dearer")
    assert not bid_end(journal, ONE, BidStatus.EXPIRED)
    assert (bid_get(journal, ONE).status, bid_get(journal, ONE).reason) == (BidStatus.LOST, "dearer")
    assert not job_taken(journal, job)


def test_what_fails_inside_an_atomic_block_leaves_nothing(journal) -> None:
    with pytest.raises(TransitionRefused), journal.atomic():  # noqa: PT012 - the block is what fails
        won(journal)
        making_advance(journal, ONE, MakingStatus.PAID)
    assert makings(journal) == []
    assert bids_open(journal) == []


def facts_set(journal, **facts: str) -> None:
    for name, value in facts.items():
        fact_set(journal, name, value)


def test_a_full_disk_is_said_and_leaves_nothing_half_written(journal, tmp_path: Path) -> None:
    """SQLite's own limit of pages is what it takes for the disk's."""
    pages = journal.row("PRAGMA page_count")[0]
    journal.row(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(JournalUnwritable, match="disk is full"), journal.atomic():
        facts_set(journal, small="fits", large="x" * 10**6)
    journal.row("PRAGMA max_page_count = 1000000")
    with journal.atomic():
        fact_set(journal, "after", "kept")
    again = journal_read(tmp_path / "journal.sqlite3")
    assert (fact(again, "small"), fact(again, "large"), fact(again, "after")) == (None, None, "kept")
    again.close()


def test_a_file_that_may_not_grow_refuses_the_commit_and_is_whole_later(journal, tmp_path: Path) -> None:
    """The log of what is being written is refused: the commit itself fails."""
    free = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, free[1]))
    try:
        with pytest.raises(JournalUnwritable), journal.atomic():
            fact_set(journal, "lost", "x")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, free)
    fact_set(journal, "after", "kept")
    again = journal_read(tmp_path / "journal.sqlite3")
    assert (fact(again, "lost"), fact(again, "after")) == (None, "kept")
    again.close()


def test_a_statement_that_is_wrong_is_a_defect_and_no_full_disk(journal) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        journal.write("DELETE FROM nowhere")


def test_only_one_transaction_is_in_flight(journal) -> None:
    for expected in (None, sqlite3.IntegrityError):
        if expected is None:
            intent_add(journal, purpose="deliver", agreement=ONE, destination=BO, data=b"", value=0, nonce=0)
        else:
            with pytest.raises(expected):
                intent_add(
                    journal, purpose="claim", agreement=ONE, destination=BO, data=b"", value=0, nonce=1
                )
    assert intent_in_flight(journal).purpose == "deliver"


def test_a_plate_is_taken_from_the_intent_to_the_clearing(journal) -> None:
    won(journal)
    attempt = attempt_intend(journal, ONE, 0, "p1", ".gcode")
    assert plate_taken(journal, "p1").id == attempt.id
    assert plate_clear(journal, "p1") == 0
    attempt_started(journal, attempt.id)
    assert plate_clear(journal, "p1") == 0
    attempt_ended(journal, attempt.id, AttemptStatus.FINISHED)
    assert plate_taken(journal, "p1") is not None
    assert plate_clear(journal, "p1") == 1
    assert plate_taken(journal, "p1") is None


def test_an_attempt_that_never_began_leaves_the_plate_clear(journal) -> None:
    won(journal)
    first = attempt_intend(journal, ONE, 0, "p1", ".gcode")
    attempt_ended(journal, first.id, AttemptStatus.DROPPED, "refused")
    assert plate_taken(journal, "p1") is None
    second = attempt_intend(journal, ONE, 0, "p1", ".gcode")
    assert (second.number, len({first.id, second.id, first.remote_name, second.remote_name})) == (1, 4)
    assert [attempt.status for attempt in attempts_of(journal, ONE, 0)] == ["DROPPED", "INTENDED"]


WRITER = """
import sys
from pathlib import Path
from protocol.statuses import MakingStatus
from protocol.units import Digest
from provider_agent.journal.facts import cursor_set
from provider_agent.journal.makings import making_add, making_advance
from provider_agent.journal.store import journal_open
from tests.provider_agent.bids import bid_journal

journal = journal_open(Path(sys.argv[1]))
number = 0
while True:
    number += 1
    agreement = Digest(number.to_bytes(32))
    with journal.atomic():
        bid_journal(journal, agreement, signature=bytes(65))
        making_add(journal, agreement=agreement, units=1, block=number, transaction="0x")
        cursor_set(journal, number)
    for status in (MakingStatus.FETCHED, MakingStatus.SLICED):
        making_advance(journal, agreement, status)
    print(number, flush=True)
"""


@pytest.mark.parametrize("after", [1, 7, 23])
def test_killed_while_writing_it_keeps_all_that_was_said_to_be_written(tmp_path: Path, after: int) -> None:
    path = tmp_path / "journal.sqlite3"
    child = subprocess.Popen([sys.executable, "-c", WRITER, path], stdout=subprocess.PIPE, text=True)
    said = 0
    while said < after:
        said = int(child.stdout.readline())
    os.kill(child.pid, signal.SIGKILL)
    said = max([said, *(int(line) for line in child.stdout.read().split())])
    child.wait()
    child.stdout.close()
    journal = eventually(lambda: journal_open(path))
    found = makings(journal)
    assert said <= len(found) <= said + 1
    assert cursor(journal) == len(found)
    assert all(making.status is MakingStatus.SLICED for making in found[:said])
    assert journal.row("PRAGMA integrity_check")[0] == "ok"
    journal.close()
