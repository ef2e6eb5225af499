"""Several copies on one plate, through the whole product: one print, killed in its middle, and a clean audit."""

from __future__ import annotations

import pytest

from demo.parts import SPACER
from tests.end_to_end.job import Market
from tests.processes import eventually

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack"), pytest.mark.timeout(400)]

PROVIDER = "bo"
COPIES = 4


def test_a_plate_of_several_copies_is_printed_once_and_adds_up(market: Market, tmp_path) -> None:
    design = market.ada.upload(SPACER.model)["id"]
    eventually(lambda: market.ada.get(f"designs/{design}")["status"] == "MEASURED", seconds=60)
    parts = [{"design": design, "material": "PLA", "colour": "black", "copies": COPIES}]
    agreement = market.award(market.bid_of(market.post(parts=parts), PROVIDER))
    eventually(lambda: agreement.prints(PROVIDER), seconds=120)
    market.stack.children.kill(f"agent-{PROVIDER}")
    agreement.reaches("DELIVERED", seconds=200)
    agreement.release()
    verdict = agreement.audit(agreement.bundle(tmp_path / "bundle.zip"), SPACER.model)
    assert verdict.code == 0, verdict.output
    assert [entry["outcome"] for entry in agreement.prints(PROVIDER)] == ["FINISHED"]
    kinds = [signed["record"]["kind"] for signed in agreement.evidence()]
    assert kinds.count("sliced") == kinds.count("print started") == kinds.count("print finished") == 1, kinds
    finished = agreement.evidence()[kinds.index("print finished")]["payload"]
    assert [item["copies"] for item in finished["items"]] == [list(range(COPIES))]
