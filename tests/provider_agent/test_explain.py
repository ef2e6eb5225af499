"""How a price came about, for people: of a bid as it was made, of an open job as it would be."""

from __future__ import annotations

import json
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from protocol.statuses import BidStatus
from protocol.units import Digest, Wei
from provider_agent.bidding import Decline, Verdict, weigh
from provider_agent.cli import main
from provider_agent.estimating import estimate
from provider_agent.explaining import verdict_json, verdict_print
from provider_agent.journal.bids import bid_add, bid_end, bids_for
from provider_agent.journal.store import journal_open
from tests.provider_agent.bids import bid
from tests.provider_agent.samples import MARKET, PLA, POLICY, SALT, config_toml, job, offer, spec

NOW = 1_800_000_000
ONE, TWO = Digest(bytes([1]) * 32), Digest(bytes([2]) * 32)
JOB = job(spec(deadline=NOW + 10 * 86_400))


def verdict(found=JOB, **changes) -> Verdict:
    small = replace(PLA, bed_um=(5_000, 5_000, 5_000))
    printers = [offer("p1", now=NOW), offer("p2", now=NOW), offer("tiny", small, now=NOW)]
    return weigh(found, printers, replace(POLICY, **changes), MARKET, estimate=estimate, now=NOW)


def shown(found: Verdict) -> str:
    console = Console(file=StringIO(), width=140)
    verdict_print(verdict_json(JOB, found, now=NOW), console)
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_a_refusal_of_all_printers_is_said_once() -> None:
    text = shown(verdict(job(spec(deadline=NOW - 5))))
    assert text.count("The deadline is too soon") == 2
    assert text.endswith("No bid.\n")
    assert shown(Verdict(Decline("Told to all.", detail="for the owner"))).endswith(
        "No bid: Told to all. (for the owner)\n"
    )


def test_every_printer_has_its_lines_or_its_reason() -> None:
    text = shown(verdict(designer_bps={JOB.spec.designer: -500}))
    assert "p1 bids: " in text
    assert "p2 could: " in text
    assert "tiny: no bid. The part needs 10 x 10 x 4 mm, the printer has room for 5 x 5 x 5 mm." in text
    assert text.count("machine") == text.count("set-up") == 2
    assert f"-5 %: for {JOB.spec.designer}" in text


def test_the_lines_shown_sum_to_the_price_shown() -> None:
    found = verdict_json(JOB, verdict(load_bps=100), now=NOW)
    breakdown = found["terms"]["breakdown"]
    assert sum(int(line["wei"]) for line in breakdown["lines"]) == int(breakdown["price_wei"])
    assert json.loads(json.dumps(found)) == found


class TestCommand:
    @pytest.fixture
    def home(self, tmp_path: Path) -> Path:
        """An agent that bid twice for one job: the newer bid was dearer."""
        (tmp_path / "agent.toml").write_text(config_toml())
        journal = journal_open(tmp_path / "journal.sqlite3")
        for agreement, moment, least in ((ONE, NOW, 10**16), (TWO, NOW + 5, 3 * 10**16)):
            kept = verdict_json(JOB, verdict(minimum_wei=Wei(least)), now=moment)
            bid_add(
                journal,
                agreement=agreement,
                job=JOB.id,
                serial="p1",
                bid=bid(),
                spec=JOB.spec,
                salt=SALT,
                now=moment,
                verdict=kept,
            )
            bid_end(journal, agreement, BidStatus.EXPIRED, "nobody awarded it in time")
        journal.close()
        return tmp_path

    def run(self, home: Path, *arguments: str) -> Result:
        return CliRunner().invoke(main, ["--home", str(home), "explain", *arguments], terminal_width=140)

    def test_an_unknown_job_needs_the_agents_key_to_ask_for_it(self, home) -> None:
        result = self.run(home, "job-9")
        assert result.exit_code == 1
        assert "Traceback" not in result.output

    def test_a_bid_is_explained_as_it_was_made_whatever_the_policy_says_now(self, home) -> None:
        (home / "agent.toml").write_text(config_toml(minimum=Wei(1)))
        found = json.loads(self.run(home, JOB.id, "--json").output)
        assert int(found["terms"]["breakdown"]["price_wei"]) == 3 * 10**16
        text = self.run(home, JOB.id).output
        assert "a job costs at least this" in text
        assert "EXPIRED, nobody awarded it in time" in text

    def test_a_bid_of_before_verdicts_were_kept_has_none(self, home) -> None:
        journal = journal_open(home / "journal.sqlite3")
        journal.write("UPDATE bids SET verdict = ''")
        assert [row.verdict for row in bids_for(journal, JOB.id)] == [None, None]
        journal.close()
        assert self.run(home, JOB.id).exit_code == 1
