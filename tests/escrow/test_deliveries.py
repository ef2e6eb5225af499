"""Files for the winner: encrypted to a key that only who signed the bid can name."""

from __future__ import annotations

import pyrage
import pytest
from pyrage.x25519 import Identity

from contracts import calls
from marketplace.accounts.models import Person
from marketplace.accounts.services import token_create
from marketplace.activity.selectors import activity_of
from marketplace.designs.access import looks_at, requests_for_originals
from marketplace.designs.models import Delivery, StoredFile
from marketplace.designs.rules import DesignInUse
from marketplace.designs.services import design_delete
from marketplace.jobs.services import job_withdraw
from protocol.units import ZERO_ADDRESS, address_of
from tests.factories.deal import MODEL, Deal

ME, THIEF = Identity.generate(), Identity.generate()
MINE, THIEVES = str(ME.to_public()), str(THIEF.to_public())


def refused(answer, status, code):
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.json()
    return answer.json()["detail"]


def fetched(deal: Deal, who, answer) -> bytes:
    (delivered,) = answer.json()
    return b"".join(deal.reads(who, delivered["url"].partition("/api/v1/")[2]))


@pytest.fixture
def won(deal, bo):
    """Bo's bid, awarded, final, past grace."""
    bid = deal.bid(bo)
    deal.award(bid)
    deal.end_grace()
    return bid


@pytest.fixture
def key(deal, bo, eve):
    """Bo's hot key, set on chain."""
    deal.anvil.fund(eve)
    deal.sends(
        bo, calls.SetAgent(ZERO_ADDRESS, address_of(eve.address), deal.anvil.now() + 9 * 86_400, 10**18)
    )
    return eve


@pytest.mark.parametrize("change", ["key", "about"])
def test_a_stolen_token_alone_yields_nothing(deal, won, bo, charlie, change):
    """Who has Bo's token and not Bo's key can neither sign for a key of its own nor use another statement of Bo's."""
    changed = {"key": charlie} if change == "key" else {"about": "0x" + "77" * 32}
    refused(deal.names(bo, won.pk, THIEVES, **changed), 403, "recipient-refused")
    assert not Delivery.objects.exists()
    (told,) = requests_for_originals(deal.job.parts.get().design)
    assert (told.kind, told.actor) == ("design.fetch_refused", bo.address)
    assert "did not sign this agreement's bid" in told.data["told"]


def test_a_statement_for_one_agreement_is_none_for_another(deal, bo):
    """Replayed between two that Bo really has."""
    won, other = deal.bid(bo), deal.bid(bo)
    for bid in (won, other):
        deal.award(bid, units=1)
    deal.end_grace()
    assert deal.names(bo, won.pk, MINE).status_code == 200
    detail = refused(deal.names(bo, other.pk, MINE, about=won.pk), 403, "recipient-refused")
    assert "did not sign this agreement's bid" in detail


def test_a_changed_recipient_or_no_signature_is_refused(deal, won, bo):
    body = {"recipient": THIEVES, "signature": "0x" + "11" * 65}
    refused(deal.asks(bo, f"agreements/{won.pk}/designs", body), 403, "recipient-refused")
    refused(deal.asks(bo, f"agreements/{won.pk}/designs", body | {"recipient": "bo"}), 400, "invalid")


def test_a_losing_bidder_the_designer_and_a_stranger_are_refused_everywhere(deal, bo, ada, charlie):
    lost, won = deal.bid(charlie), deal.bid(bo)
    deal.award(won)
    deal.end_grace()
    (delivered,) = deal.names(bo, won.pk, MINE).json()
    path = delivered["url"].partition("/api/v1/")[2]
    for other in (charlie, ada):
        refused(deal.reads(other, path), 403, "design-not-granted")
    for agreement in (won, lost):
        refused(deal.names(charlie, agreement.pk, THIEVES), 404, "not-found")
    refused(deal.names(ada, won.pk, THIEVES), 403, "design-not-granted")
    refused(deal.reads(charlie, f"designs/{delivered['design']}/file"), 403, "design-not-granted")
    assert deal.names(None, won.pk, MINE, key=bo).status_code == deal.reads(None, path).status_code == 401


