"""What a party reads of an agreement that took another way than the plain one."""

import pytest

from contracts import calls
from protocol.units import digest_of

HEAD = digest_of("0x" + "11" * 32)


@pytest.fixture
def bid(deal, bo):
    bid = deal.bid(bo)
    deal.award(bid)
    return bid


def test_given_up(deal, browse, bid, ada, bo):
    deal.sends(bo, calls.GiveUp(bid.terms))
    path = f"/jobs/{deal.job.pk}"
    for person, words in ((ada, "The provider gave up"), (bo, "You gave up")):
        text = browse(person).get(path).text
        for expected in (words, "since the provider gave up", "Refund the designer"):
            assert expected in text
        assert "Deliver by" not in text


def test_disputed_and_then_divided_as_signed(deal, browse, bid, ada, bo, charlie):
    deal.sends(bo, calls.Deliver(bid.terms, HEAD))
    deal.sends(ada, calls.Dispute(bid.terms, HEAD, False))
    path = f"/jobs/{deal.job.pk}"
    text = browse(ada).get(path).text
    for expected in (
        "Disputed",
        "In dispute",
        "Delivery contested",
        "Ruling until",
        "if the arbiter stays silent",
    ):
        assert expected in text
    deal.anvil.advance(bid.terms.arbiter_time + 1)
    deal.sends(charlie, calls.Expire(bid.terms))
    text = browse(bo).get(path).text
    assert "ended without a ruling" in text
    assert "Ruling until" not in text


def test_a_stranger_waits_where_a_standby_has_its_turn(deal, browse, bo, ada):
    bid = deal.bid(bo)
    offer = (bid.terms, bytes.fromhex(bid.signature[2:]), bid.signer, 2)
    award = calls.Award(*offer, digest_of("0x" + "5b" * 32), digest_of("0x" + "00" * 32), False)
    deal.sends(ada, award, 2 * int(bid.unit_price))
    deal.sends(bo, calls.GiveUp(bid.terms))
    path = f"/jobs/{deal.job.pk}"
    assert "Refund the designer" in browse(ada).get(path).text
    assert "Refund the designer" not in browse(bo).get(path).text
