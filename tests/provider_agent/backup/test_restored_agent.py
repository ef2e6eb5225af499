"""An agent restored from an old backup, as a process: it signs nothing twice, prints nothing twice, and is paid."""

from __future__ import annotations

import json
import os
import shutil
import signal
from functools import partial

import pytest
from eth_account import Account

from protocol.statuses import MakingStatus
from protocol.units import hex_of
from provider_agent.journal.bids import bids_open
from provider_agent.journal.restored import is_behind
from provider_agent.journal.store import journal_read
from tests.processes import eventually
from tests.provider_agent.bench import Bench, open_job, reached
from tests.provider_agent.test_agent import ENDED, check_evidence


def lost(bench: Bench, saved: str) -> None:
    """The machine is gone; another has but the backup."""
    shutil.rmtree(bench.home)
    bench.agent("restore", saved)


def behind(bench: Bench) -> bool:
    journal = journal_read(bench.home / "journal.sqlite3")
    found = is_behind(journal)
    journal.close()
    return found


@pytest.fixture
def saved(bench: Bench) -> str:
    """A backup of before the first bid; the key's password is tried fast."""
    keystore = Account.encrypt(bench.bo.key, "correct horse", kdf="scrypt", iterations=2)
    (bench.home / "keystore.json").write_text(json.dumps(keystore))
    bench.agent("register")
    file = str(bench.home.parent / "saved")
    bench.agent("backup", file)
    return file


def test_it_does_not_run_while_nobody_tells_what_it_signed(bench: Bench, saved: str) -> None:
    lost(bench, saved)
    bench.market.refusals["/agreements"] = (503, {})
    answer = bench.agent("run", check=False)
    assert answer.returncode == 1
    assert "answers 503" in answer.stderr
    assert behind(bench)


def test_it_does_not_run_beside_another_log_of_its_own(bench: Bench, saved: str) -> None:
    open_job(bench)
    with bench.start():
        sent = eventually(lambda: bench.market.bids)[0]
        agreement = bench.award(sent)
        records = eventually(lambda: bench.market.evidence.get(agreement))
    records[0]["payload"]["units"] = 7
    lost(bench, saved)
    answer = bench.agent("run", check=False)
    assert answer.returncode == 1
    assert "evidence that is not ours" in answer.stderr
    assert behind(bench)


def test_it_does_not_run_before_a_person_has_looked_at_the_plates(bench: Bench, saved: str) -> None:
    lost(bench, saved)
    settings = bench.home / "agent.toml"
    settings.write_text(
        settings.read_text().replace('driver = "virtual"', 'driver = "virtual"\nauto_clear = false')
    )
    answer = bench.agent("run", check=False)
    assert answer.returncode == 1
    assert "`infill-agent clear p1`" in answer.stderr
    bench.agent("clear", "p1")
    with bench.start():
        eventually(lambda: not behind(bench))


def test_a_bid_since_the_backup_is_known_again_and_no_second_one_is_made(bench: Bench, saved: str) -> None:
    open_job(bench)
    with bench.start():
        sent = eventually(lambda: bench.market.bids)[0]
    sent["id"] = "any"
    lost(bench, saved)
    with bench.start():
        eventually(lambda: not behind(bench))
        journal = journal_read(bench.home / "journal.sqlite3")
        (row,) = bids_open(journal)
        journal.close()
        assert (hex_of(row.signature or b""), row.sent) == (sent["signature"], True)
        agreement = bench.award(sent)
        assert hex_of(row.agreement) == agreement
        eventually(bench.making)
    assert len(bench.market.bids) == 1


def test_no_bid_while_one_that_nobody_tells_of_may_be_awarded(bench: Bench, saved: str) -> None:
    open_job(bench)
    with bench.start():
        sent = eventually(lambda: bench.market.bids)[0]
    lost(bench, saved)  # and the marketplace tells nobody of the bid: it has no id
    before = len(bench.market.requests)
    with bench.start():
        eventually(lambda: not behind(bench))
        # Once to catch up, once to look for what to bid for.
        eventually(lambda: bench.market.requests[before:].count("GET /api/v1/jobs") > 1)
        agreement = bench.award(sent)
        eventually(bench.making)
    assert len(bench.market.bids) == 1
    assert bench.status()["makings"][0]["agreement"] == agreement


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    "status",
    [MakingStatus.WON, MakingStatus.PRINTING, MakingStatus.CLEARED, MakingStatus.PAID],
)
def test_lost_at_any_status_it_prints_once_and_is_paid(
    bench: Bench, saved: str, status: MakingStatus
) -> None:
    open_job(bench)
    with bench.start() as agent:
        sent = eventually(lambda: bench.market.bids)[0]
        agreement = bench.award(sent)
        eventually(bench.making)
        if status is not MakingStatus.WON:
            bench.grant(agreement)
        if status is MakingStatus.PAID:
            eventually(partial(reached, bench, MakingStatus.DELIVERED), 60, 0.02)
            bench.release(sent)
        eventually(partial(reached, bench, status), 60, 0.002)
        os.kill(agent.pid, signal.SIGKILL)
        agent.wait()
    lost(bench, saved)
    bench.grant(agreement)
    with bench.start():
        eventually(bench.making, 60)
        eventually(partial(reached, bench, MakingStatus.DELIVERED), 60, 0.02)
        if status is not MakingStatus.PAID:
            bench.release(sent)
        eventually(lambda: bench.making() in ENDED, 60)
        eventually(lambda: bench.status()["makings"][0]["evidence_unsent"] == 0)
    assert bench.making() is MakingStatus.PAID
    assert len(bench.prints()) == 1
    kinds = check_evidence(bench, agreement)
    assert kinds.count("print finished") == 1
    assert len(bench.market.bids) == 1
