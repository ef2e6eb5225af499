"""Parts of the running product die while a job is printing; the job ends as if they had not."""

from __future__ import annotations

import pytest

from tests.end_to_end.job import Agreement, Market
from tests.processes import eventually

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack"), pytest.mark.timeout(400)]

PROVIDER = "bo"


def _printing(market: Market) -> Agreement:
    agreement = market.award(market.bid_of(market.post(), PROVIDER))
    eventually(lambda: market.printer(PROVIDER)["status"] == "PRINTING", seconds=60)
    return agreement


def _ends_well(agreement: Agreement, tmp_path) -> None:
    agreement.reaches("DELIVERED")
    agreement.release()
    verdict = agreement.audit(agreement.bundle(tmp_path / "bundle.zip"))
    assert verdict.code == 0, verdict.output


def test_the_whole_site_dies(market, tmp_path):
    agreement = _printing(market)
    for child in ("web", "worker", "beat", "follower", "valkey"):
        market.stack.children.kill(child)
    eventually(lambda: market.ada.get("healthz")["redis"], seconds=60)
    _ends_well(agreement, tmp_path)
    assert [entry["outcome"] for entry in agreement.prints(PROVIDER)] == ["FINISHED"]


def test_the_node_dies(market, tmp_path):
    agreement = _printing(market)
    market.stack.children.kill("anvil")
    _ends_well(agreement, tmp_path)
    assert [entry["outcome"] for entry in agreement.prints(PROVIDER)] == ["FINISHED"]


def test_the_printer_loses_power(market, tmp_path):
    agreement = _printing(market)
    market.stack.children.kill("printers")
    _ends_well(agreement, tmp_path)
    outcomes = [entry["outcome"] for entry in agreement.prints(PROVIDER)]
    assert len(outcomes) == 2
    assert outcomes.count("FINISHED") == 1
    kinds = [signed["record"]["kind"] for signed in agreement.evidence()]
    assert kinds.count("print failed") == kinds.count("print finished") == 1
