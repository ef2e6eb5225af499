"""A provider's machine is lost in the middle of a print: restored from a backup of before the bid, on the real site."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from protocol.statuses import MakingStatus
from provider_agent.journal.restored import RESTORED
from provider_agent.journal.store import journal_open
from tests.end_to_end.job import JournalEye, Market
from tests.processes import eventually

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack")]

PROVIDER = "bo"


def infill(home: Path, password: Path, *words: str) -> None:
    command = [str(Path(sys.executable).with_name("infill-agent")), "--home", str(home), *words]
    env = {**os.environ, "INFILL_AGENT_PASSWORD_FILE": str(password)}
    subprocess.run(command, env=env, check=True, capture_output=True, timeout=120)


@pytest.mark.timeout(600)
def test_a_restored_agent_ends_what_the_lost_one_began(market: Market, tmp_path: Path) -> None:
    home = market.stack.place.agent_home(PROVIDER)
    password, saved, fresh = tmp_path / "password", tmp_path / "saved", tmp_path / "fresh"
    shutil.copy(home / "password", password)
    infill(home, password, "backup", str(saved))
    infill(fresh, password, "restore", str(saved))
    shutil.copy(password, fresh / "password")
    agreement = market.award(market.bid_of(market.post(), PROVIDER))
    eye = JournalEye(home)
    eventually(lambda: eye.status(agreement.id) == MakingStatus.PRINTING, seconds=120)
    eventually(lambda: "print started" in [one["record"]["kind"] for one in agreement.evidence()], seconds=60)
    _replace(market, home, tmp_path / "lost", fresh)
    agreement.reaches("DELIVERED", seconds=300)
    agreement.release()
    eventually(lambda: agreement.agent_status(PROVIDER)["status"] == "PAID", seconds=60, every=0.5)
    assert [entry["outcome"] for entry in agreement.prints(PROVIDER)] == ["FINISHED"]
    _bid_again(home)
    verdict = agreement.audit(agreement.bundle(tmp_path / "bundle.zip"))
    assert verdict.code == 0, verdict.output


def _bid_again(home: Path) -> None:
    """Other tests need bids of this agent, which makes none for half an hour: nothing is lost here that could
    still be awarded."""
    journal = journal_open(home / "journal.sqlite3")
    journal.write("DELETE FROM facts WHERE name = ?", RESTORED)
    journal.close()


def _replace(market: Market, home: Path, lost: Path, fresh: Path) -> None:
    """The agent stands still, then is gone with its home; what comes up again finds the restored one."""
    name = f"agent-{PROVIDER}"
    os.killpg(market.stack.children.pid(name), signal.SIGSTOP)
    home.rename(lost)
    fresh.rename(home)
    market.stack.children.kill(name)
