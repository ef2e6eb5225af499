"""Batches on a real chain: made once, sent one after the other, followed through refusals and reorganisations."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from contracts import calls
from contracts.views import AnchoredAt, Last
from marketplace.chain.models import Intent
from marketplace.chain.nodes import client
from marketplace.chain.sender import sender_step
from marketplace.evidence import anchoring
from marketplace.evidence.anchor_selectors import batches_listed, proofs_of
from marketplace.evidence.anchoring import batch_make
from marketplace.evidence.models import Batch, Leaf
from marketplace.evidence.tasks import anchor, make_batch
from protocol.merkle import AnchorLeaf, proof_check
from protocol.units import ZERO_DIGEST, digest_of, hex_of, time_of
from tests.factories.operator import operated, operator

__all__ = ["operated", "operator"]


@pytest.fixture
def market(deal, operated, settings):
    """A marketplace that anchors without waiting; its operator can pay for gas."""
    deal.anvil.fund(operated)
    settings.ANCHOR_SECONDS = 0
    return deal


def steps(count: int = 1) -> None:
    """What beat does, so often: a batch, anchoring, sending."""
    for _ in range(count):
        make_batch()
        anchor()
        sender_step()


def anchored(market) -> list[str]:
    """Until nothing waits: the statuses of all batches."""
    steps(3)
    market.anvil.advance(1)
    market.finalise()
    steps(2)
    return [each.status for each in Batch.objects.all()]


def last(operated):
    return client().ask(Last(operated.address))


def test_without_a_key_nothing_is_batched(deal, bo):
    deal.printer(bo)
    make_batch()
    anchor()
    assert not Batch.objects.exists()


def test_nothing_to_anchor_makes_no_batch(market):
    make_batch()
    assert not Batch.objects.exists()


def test_while_the_node_is_away_a_batch_waits(market, settings, bo):
    market.printer(bo)
    settings.RPC_URL = "http://127.0.0.1:9"
    make_batch()
    anchor()
    (made,) = Batch.objects.all()
    assert (made.status, made.tries) == ("WAITING", 0)


def test_everything_is_anchored_once_and_every_leaf_is_proven_on_chain(market, operated, bo, charlie):
    bids = [market.bid(bo), market.bid(charlie)]
    assert anchored(market) == ["FINAL"]
    records = [
        market.printer(bo).digest,
        market.printer(charlie).digest,
        *(bid.receipt.digest for bid in bids),
    ]
    for proof in proofs_of(records):
        leaf, root = AnchorLeaf.from_json(proof["leaf"]), digest_of(proof["root"])
        proof_check(leaf, [digest_of(node) for node in proof["proof"]], root)
        assert proof["anchored_at"] == time_of(client().ask(AnchoredAt(operated.address, root)))
        assert (hex_of(leaf.record), proof["status"]) == (proof["record"], "FINAL")
        assert proof["block"] > 0
        assert proof["transaction"].startswith("0x")
    make_batch()
    assert Batch.objects.count() == 1


def test_a_batch_follows_the_one_before_it_and_the_chain_agrees(market, operated, bo, charlie):
    market.printer(bo)
    assert anchored(market) == ["FINAL"]
    market.printer(charlie)
    assert anchored(market) == ["FINAL", "FINAL"]
    first, second = Batch.objects.all()
    assert (first.previous_root, second.previous_root) == (hex_of(ZERO_DIGEST), first.root)
    assert hex_of(last(operated)) == second.root
    assert [each["gap"] for each in batches_listed(9)] == [None, None]


def test_no_batch_is_made_while_one_is_not_mined(market, bo, charlie):
    market.printer(bo)
    steps()
    market.printer(charlie)
    make_batch()
    assert Batch.objects.count() == 1
    anchor()
    make_batch()
    assert [each.status for each in Batch.objects.all()] == ["ANCHORED", "WAITING"]


def test_between_the_times_for_batches_nothing_is_batched(market, bo):
    market.printer(bo)
    anchor()
    assert not Batch.objects.exists()


def test_what_does_not_fit_comes_with_the_next_batch_at_once(market, settings, bo, charlie):
    settings.ANCHOR_BATCH = 1
    market.printer(bo), market.printer(charlie)
    steps()
    anchor()
    assert [each.count for each in Batch.objects.all()] == [1, 1]


def test_two_workers_at_once_make_one_batch(market, monkeypatch, bo):
    """The second comes between the first one's look and its write."""
    market.printer(bo)
    real, calls_ = anchoring.batch_newest, []

    def newest():
        found = real()
        if not calls_:
            calls_.append(1)
            assert batch_make(now=timezone.now())
        return found

    monkeypatch.setattr(anchoring, "batch_newest", newest)
    assert batch_make(now=timezone.now()) is None
    assert (Batch.objects.count(), Leaf.objects.count()) == (1, 1)


