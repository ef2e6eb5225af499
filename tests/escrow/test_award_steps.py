"""The ways to award a bid, and the steps about oneself: refused in words, then signed, sent and done."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contracts import calls
from contracts.calls import call_of
from contracts.views import Accounts, Agents, Mandates
from marketplace.bidding.models import Bid
from marketplace.chain.nodes import client
from marketplace.escrow.models import Agreement
from protocol.mandate import Mandate
from protocol.statuses import JobStatus
from protocol.terms import agreement_id
from protocol.typed import escrow_domain
from protocol.units import ZERO_ADDRESS, address_of, bytes_of, digest_of, hex_of
from tests.escrow.steps import DAY, HEAD, PRICE, Table, iso, table_of
from tests.factories.deal import BOND, UNIT_PRICE
from tests.factories.token import Token


@pytest.fixture
def table(deal, bo, charlie, eve, settings) -> Table:
    return table_of(deal, bo, charlie, eve, settings)


@pytest.fixture
def token(table) -> Token:
    return Token(table.deal.anvil)


@pytest.fixture
def priced(table, token) -> Bid:
    """Bo's bid in a token, as another marketplace would take it: this one deals in the chain's coin."""
    terms = replace(table.bid.terms, token=token.address, salt=7)
    token.give(table.bo, table.deal.escrow, BOND)
    data = hex_of(calls.Deposit(token.address, table.bo.address, BOND).data)
    assert table.deal.send(table.bo, {"to": table.deal.escrow, "data": data}) == 1
    digest = agreement_id(terms, escrow_domain(table.deal.anvil.chain_id, table.deal.escrow))
    row = Bid.objects.get(pk=table.bid.pk)
    row.pk, row.bid, row._state.adding = hex_of(digest), terms.to_json(), True
    row.signature = hex_of(table.bo.unsafe_sign_hash(digest).signature)
    row.save(force_insert=True)
    return row


def refused(answer, status: int, code: str) -> dict:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.json()
    return answer.json()


def given(answer) -> dict:
    assert answer.status_code == 200, answer.json()
    return answer.json()


# ------------------------------------------------------------------ award


@pytest.mark.parametrize("way", ["award", "award-with-permit", "award-for"])
def test_strangers_find_no_bid(table, dee, charlie, way):
    bodies = {"award-with-permit": {"deadline": 1, "signature": "0x"}, "award-for": table.consent()}
    for account in (dee, charlie):
        answer = table.deal.asks(account, f"bids/{table.bid.pk}/{way}", bodies.get(way))
        refused(answer, 404, "not-found")


def test_an_award_tells_what_it_binds(table):
    answer = given(table.deal.asks(table.ada, f"bids/{table.bid.pk}/award"))
    for text in (
        "0.02 ETH goes from your wallet into the escrow for 2 unit(s)",
        table.bo.address,
        "whose bond of 0.001 ETH is locked",
        "either side can cancel",
        "the designer then has 1 day to look",
    ):
        assert text in answer["summary"], answer["summary"]
    assert "may take over" not in answer["summary"]
    assert (answer["step"], answer["price"], answer["warnings"]) == ("award", str(PRICE), [])


def test_short_times_are_warned_of(table, deal, bo):
    bid = deal.bid(bo, arbiter=table.bid.terms.arbiter, review_time=3600, valid_until=deal.anvil.now() + 1800)
    [review, until] = given(deal.asks(table.ada, f"bids/{bid.pk}/award"))["warnings"]
    assert "only 1 h are left to look at it" in review
    assert "can be mined until" in until


def test_from_the_ledger(table, deal, ada):
    body = {"from_ledger": True}
    refused(deal.asks(ada, f"bids/{table.bid.pk}/award", body), 409, "free-too-low")
    deal.deposit(ada, PRICE)
    answer = given(deal.asks(ada, f"bids/{table.bid.pk}/award", body))
    assert answer["transaction"]["value"] == "0"
    assert "goes from your free balance" in answer["summary"]
    deal.takes(ada, f"bids/{table.bid.pk}/award", body)
    assert table.row.price == str(PRICE)
    assert client().ask(Accounts(ZERO_ADDRESS, ada.address)).free == 0


def test_only_a_standby_that_could_take_over_is_named(table, deal, ada, bo, charlie):
    dear = deal.bid(charlie, arbiter=table.bid.terms.arbiter, unit_price=UNIT_PRICE + BOND)
    own = deal.bid(bo, arbiter=table.bid.terms.arbiter, salt=9)
    few = deal.bid(charlie, arbiter=table.bid.terms.arbiter, min_units=1, max_units=2, salt=3)
    Bid.objects.filter(pk=few.pk).update(bid=few.bid | {"maxUnits": 1})
    for standby, words in [
        (HEAD, "open bid of another provider"),
        (own.pk, "open bid of another provider"),
        (dear.pk, "costs more than the price and the bond"),
        (few.pk, "for 1 to 1 units, not 2"),
    ]:
        problem = refused(
            deal.asks(ada, f"bids/{table.bid.pk}/award", {"standby": standby}), 409, "standby-unknown"
        )
        assert words in problem["detail"]
    answer = given(deal.asks(ada, f"bids/{table.bid.pk}/award", {"standby": table.standby.pk}))
    assert f"the bid {table.standby.pk[:10]}… may take over" in answer["summary"]
    call = call_of(bytes_of(answer["transaction"]["data"]))
    assert (call.standby, call.book) == (digest_of(table.standby.pk), bytes(32))


def test_awarded_by_whoever_sends_the_designers_consent(table, deal, ada, bo):
    wrong = table.consent() | {"signature": table.voucher(5)["signature"]}
    path = f"bids/{table.bid.pk}/award-for"
    refused(deal.asks(bo, path, table.consent()), 409, "free-too-low")
    deal.deposit(ada, PRICE)
    refused(deal.asks(bo, path, wrong), 409, "signature-invalid")
    refused(deal.asks(bo, path, table.consent(deadline=1)), 409, "signature-expired")
    refused(deal.asks(bo, path, table.consent(agreement=digest_of(HEAD))), 409, "agreement-mismatch")
    answer = given(deal.asks(bo, path, table.consent()))
    assert (answer["transaction"]["from"], answer["transaction"]["value"]) == (bo.address, "0")
    assert "goes from the designer's free balance" in answer["summary"]
    deal.takes(bo, path, table.consent())
    assert (table.row.designer, table.row.units) == (ada.address, 2)


def test_an_old_consent_awards_no_more_than_is_left(table, deal, ada, bo):
    deal.deposit(ada, PRICE)
    consent = table.consent()
    deal.award(table.standby, units=1)
    refused(deal.asks(bo, f"bids/{table.bid.pk}/award-for", consent), 409, "bid-not-awardable")
    deal.takes(bo, f"bids/{table.bid.pk}/award-for", table.consent(units=1))
    assert table.row.units == 1


# ------------------------------------------------------------------ in a token


def test_a_price_in_a_token_is_allowed_first_and_paid_then(table, token, priced, deal, ada):
    path = f"bids/{priced.pk}/award"
    problem = refused(deal.asks(ada, path), 409, "funds-too-low")
    assert "has 0 TKN, this takes 0.02 TKN" in problem["detail"]
    token.give(ada, deal.escrow, PRICE, allow=False)
    first = given(deal.asks(ada, path))
    assert (first["step"], first["then"], first["transaction"]["to"]) == ("approve", "award", token.address)
    assert first["transaction"]["value"] == "0"
    assert "let the escrow take 0.02 TKN" in first["summary"]
    assert any(token.address in warning for warning in first["warnings"])
    assert deal.send(ada, first["transaction"]) == 1
    assert token.contract.functions.allowance(ada.address, deal.escrow).call() == PRICE
    second = given(deal.asks(ada, path))
    assert (second["step"], second["then"], second["transaction"]["to"]) == ("award", None, deal.escrow)
    assert second["summary"].startswith("0.02 TKN goes from your wallet")
    assert deal.send(ada, second["transaction"]) == 1
    deal.follow()
    assert Agreement.objects.get(pk=priced.pk).status == "AWARDED"
    assert token.contract.functions.balanceOf(deal.escrow).call() == PRICE + BOND


def test_a_permit_is_built_signed_and_used_at_once(table, token, priced, deal, ada):
    token.give(ada, deal.escrow, PRICE, allow=False)
    path = f"bids/{priced.pk}/award-with-permit"
    junk = {"deadline": deal.anvil.now() + 60, "signature": "0x" + "11" * 65}
    refused(deal.asks(ada, path, junk), 409, "pull-failed")
    refused(deal.asks(ada, path, junk | {"signature": "0x11"}), 409, "signature-invalid")
    built = given(deal.asks(ada, "typed-data/permit", {"bid": priced.pk}))
    assert built["typed_data"]["domain"]["verifyingContract"] == token.address
    assert "let the escrow take 0.02 TKN" in built["summary"]
    signed = ada.sign_typed_data(full_message=built["typed_data"])
    assert hex_of(signed.message_hash) == built["digest"]
    deadline = int(built["typed_data"]["message"]["deadline"])
    body = {"deadline": deadline, "signature": hex_of(signed.signature)}
    answer = given(deal.asks(ada, path, body))
    assert deal.send(ada, answer["transaction"]) == 1
    deal.follow()
    assert Agreement.objects.get(pk=priced.pk).price == str(PRICE)


def test_the_chains_own_coin_needs_no_permit(table, deal, ada):
    refused(deal.asks(ada, "typed-data/permit", {"bid": table.bid.pk}), 409, "permit-unsupported")
    body = {"deadline": 1, "signature": "0x" + "11" * 65}
    refused(deal.asks(ada, f"bids/{table.bid.pk}/award-with-permit", body), 409, "token-unsupported")


def test_a_token_is_deposited_and_withdrawn(table, token, deal, bo):
    body = {"amount": "500", "token": token.address}
    refused(deal.asks(bo, "escrow/deposit", body | {"token": table.ada.address}), 409, "token-unsupported")
    token.give(bo, deal.escrow, 500, allow=False)
    first = given(deal.asks(bo, "escrow/deposit", body))
    assert (first["step"], first["then"]) == ("approve", "deposit")
    assert deal.send(bo, first["transaction"]) == 1
    deal.takes(bo, "escrow/deposit", body)
    assert client().ask(Accounts(token.address, bo.address)).free == 500
    refused(deal.asks(bo, "escrow/withdraw", body | {"amount": "501"}), 409, "free-too-low")
    deal.takes(bo, "escrow/withdraw", body | {"to": table.ada.address})
    assert token.contract.functions.balanceOf(table.ada.address).call() == 500


# ------------------------------------------------------------------ about oneself


def test_deposited_and_withdrawn(table, deal, bo):
    answer = given(deal.asks(bo, "escrow/deposit", {"amount": "7"}))
    assert "0.000000000000000007 ETH goes from your wallet to your free balance" in answer["summary"]
    assert (answer["then"], answer["transaction"]["value"]) == (None, "7")
    answer = given(deal.asks(bo, "escrow/withdraw", {"amount": "7", "to": table.ada.address}))
    assert f"to {table.ada.address}" in answer["summary"]


def test_a_higher_epoch_withdraws_the_bids(table, deal, ada, bo):
    answer = given(deal.asks(bo, "escrow/bump-epoch"))
    assert "standby bids included, which cannot be taken back" in answer["summary"]
    assert deal.send(bo, answer["transaction"]) == 1
    refused(deal.asks(ada, f"bids/{table.bid.pk}/award"), 409, "epoch-changed")


def test_a_hot_key_is_set_and_revoked(table, deal, bo, dee):
    body = {"key": dee.address, "bond_left": str(BOND), "until": iso(deal.anvil.now() + DAY)}
    refused(deal.asks(bo, "escrow/set-agent", body | {"key": "0x12"}), 400, "invalid")
    answer = given(deal.asks(bo, "escrow/set-agent", body))
    assert "lock up to 0.001 ETH of your free balance" in answer["summary"]
    assert deal.send(bo, answer["transaction"]) == 1
    word = client().ask(Agents(ZERO_ADDRESS, bo.address, dee.address))
    assert (word.bond_left, word.until > deal.anvil.now()) == (BOND, True)
    answer = given(deal.asks(bo, "escrow/set-agent", body | {"until": iso(0)}))
    assert "may no longer sign bids" in answer["summary"]
    assert deal.send(bo, answer["transaction"]) == 1
    assert client().ask(Agents(ZERO_ADDRESS, bo.address, dee.address)).until == 0


def test_a_mandate_is_revoked_by_its_designer(table, deal, ada, bo, charlie):
    built = given(
        deal.asks(ada, "typed-data/mandate", {"job": str(deal.job.pk), "dispatcher": charlie.address})
    )
    body = {"mandate": built["typed_data"]["message"]}
    refused(deal.asks(bo, "escrow/revoke-mandate", body), 409, "not-designer")
    answer = given(deal.asks(ada, "escrow/revoke-mandate", body))
    assert charlie.address in answer["summary"]
    assert deal.send(ada, answer["transaction"]) == 1
    assert client().ask(Mandates(digest_of(built["digest"]))).revoked
    assert deal.job.status == JobStatus.OPEN
    assert address_of(Mandate.from_json(body["mandate"]).designer) == ada.address
