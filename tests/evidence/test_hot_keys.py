"""The hot key that signed the bid signs the provider's evidence, while it may."""

from __future__ import annotations

import pytest

from contracts import calls
from marketplace.escrow.models import Agreement
from marketplace.escrow.selectors import infill_domain_here
from marketplace.evidence.models import Record
from marketplace.evidence.services import evidence_append
from protocol.errors import SignatureInvalid
from protocol.units import ZERO_ADDRESS, address_of
from tests.bidding.chained import KEY, set_key
from tests.evidence.conftest import Pen


@pytest.fixture
def won(deal, bo) -> Agreement:
    """An agreement whose bid Bo's hot key signed."""
    set_key(deal, bo)
    bid = deal.bid(bo, key=KEY)
    deal.award(bid)
    return Agreement.objects.get(pk=bid.pk)


def sent(won: Agreement, actor, key) -> None:
    pen = Pen(actor, infill_domain_here(), agreement=won.pk)
    signed = pen.sign(pen.record(), by=key)
    evidence_append(agreement=won, person=actor.address, signed=signed)


def test_a_strangers_key_signs_nobodys_evidence(won, bo, charlie):
    with pytest.raises(SignatureInvalid):
        sent(won, bo, charlie)


def test_it_does_not_sign_for_the_designer(won, ada):
    with pytest.raises(SignatureInvalid):
        sent(won, ada, KEY)


def test_a_key_that_was_revoked_signs_no_more(won, deal, bo):
    deal.sends(bo, calls.SetAgent(ZERO_ADDRESS, address_of(KEY.address), 0, 0))
    with pytest.raises(SignatureInvalid):
        sent(won, bo, KEY)


def test_the_key_that_signed_the_bid_signs_evidence(won, bo):
    sent(won, bo, KEY)
    assert Record.objects.get().actor == bo.address


def test_a_live_hot_key_that_did_not_sign_the_bid_signs_no_evidence(deal, bo):
    set_key(deal, bo)
    bid = deal.bid(bo)
    deal.award(bid)
    with pytest.raises(SignatureInvalid):
        sent(Agreement.objects.get(pk=bid.pk), bo, KEY)
