"""The fate of what people sent, through the API: whose it is, in which words, until nothing can change it."""

from __future__ import annotations

import pytest
from django.utils import timezone

from contracts import calls
from marketplace.activity.models import Activity
from marketplace.chain.fate import transaction_follow
from marketplace.chain.models import SentTransaction
from marketplace.chain.tasks import fates
from protocol.units import ZERO_ADDRESS, hex_of
from tests.factories.deal import Deal

UNKNOWN = "0x" + "77" * 32


def refused(answer, status: int, code: str) -> dict:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.json()
    return answer.json()


def sign_and_send(deal: Deal, account, transaction: dict, **changes) -> str:
    """As a wallet does: without waiting for a block. The hash."""
    eth = deal.anvil.web3.eth
    full = {
        "to": transaction["to"], "data": transaction["data"], "value": int(transaction["value"]),
        "gas": transaction["gas"], "chainId": transaction["chain_id"], "maxFeePerGas": 10**10,
        "maxPriorityFeePerGas": 10**9, "nonce": eth.get_transaction_count(account.address),
    } | changes  # fmt: skip
    return hex_of(eth.send_raw_transaction(account.sign_transaction(full).raw_transaction))


def notes(deal: Deal, account, digest: str, **about) -> dict:
    answer = deal.asks(account, "transactions", {"hash": digest, **about})
    assert answer.status_code == 201, answer.json()
    return answer.json()


def fate(deal: Deal, account, digest: str) -> dict:
    for sent in SentTransaction.objects.filter(digest=digest):
        transaction_follow(sent=sent, now=timezone.now())
    answer = deal.reads(account, f"transactions/{digest}")
    assert answer.status_code == 200, answer.json()
    return answer.json()


@pytest.fixture
def awarding(deal, ada, bo):
    """An award that Ada signed and sent, and that waits for a block."""
    bid = deal.bid(bo)
    transaction = deal.asks(ada, f"bids/{bid.pk}/award").json()["transaction"]
    deal.anvil.rpc("evm_setAutomine", False)
    return bid, sign_and_send(deal, ada, transaction)


def test_nobody_and_strangers_see_nothing(deal, ada, bo, charlie, awarding):
    bid, digest = awarding
    notes(deal, ada, digest, step="award", agreement=bid.pk)
    assert deal.reads(None, "transactions").status_code == 401
    assert deal.asks(None, "transactions", {"hash": digest}).status_code == 401
    for account in (bo, charlie):
        assert deal.reads(account, "transactions").json() == []
        refused(deal.reads(account, f"transactions/{digest}"), 404, "not-found")
        refused(deal.asks(account, "transactions", {"hash": digest}), 403, "not-your-transaction")


def test_about_anothers_agreement_nothing_is_noted(deal, ada, charlie, awarding):
    bid, _ = awarding
    body = {"hash": UNKNOWN, "agreement": bid.pk}
    refused(deal.asks(charlie, "transactions", body), 404, "not-found")
    refused(deal.asks(ada, "transactions", body | {"agreement": UNKNOWN}), 404, "not-found")
    refused(deal.asks(ada, "transactions", body | {"step": "steal"}), 400, "invalid")
    refused(deal.asks(ada, "transactions", {"hash": "0x12"}), 400, "invalid")
    assert not SentTransaction.objects.exists()


def test_before_the_node_knows_it_only_who_noted_it_sees_it(deal, ada, charlie):
    """Charlie cannot find out what Ada waits for, nor take her place."""
    notes(deal, charlie, UNKNOWN)
    refused(deal.reads(ada, f"transactions/{UNKNOWN}"), 404, "not-found")
    notes(deal, ada, UNKNOWN)
    assert len(deal.reads(ada, "transactions").json()) == 1


def test_an_award_from_pending_to_final(deal, ada, awarding):
    bid, digest = awarding
    first = notes(deal, ada, digest, step="award", agreement=bid.pk)
    assert (first["status"], first["step"], first["agreement"]) == ("PENDING", "award", bid.pk)
    assert (first["summary"], first["block"], first["error"]) == (
        "Sent, and waiting for a block.",
        None,
        None,
    )
    deal.anvil.mine()
    mined = fate(deal, ada, digest)
    assert (mined["status"], mined["settled"], mined["block"]) == (
        "MINED",
        False,
        deal.anvil.web3.eth.block_number,
    )
    assert "not finalised yet" in mined["summary"]
    deal.anvil.finalise()
    final = fate(deal, ada, digest)
    assert (final["status"], final["settled"]) == ("FINAL", True)
    assert deal.reads(ada, "transactions").json() == [final]
    told = Activity.objects.filter(kind__startswith="transaction.").order_by("id")
    assert [row.kind for row in told] == ["transaction.pending", "transaction.mined", "transaction.final"]
    assert {row.subject for row in told} == {f"agreement:{bid.pk}"}


def test_a_failure_is_told_with_its_advice(deal, ada, bo, awarding):
    """Two wallets race: Bo withdraws the bond that the award would lock."""
    bid, digest = awarding
    withdraw = calls.Withdraw(ZERO_ADDRESS, bo.address, int(bid.terms.bond))
    rush = {"to": deal.escrow, "data": hex_of(withdraw.data), "value": 0, "gas": 500_000, "chain_id": 31337}
    sign_and_send(deal, bo, rush, maxFeePerGas=10**11, maxPriorityFeePerGas=10**10)
    notes(deal, ada, digest)
    deal.anvil.mine()
    failed = fate(deal, ada, digest)
    assert (failed["status"], failed["error"]["name"]) == ("FAILED", "BondUncovered")
    assert "only gas was spent" in failed["summary"]
    assert "choose another bid" in failed["summary"]
    assert failed["step"] is failed["agreement"] is None


def test_a_replaced_one_names_what_replaced_it(deal, ada, awarding):
    _, digest = awarding
    notes(deal, ada, digest)
    empty = {"to": ada.address, "data": "0x", "value": 0, "gas": 50_000, "chain_id": 31337}
    other = sign_and_send(deal, ada, empty, maxFeePerGas=10**11, maxPriorityFeePerGas=10**10)
    deal.anvil.mine()
    replaced = fate(deal, ada, digest)
    assert (replaced["status"], replaced["replaced_by"]) == ("REPLACED", other)
    assert other in replaced["summary"]


def test_a_reorganisation_is_told(deal, ada, awarding):
    _, digest = awarding
    notes(deal, ada, digest)
    deal.anvil.mine()
    assert fate(deal, ada, digest)["status"] == "MINED"
    deal.anvil.rpc("anvil_reorg", 1, [])
    assert fate(deal, ada, digest)["status"] == "PENDING"


def test_a_forgotten_one_says_what_to_do(deal, ada):
    notes(deal, ada, UNKNOWN)
    SentTransaction.objects.update(known_at="2020-01-01T00:00Z")
    assert "note it again" in fate(deal, ada, UNKNOWN)["summary"]
    assert notes(deal, ada, UNKNOWN)["status"] == "PENDING"


def test_noted_while_the_node_is_down_and_followed_by_the_sweep(deal, ada, awarding, settings):
    bid, digest = awarding
    there, settings.RPC_URL = settings.RPC_URL, "http://127.0.0.1:9"
    assert notes(deal, ada, digest, step="award", agreement=bid.pk)["status"] == "PENDING"
    settings.RPC_URL = there
    deal.anvil.finalise()
    assert fates() == 1
    assert deal.reads(ada, f"transactions/{digest}").json()["status"] == "FINAL"
