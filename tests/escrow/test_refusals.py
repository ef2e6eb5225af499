"""What strangers and the impatient are refused, through the API and on chain."""

import pytest
from pyrage.x25519 import Identity

from contracts.artifacts import abi
from marketplace.bidding.models import Bid
from marketplace.escrow.errors import ADVICE
from marketplace.escrow.models import Agreement, Waiver
from marketplace.escrow.transactions import UnsignedTransaction
from protocol.statuses import BidStatus, JobStatus
from tests.factories.deal import BOND, UNIT_PRICE

ME = str(Identity.generate().to_public())

STEPS = ["release", "deliver", "claim", "refund", "waive-grace"]
BODIES = {"deliver": {"head": "0x" + "11" * 32}}


def refused(answer, status, code):
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.json()
    return answer.json()


def test_nobody_gets_anywhere_without_signing_in(deal, bo):
    bid = deal.bid(bo)
    deal.award(bid)
    posts = [f"bids/{bid.pk}/award", "escrow/deposit", "escrow/withdraw"]
    posts += [f"agreements/{bid.pk}/{step}" for step in STEPS]
    reads = [
        "agreements",
        f"agreements/{bid.pk}",
        f"agreements/{bid.pk}/designs",
        f"agreements/{bid.pk}/bundle",
    ]
    answers = [deal.asks(None, path) for path in posts] + [deal.reads(None, path) for path in reads]
    assert [answer.status_code for answer in answers] == [401] * len(answers)


def test_a_stranger_finds_nothing(deal, bo, charlie):
    bid = deal.bid(bo)
    deal.award(bid)
    refused(deal.asks(charlie, f"bids/{bid.pk}/award"), 404, "not-found")
    for step in STEPS:
        refused(deal.asks(charlie, f"agreements/{bid.pk}/{step}", BODIES.get(step)), 404, "not-found")
    for what in ("", "/designs", "/bundle", "/evidence"):
        refused(deal.reads(charlie, f"agreements/{bid.pk}{what}"), 404, "not-found")
    assert deal.reads(charlie, "agreements").json() == []


def test_a_provider_cannot_award_its_own_bid(deal, bo):
    refused(deal.asks(bo, f"bids/{deal.bid(bo).pk}/award"), 404, "not-found")


def test_each_side_takes_only_its_own_steps(deal, ada, bo):
    bid = deal.bid(bo)
    deal.award(bid)
    refused(deal.asks(bo, f"agreements/{bid.pk}/release"), 403, "not-your-side")
    refused(deal.asks(bo, f"agreements/{bid.pk}/waive-grace"), 403, "not-your-side")
    refused(deal.asks(ada, f"agreements/{bid.pk}/deliver", BODIES["deliver"]), 403, "not-your-side")
    assert not Waiver.objects.exists()


@pytest.mark.parametrize("units", [0, -1, 2**32, "many", 1.5])
def test_units_must_be_a_number_that_the_contract_knows(deal, ada, bo, units):
    refused(deal.asks(ada, f"bids/{deal.bid(bo).pk}/award", {"units": units}), 400, "invalid")


def test_no_more_units_than_the_job_has(deal, ada, bo):
    refused(deal.asks(ada, f"bids/{deal.bid(bo).pk}/award", {"units": 3}), 409, "bid-not-awardable")


@pytest.mark.parametrize("amount", ["-1", "0", "1.5", "", str(2**96), 1e30, None])
def test_amounts_are_decimal_text(deal, ada, bo, amount):
    bid = deal.bid(bo)
    deal.award(bid)
    refused(deal.asks(ada, f"agreements/{bid.pk}/release", {"cumulative": amount}), 400, "invalid")


def test_a_bid_that_expired_on_chain_is_not_awardable(deal, ada, bo):
    bid = deal.bid(bo)
    deal.anvil.advance(8 * 86_400)
    answer = refused(deal.asks(ada, f"bids/{bid.pk}/award"), 409, "bid-expired")
    assert answer["error"]["name"] == "BidExpired"


