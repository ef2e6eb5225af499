"""The winning agent is killed with kill -9 at each of its making statuses: same money, one print, one evidence log."""

from __future__ import annotations

import time

import pytest

from protocol.statuses import MakingStatus
from tests.end_to_end.job import Agreement, JournalEye, Market
from tests.processes import eventually

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack")]

PROVIDER = "fern"
STATUSES = [status for status in MakingStatus if status not in (MakingStatus.PAID, MakingStatus.FAILED)]
TRIES = 4
WATCH_SECONDS = 120


@pytest.mark.parametrize("status", STATUSES, ids=lambda status: status.value)
@pytest.mark.timeout(600)
def test_a_kill_changes_neither_money_nor_print_nor_evidence(market: Market, tmp_path, status):
    agreement = _killed_at(market, status)
    agreement.reaches("DELIVERED")
    before = market.stack.node.balance(agreement.bid["provider"])
    agreement.release()
    _paid_exactly_once(agreement, before)
    _printed_exactly_once(agreement)
    _one_evidence_log(agreement)
    verdict = agreement.audit(agreement.bundle(tmp_path / "bundle.zip"))
    assert verdict.code == 0, verdict.output


def _killed_at(market: Market, status: MakingStatus) -> Agreement:
    """Award jobs until the kill came while the journal stood at this very status."""
    eye = JournalEye(market.stack.place.agent_home(PROVIDER))
    for _ in range(TRIES):
        agreement = market.award(market.bid_of(market.post(), PROVIDER))
        deadline = time.monotonic() + WATCH_SECONDS
        while (now := eye.status(agreement.id)) != status and time.monotonic() < deadline:
            if now is not None and list(MakingStatus).index(now) > list(MakingStatus).index(status):
                break
        market.stack.children.kill(f"agent-{PROVIDER}")
        if eye.status(agreement.id) == status:
            return agreement
        agreement.reaches("DELIVERED")
        agreement.release()
    raise AssertionError(f"in {TRIES} jobs no kill came at {status}")


def _paid_exactly_once(agreement: Agreement, before: int) -> None:
    price = int(agreement.bid["price"])
    fee = price * agreement.market.network["fee_bps"] // 10_000
    after = agreement.market.stack.node.balance(agreement.bid["provider"])
    assert after - before == price - fee
    eventually(lambda: agreement.agent_status(PROVIDER)["status"] == "PAID", seconds=60, every=0.5)


def _printed_exactly_once(agreement: Agreement) -> None:
    prints = agreement.prints(PROVIDER)
    assert [entry["outcome"] for entry in prints] == ["FINISHED"], prints


def _one_evidence_log(agreement: Agreement) -> None:
    records = [signed["record"] for signed in agreement.evidence()]
    assert [int(record["seq"]) for record in records] == list(range(len(records)))
    kinds = [record["kind"] for record in records]
    assert kinds.count("print started") == kinds.count("print finished") == kinds.count("sliced") == 1, kinds