def test_before_the_award_is_final_nobody_can_name_a_key(deal, bo):
    bid = deal.bid(bo)
    deal.award(bid)
    for _ in range(3):
        assert "not final" in refused(deal.names(bo, bid.pk, MINE), 403, "design-not-granted")
    assert refused(deal.reads(bo, f"agreements/{bid.pk}/designs"), 403, "design-not-granted")
    assert refused(deal.reads(deal.ada, f"agreements/{bid.pk}/designs"), 403, "design-not-granted")
    asked = looks_at(deal.job.parts.get().design).values_list("viewer", "what", "given", "count")
    assert list(asked) == [(bo.address, "original", False, 4)], "a row a day, as agents ask again and again"


def test_a_token_that_only_reads_names_no_key(deal, won, bo):
    _, text = token_create(person=Person.objects.get(pk=bo.address), name="r", scopes=["read"], days=1)
    api = deal.api(None)
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
    body = {"recipient": MINE, "signature": "0x" + "11" * 65}
    assert api.post(f"/api/v1/agreements/{won.pk}/designs", body, format="json").status_code == 403


def test_a_hot_key_that_signed_the_bid_names_a_key_until_it_is_revoked(deal, bo, key):
    bid = deal.bid(bo, key=key)
    deal.award(bid)
    deal.end_grace()
    assert pyrage.decrypt(fetched(deal, bo, deal.names(bo, bid.pk, MINE, key=key)), [ME]) == MODEL
    deal.sends(bo, calls.SetAgent(ZERO_ADDRESS, address_of(key.address), 0, 0))
    detail = refused(deal.names(bo, bid.pk, THIEVES, key=key), 403, "recipient-refused")
    assert "may not sign for the provider any more" in detail
    assert deal.names(bo, bid.pk, MINE, key=bo).status_code == 200, "the provider itself may"


def test_a_live_hot_key_that_did_not_sign_the_bid_names_none(deal, won, bo, key):
    refused(deal.names(bo, won.pk, THIEVES, key=key), 403, "recipient-refused")


def test_two_keys_get_two_files_and_each_opens_its_own(deal, won, bo):
    """An agent that lost its identity makes another."""
    mine, other = (fetched(deal, bo, deal.names(bo, won.pk, named)) for named in (MINE, THIEVES))
    assert pyrage.decrypt(mine, [ME]) == pyrage.decrypt(other, [THIEF]) == MODEL
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(mine, [THIEF])


def test_who_named_which_key_stays_on_record(deal, won, bo):
    deal.names(bo, won.pk, MINE)
    delivery = Delivery.objects.get()
    told = activity_of(f"design:{delivery.grant.design_id}").get(kind="design.delivered")
    assert (told.actor, told.data["recipient"], told.data["digest"]) == (bo.address, MINE, delivery.digest)
    assert len(delivery.statement) == 132


def test_a_design_under_a_live_agreement_is_not_deleted_and_what_it_printed_is_afterwards(deal, bo, ada):
    bid = deal.bid(bo)
    deal.award(bid, units=1)
    deal.end_grace()
    deal.names(bo, bid.pk, MINE)
    design = deal.job.parts.get().design_id
    deal.job.refresh_from_db()
    job_withdraw(designer=ada.address, job=deal.job.pk)
    with pytest.raises(DesignInUse, match=r"the agreement .* is AWARDED"):
        design_delete(owner=ada.address, design=design)
    deal.anvil.advance(2 * 86_400)
    deal.takes(ada, f"agreements/{bid.pk}/refund")
    design_delete(owner=ada.address, design=design)
    assert not StoredFile.objects.exists()
    refused(deal.names(bo, bid.pk, MINE), 403, "design-not-granted")
