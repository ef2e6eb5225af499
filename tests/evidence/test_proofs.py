"""Who gets which proof, and what it says before and after the anchor."""

from __future__ import annotations

import pytest

from protocol.merkle import AnchorLeaf, proof_check
from protocol.typed import infill_domain
from protocol.units import digest_of, hex_of
from tests.evidence.conftest import Pen
from tests.evidence.test_anchoring import anchored, market
from tests.factories.operator import operated, operator

__all__ = ["market", "operated", "operator"]


@pytest.fixture
def awarded(market, ada, bo, charlie):
    """Ada awarded Bo's bid, Charlie lost, and Bo recorded something."""
    winner, loser = market.bid(bo), market.bid(charlie)
    market.award(winner)
    pen = Pen(bo, infill_domain(market.anvil.chain_id, market.escrow), agreement=winner.pk)
    signed = pen.write(observed_at=market.anvil.now())
    assert market.asks(bo, f"agreements/{winner.pk}/evidence", signed.to_json()).status_code == 201
    return winner, loser, hex_of(signed.record.digest(pen.domain))


def test_strangers_and_losers_get_no_proof_of_anothers(market, awarded, charlie, dee):
    winner, loser, _ = awarded
    for stranger in (charlie, dee):
        assert market.reads(stranger, f"agreements/{winner.pk}/proofs").status_code == 404
        assert market.reads(stranger, f"bids/{winner.pk}/receipt/proof").status_code == 404
    assert market.reads(dee, f"bids/{loser.pk}/receipt/proof").status_code == 404
    assert market.reads(dee, f"jobs/{market.job.pk}/books/1/proof").status_code == 404
    assert market.reads(dee, f"printers/{'0x' + '00' * 32}/proof").status_code == 404


def test_what_is_not_anchored_yet_says_so(market, awarded, bo):
    winner, _, record = awarded
    found = {one["record"]: one for one in market.reads(bo, f"agreements/{winner.pk}/proofs").json()}
    assert (found[record]["status"], found[record]["proof"], found[record]["anchored_at"]) == (
        "PENDING",
        None,
        None,
    )


def test_both_parties_get_every_proof_of_their_agreement(market, awarded, ada, bo, operated):
    winner, _, record = awarded
    assert anchored(market) == ["FINAL"]
    proofs = market.reads(ada, f"agreements/{winner.pk}/proofs").json()
    assert proofs == market.reads(bo, f"agreements/{winner.pk}/proofs").json()
    kinds = [proof["leaf"]["kind"] for proof in proofs]
    assert kinds == ["receipt", "bid book", "printer profile", "print started"]
    assert proofs[-1]["record"] == record
    for proof in proofs:
        leaf = AnchorLeaf.from_json(proof["leaf"])
        proof_check(leaf, [digest_of(node) for node in proof["proof"]], digest_of(proof["root"]))
        assert (proof["publisher"], proof["status"]) == (operated.address, "FINAL")
        assert proof["delay_seconds"] is not None


def test_a_loser_gets_the_proof_of_its_receipt_and_of_the_book(market, awarded, ada, charlie):
    _, loser, _ = awarded
    assert anchored(market) == ["FINAL"]
    for path in (f"bids/{loser.pk}/receipt/proof", f"jobs/{market.job.pk}/books/1/proof"):
        proof = market.reads(charlie, path).json()
        assert proof["status"] == "FINAL"
        assert proof == market.reads(ada, path).json()
    printer = market.reads(charlie, f"printers/{market.printer(charlie).digest}/proof").json()
    assert printer["leaf"]["kind"] == "printer profile"


def test_everybody_sees_the_line_of_anchors_and_its_delays(market, awarded):
    assert market.reads(None, "anchors").json() == []
    anchored(market)
    (batch,) = market.reads(None, "anchors").json()
    assert (batch["number"], batch["status"], batch["count"], batch["gap"]) == (1, "FINAL", 6, None)
    assert batch["previous_root"] == "0x" + "00" * 32
    assert batch["delay_seconds"] is not None
    assert batch["transaction"].startswith("0x")