def test_a_provider_without_the_bond_is_not_awardable(deal, ada, bo):
    refused(deal.asks(ada, f"bids/{deal.bid(bo, bonded=False).pk}/award"), 409, "bond-uncovered")


def test_a_bid_of_another_epoch_is_not_awardable(deal, ada, bo):
    """Before the follower has seen that the provider raised it; after that the bid is WITHDRAWN."""
    bid = deal.bid(bo)
    deal.send(bo, deal.asks(bo, "escrow/bump-epoch").json()["transaction"])
    refused(deal.asks(ada, f"bids/{bid.pk}/award"), 409, "epoch-changed")
    deal.follow()
    refused(deal.asks(ada, f"bids/{bid.pk}/award"), 409, "bid-not-awardable")


def test_an_id_is_used_once_even_before_the_award_is_seen(deal, ada, bo):
    bid = deal.bid(bo)
    transaction = deal.asks(ada, f"bids/{bid.pk}/award").json()["transaction"]
    assert deal.send(ada, transaction) == 1
    refused(deal.asks(ada, f"bids/{bid.pk}/award"), 409, "agreement-exists")


def test_an_awarded_bid_is_not_awarded_again(deal, ada, bo):
    bid = deal.bid(bo)
    deal.award(bid)
    refused(deal.asks(ada, f"bids/{bid.pk}/award"), 409, "bid-not-awardable")


def test_a_bid_on_a_job_that_is_not_open_is_not_awardable(deal, ada, bo, charlie):
    other = deal.bid(charlie)
    deal.award(deal.bid(bo))
    refused(deal.asks(ada, f"bids/{other.pk}/award"), 409, "bid-not-awardable")


def test_a_wallet_without_the_price_is_told(deal, ada, bo):
    bid = deal.bid(bo)
    deal.anvil.fund(ada, ether=0)
    refused(deal.asks(ada, f"bids/{bid.pk}/award"), 409, "funds-too-low")


@pytest.mark.parametrize("value", [0, UNIT_PRICE, 2 * UNIT_PRICE - 1, 2 * UNIT_PRICE + 1])
def test_an_award_with_the_wrong_value_reverts(deal, ada, bo, value):
    from marketplace.chain.errors import ContractReverted
    from marketplace.chain.nodes import client

    bid = deal.bid(bo)
    transaction = deal.asks(ada, f"bids/{bid.pk}/award").json()["transaction"]
    parts = {name: transaction[name] for name in ("to", "data")}
    with pytest.raises(ContractReverted) as refusal:
        client().estimate_gas(sender=ada.address, value=value, **parts)
    assert refusal.value.name == "ValueMismatch"
    assert deal.send(ada, transaction | {"value": value}) == 0
    deal.follow()
    assert not Agreement.objects.exists()
    assert Bid.objects.get(pk=bid.pk).status == BidStatus.OPEN


def test_somebody_elses_award_reverts(deal, ada, bo, charlie):
    bid = deal.bid(bo)
    transaction = deal.asks(ada, f"bids/{bid.pk}/award").json()["transaction"]
    assert deal.send(charlie, transaction) == 0


def test_steps_out_of_time_are_refused_with_their_reason(deal, ada, bo):
    bid = deal.bid(bo)
    deal.award(bid)
    refused(deal.asks(ada, f"agreements/{bid.pk}/claim"), 409, "wrong-status")
    refused(deal.asks(ada, f"agreements/{bid.pk}/refund"), 409, "too-early")
    cumulative = {"cumulative": str(2 * UNIT_PRICE + 1)}
    refused(deal.asks(ada, f"agreements/{bid.pk}/release", cumulative), 409, "above-price")
    deal.anvil.advance(86_400 + 60)
    refused(deal.asks(bo, f"agreements/{bid.pk}/deliver", BODIES["deliver"]), 409, "too-late")


@pytest.mark.parametrize("head", ["", "0x12", "0x" + "G" * 64, "0x" + "AB" * 32])
def test_a_head_is_a_digest(deal, bo, head):
    bid = deal.bid(bo)
    deal.award(bid)
    refused(deal.asks(bo, f"agreements/{bid.pk}/deliver", {"head": head}), 400, "invalid")


