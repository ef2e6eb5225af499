"""What an arbiter reads: the disputes that name them, the evidence of both sides, and a way to rule."""

from __future__ import annotations

import re

import pytest

from contracts import calls
from marketplace.escrow.models import Agreement
from protocol.evidence import Kind, head_of
from protocol.typed import infill_domain
from protocol.units import digest_of
from tests.evidence.conftest import SALT, Pen

FEE = 10**15


@pytest.fixture
def awarded(deal, ada, bo, eve, settings) -> Agreement:
    settings.ARBITERS = [eve.address]
    deal.anvil.fund(eve)
    return deal.award(deal.bid(bo, arbiter=eve.address, dispute_fee=FEE))


@pytest.fixture
def tells(deal, awarded):
    """Somebody's evidence for the agreement; the head of their log after it."""
    pens = {}

    def tell(account, kind: Kind, **payload):
        domain = infill_domain(deal.anvil.chain_id, deal.escrow)
        pen = pens.setdefault(account.address, Pen(account, domain, agreement=awarded.pk))
        signed = pen.write({"salt": SALT, **payload}, kind=kind.value)
        answer = deal.asks(account, f"agreements/{awarded.pk}/evidence", signed.to_json())
        assert answer.status_code == 201, answer.json()
        return head_of(signed, domain)

    return tell


def dispute(deal, awarded, ada, bo, heads) -> None:
    bid = awarded.bid_terms
    deal.sends(bo, calls.Deliver(bid, heads[0]))
    deal.sends(ada, calls.Dispute(bid, heads[1], False), FEE)


def test_before_a_dispute_the_arbiter_finds_nothing(deal, browse, awarded, eve):
    assert "None." in browse(eve).get("/disputes").text
    for path in ("", "/card"):
        browse(eve).get(f"/agreements/{awarded.pk}{path}", 404)


def test_a_stranger_finds_no_dispute(deal, browse, awarded, ada, bo, charlie):
    dispute(deal, awarded, ada, bo, [digest_of("0x" + "11" * 32)] * 2)
    assert awarded.pk[:8] not in browse(charlie).get("/disputes").text
    for path in ("", "/card"):
        browse(charlie).get(f"/agreements/{awarded.pk}{path}", 404)


def test_the_arbiter_reads_both_sides_and_can_rule(deal, browse, awarded, tells, ada, bo, eve):
    heads = [
        tells(bo, Kind.PRINT_FINISHED, layers=95),
        tells(ada, Kind.DISPUTED, note="<b>warped</b>"),
    ]
    tells(bo, Kind.PRINT_FAILED, reason="said later")
    dispute(deal, awarded, ada, bo, heads)
    assert "(1)" in browse(eve).get("/account").text
    assert awarded.pk[:8] in browse(eve).get("/disputes").text
    page = browse(eve).get(f"/agreements/{awarded.pk}")
    html = browse(eve).client.get(f"/agreements/{awarded.pk}").content.decode()
    for text in (
        "Provider 0: Print finished: 95 layers",
        "head of the delivery",
        "head of the dispute",
        "said later",
        "<b>warped</b>",
        "From 0 to the price, 0.02 ETH.",
        "From 0 to the bond, 0.001 ETH.",
    ):
        assert text in page.text, text
    assert "<b>warped" not in html
    assert re.findall(r'data-wallet="([a-z-]+)"', html) == ["rule"]
    assert "Download the bundle" not in page.text
    assert "Designs are secret" not in page.text


def test_a_head_on_chain_that_nobody_sent_is_named(deal, browse, awarded, tells, ada, bo, eve):
    unknown = "0x" + "77" * 32
    dispute(deal, awarded, ada, bo, [digest_of(unknown), tells(ada, Kind.DISPUTED)])
    text = browse(eve).get(f"/agreements/{awarded.pk}").text
    assert f"The delivery names the head {unknown}, which is no record received here." in text


def test_after_the_ruling_it_stays_readable_and_offers_nothing(deal, browse, awarded, ada, bo, eve):
    dispute(deal, awarded, ada, bo, [digest_of("0x" + "11" * 32)] * 2)
    deal.takes(eve, f"agreements/{awarded.pk}/rule", {"cumulative": "7", "bond_back": "0"})
    page = browse(eve).get(f"/agreements/{awarded.pk}/card")
    assert "divided by the arbiter" in page.text
    assert "data-wallet" not in browse(eve).client.get(f"/agreements/{awarded.pk}").content.decode()
    assert "divided by the arbiter" in browse(eve).get("/disputes").text
    assert "(1)" not in browse(eve).get("/account").text