def test_a_process_that_dies_while_it_wants_the_transaction_has_wanted_nothing(market, monkeypatch, bo):
    market.printer(bo)

    def dies(**_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(anchoring, "intent_want", dies)
        make_batch()
        with pytest.raises(KeyboardInterrupt):
            anchor()
    assert (Batch.objects.get().status, Intent.objects.count()) == ("WAITING", 0)
    assert anchored(market) == ["FINAL"]


def test_a_root_that_another_process_anchored_in_between_shows_as_a_gap(market, operated, bo):
    """The batch's transaction fails by simulation; the next is wanted after whatever the chain has then."""
    market.printer(bo)
    make_batch()
    anchor()
    foreign = calls.Anchor(digest_of("0x" + "f0" * 32), 1, ZERO_DIGEST)
    assert market.send(operated, {"to": market.deployment.anchor, "data": hex_of(foreign.data)}) == 1
    assert anchored(market) == ["FINAL"]
    made = Batch.objects.get()
    assert (made.tries, made.previous_root) == (2, "0x" + "f0" * 32)
    (listed,) = batches_listed(9)
    assert "not listed here" in listed["gap"]


def test_a_root_that_is_on_chain_already_is_not_sent_again(market, operated, bo):
    """The answer was lost: the chain has it, whoever sent it."""
    market.printer(bo)
    make_batch()
    anchor()
    made = Batch.objects.get()
    call = calls.Anchor(digest_of(made.root), 1, ZERO_DIGEST)
    market.send(operated, {"to": market.deployment.anchor, "data": hex_of(call.data)})
    assert anchored(market) == ["FINAL"]
    assert Batch.objects.get().tries == 1


def test_an_anchor_of_another_process_that_a_reorganisation_takes_back_is_wanted_anew(market, operated, bo):
    """Our own transaction had come to nothing by then, since the root was there."""
    market.printer(bo)
    make_batch()
    anchor()
    snapshot = market.anvil.rpc("evm_snapshot")
    call = calls.Anchor(digest_of(Batch.objects.get().root), 1, ZERO_DIGEST)
    market.send(operated, {"to": market.deployment.anchor, "data": hex_of(call.data)})
    sender_step()
    anchor()
    assert (Batch.objects.get().status, Intent.objects.get().status) == ("ANCHORED", "FAILED")
    market.anvil.rpc("evm_revert", snapshot)
    anchor()
    assert anchored(market) == ["FINAL"]
    assert Batch.objects.get().tries == 2


def test_a_reorganisation_takes_an_anchor_back_and_brings_it_again_at_another_time(market, operated, bo):
    market.printer(bo)
    snapshot = market.anvil.rpc("evm_snapshot")
    steps(2)
    before = Batch.objects.get()
    assert before.status == "ANCHORED"
    market.anvil.rpc("evm_revert", snapshot)
    market.anvil.advance(100)
    anchor()
    taken = Batch.objects.get()
    assert (taken.status, taken.anchored_at) == ("SENT", None)
    assert anchored(market) == ["FINAL"]
    after = Batch.objects.get()
    assert after.anchored_at > before.anchored_at
    assert after.tries == 1


def test_a_book_is_anchored_when_it_was_closed(market, ada, bo):
    bid = market.bid(bo)
    assert anchored(market) == ["FINAL"]
    market.award(bid)
    assert anchored(market) == ["FINAL", "FINAL"]
    assert Leaf.objects.get(kind="bid book").batch.number == 2


def test_a_record_cannot_stand_in_two_batches(market, bo):
    market.bid(bo)
    assert anchored(market) == ["FINAL"]
    leaf = Leaf.objects.first()
    leaf.batch = Batch.objects.create(number=9, root="0x" + "09" * 32, count=1, made_at=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        leaf.save(force_insert=True)