def test_more_than_is_free_cannot_be_withdrawn(deal, bo):
    deal.deposit(bo, BOND)
    refused(deal.asks(bo, "escrow/withdraw", {"amount": str(BOND + 1)}), 409, "free-too-low")
    body = {"amount": str(BOND), "to": deal.escrow}
    refused(deal.asks(bo, "escrow/withdraw", body), 409, "receiver-forbidden")


def designs_of(deal, who, bid):
    return deal.reads(who, f"agreements/{bid.pk}/designs")


def file_of(deal, who):
    design = deal.job.parts.get().design_id
    return deal.reads(who, f"designs/{design}/file").status_code


def test_designs_stay_secret_before_the_award(deal, bo):
    bid = deal.bid(bo)
    refused(designs_of(deal, bo, bid), 404, "not-found")
    assert file_of(deal, bo) in (403, 404)


def test_designs_stay_secret_until_the_award_is_final(deal, bo):
    bid = deal.bid(bo, grace_time=0)
    deal.award(bid)
    assert "not final" in refused(designs_of(deal, bo, bid), 403, "design-not-granted")["detail"]
    assert file_of(deal, bo) in (403, 404)


def test_designs_stay_secret_while_grace_runs(deal, bo):
    bid = deal.bid(bo)
    deal.award(bid)
    deal.finalise()
    assert "grace time runs" in refused(designs_of(deal, bo, bid), 403, "design-not-granted")["detail"]
    assert file_of(deal, bo) in (403, 404)


def test_a_loser_gets_no_design(deal, bo, charlie):
    lost = deal.bid(charlie)
    won = deal.bid(bo)
    deal.award(won)
    deal.end_grace()
    assert len(deal.names(bo, won.pk, ME).json()) == 1
    assert file_of(deal, bo) == file_of(deal, charlie) == 403
    for agreement in (won, lost):
        refused(deal.names(charlie, agreement.pk, ME), 404, "not-found")
    refused(designs_of(deal, charlie, won), 404, "not-found")
    refused(designs_of(deal, charlie, lost), 404, "not-found")
    assert deal.job.bids.get(pk=lost.pk).status == BidStatus.LOST


def test_the_designer_is_told_that_designs_are_for_the_provider(deal, ada, bo):
    bid = deal.bid(bo)
    deal.award(bid)
    refused(designs_of(deal, ada, bid), 403, "design-not-granted")


def test_waiving_grace_does_not_make_an_award_final(deal, ada, bo):
    bid = deal.bid(bo)
    deal.award(bid)
    assert deal.asks(ada, f"agreements/{bid.pk}/waive-grace").json()["grant"] is False
    assert "not final" in refused(designs_of(deal, bo, bid), 403, "design-not-granted")["detail"]


def test_a_node_that_is_down_is_said_so(deal, ada, bo, settings):
    bid = deal.bid(bo)
    settings.RPC_URL = "http://127.0.0.1:9"
    refused(deal.asks(ada, f"bids/{bid.pk}/award"), 503, "node-unreachable")
    assert deal.job.status == JobStatus.OPEN


def test_an_unsigned_transaction_names_its_wallet_and_its_money_as_text():
    transaction = UnsignedTransaction("0xA", "0xB", "0x", 10**20, 31337, 21_000)
    assert transaction.to_json() == {
        "from": "0xA", "to": "0xB", "data": "0x", "value": "100000000000000000000", "chain_id": 31337, "gas": 21_000,
    }  # fmt: skip


def test_every_refusal_of_the_escrow_has_its_advice():
    terms = {
        "ArbiterMissing", "ArbiterTakesFee", "DurationOutOfRange", "FallbackTooHigh", "FeeReceiverMissing",
        "FeeTooHigh", "GraceTooLong", "PartiesNotDistinct",
    }  # fmt: skip
    errors = {entry["name"] for entry in abi("PrintEscrow") if entry["type"] == "error"}
    assert errors == set(ADVICE) | terms
    assert not set(ADVICE) & terms
