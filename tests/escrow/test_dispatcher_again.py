"""The dispatcher awards again where an award fails, and follows the chain where that changes its mind."""

from __future__ import annotations

import pytest

from marketplace.activity.models import Activity
from marketplace.bidding.models import Bid
from marketplace.chain.models import Intent
from marketplace.chain.sender import sender_step
from marketplace.escrow.dispatching import dispatches_follow, intent_changed
from marketplace.escrow.models import Agreement, Dispatch
from marketplace.escrow.tasks import dispatch
from protocol.statuses import BidStatus
from protocol.terms import REDEEM_WINDOW
from tests.escrow.mandates import DAY, free, office, operated, operator
from tests.factories.deal import BOND, UNIT_PRICE

__all__ = ["office", "operated", "operator"]

HEAD = "0x" + "11" * 32


# ------------------------------------------------------------------ awarded again


@pytest.fixture
def story(office, bo, charlie):
    """Bo's bid is the best, and awarded for good; Charlie's is the next."""
    first = office.deal.bid(bo, unit_price=UNIT_PRICE // 2)
    second = office.deal.bid(charlie)
    row = office.store(deposit=3 * UNIT_PRICE)
    office.turn()
    return row, first, second


def test_cancelled_in_grace_and_awarded_to_the_next_best(office, story, bo):
    row, first, second = story
    office.takes(bo, first, "cancel")
    assert office.read(row)["used"] == 0
    office.look()
    assert office.waits(row) == "award-on-its-way", "the first award is not final yet"
    office.settle()
    office.turn()
    assert office.awarded() == [first.pk, second.pk]
    assert (office.read(row)["used"], free(office.deal.ada)) == (2, UNIT_PRICE)


def test_what_it_did_not_award_is_the_designers_to_refund(office, story, bo):
    row, first, _ = story
    office.takes(bo, first, "give-up")
    Dispatch.objects.update(status="FAILED")
    office.look()
    waiting = office.read(row)["waiting_for"]
    assert (waiting["code"], waiting["agreement"]) == ("job-not-open", first.pk)
    assert "refund it" in waiting["text"]


def test_a_refund_that_the_chain_did_not_take_is_left_to_the_designer(office, story, bo):
    row, first, _ = story
    office.settle()
    office.takes(bo, first, "give-up")
    office.look()
    Intent.objects.filter(key=f"refund:{first.pk}").update(status="FAILED")
    office.look()
    assert office.waits(row) == "job-not-open"


def test_given_up_after_the_award_is_final_refunded_and_awarded_to_the_next_best(office, story, bo, dee):
    row, first, second = story
    office.settle()
    assert office.statuses() == ["AWARDED"]
    second.refresh_from_db()
    assert second.status == BidStatus.OPEN, "kept for this, while the mandate lives"
    office.takes(bo, first, "give-up")
    office.look()
    waiting = office.read(row)["waiting_for"]
    assert (waiting["code"], "gave up" in waiting["text"]) == ("award-on-its-way", True)
    office.look()
    assert Intent.objects.filter(key=f"refund:{first.pk}").count() == 1
    sender_step()
    office.deal.follow()
    assert (office.read(row)["used"], free(office.deal.ada)) == (0, 3 * UNIT_PRICE + BOND)
    office.turn()
    assert office.awarded() == [first.pk, second.pk]
    office.settle()
    assert office.statuses() == ["AWARDED", "AWARDED"]


def test_missed_refunded_and_awarded_to_the_next_best(office, story):
    row, first, second = story
    office.settle()
    office.deal.anvil.advance(DAY + REDEEM_WINDOW + 1)
    office.deal.follow()
    office.takes(office.deal.ada, first, "refund")
    office.turn()
    assert office.awarded() == [first.pk, second.pk]
    assert office.read(row)["used"] == 2


def test_whoever_left_the_job_unmade_is_not_awarded_it_again(office, bo):
    first, again = office.deal.bid(bo), office.deal.bid(bo, unit_price=UNIT_PRICE)
    row = office.store()
    office.turn()
    won = Agreement.objects.get()
    office.takes(bo, Bid.objects.get(pk=won.pk), "cancel")
    office.settle()
    office.look()
    assert office.waits(row) == "failed-before"
    assert len(office.awarded()) == 1
    assert {first.pk, again.pk} > set(office.awarded())


def test_units_of_which_a_part_was_paid_do_not_come_back(office, story, bo):
    row, first, _ = story
    office.settle()
    office.takes(office.deal.ada, first, "release", {"cumulative": "5"})
    office.takes(bo, first, "give-up")
    office.takes(office.deal.ada, first, "refund")
    office.look()
    assert (office.read(row)["used"], office.waits(row)) == (2, "mandate-used-up")
    assert len(office.awarded()) == 1


def test_made_and_the_losers_are_told(office, story, bo):
    row, first, second = story
    office.settle()
    office.takes(bo, first, "deliver", {"head": HEAD})
    office.takes(office.deal.ada, first, "release")
    office.settle()
    office.look()
    second.refresh_from_db()
    row.refresh_from_db()
    assert (second.status, row.ended) == (BidStatus.LOST, True)


def test_once_the_mandate_is_over_for_good_the_bids_it_kept_are_lost(office, story):
    row, _, second = story
    office.settle()
    office.revokes(row)
    office.look()
    row.refresh_from_db()
    assert (row.revoked, row.ended) == (True, False), "a reorganisation may yet take it back"
    office.deal.finalise()
    office.look()
    row.refresh_from_db()
    second.refresh_from_db()
    assert (row.ended, second.status) == (True, BidStatus.LOST)
    assert office.read(row)["waiting_for"]["code"] == "mandate-revoked"


def reverted(office, bo) -> None:
    """Signed, and before it is mined Bo takes the bond away."""
    office.look()
    anvil = office.deal.anvil
    anvil.rpc("evm_setAutomine", False)
    sender_step()
    anvil.rpc("anvil_dropAllTransactions")
    anvil.rpc("evm_setAutomine", True)
    office.deal.takes(bo, "escrow/withdraw", {"amount": str(BOND)})
    sender_step()
    office.settle()
    failed = Dispatch.objects.first()
    assert failed.status == "FAILED"
    assert "BondUncovered" in failed.reason


def test_a_transaction_that_reverts_is_followed_by_the_next_bid(office, bo, charlie):
    office.deal.bid(bo, unit_price=UNIT_PRICE // 2)
    second = office.deal.bid(charlie)
    office.store()
    reverted(office, bo)
    office.turn()
    assert office.awarded() == [second.pk]


def test_a_bid_whose_award_cost_gas_for_nothing_rests_before_it_is_tried_again(office, bo):
    """Else a provider could let the operator pay for reverts without end."""
    bid = office.deal.bid(bo)
    row = office.store()
    reverted(office, bo)
    office.deal.deposit(bo, BOND)
    office.look()
    assert office.waits(row) == "failed-just-now"
    assert len(office.intents()) == 1
    office.deal.anvil.advance(601)
    office.turn()
    assert office.awarded() == [bid.pk]


def test_an_agreement_that_ended_makes_its_mandate_due(office, story, bo):
    row, first, _ = story
    office.settle()
    assert dispatch() == 0
    office.takes(bo, first, "cancel")
    assert dispatch() == 1
    assert office.waits(row) == "award-on-its-way"


def test_a_dispatch_ends_once(office, story):
    """The sender and the follower tell of the same end, in whatever order, however often."""
    row, first, _ = story
    office.settle()
    ended = Dispatch.objects.get()
    for intent in (ended.intent, ended.intent):
        intent.status = "FAILED"
        intent_changed(intent=intent)
    dispatches_follow(agreements=[first.pk])
    assert (office.statuses(), Dispatch.objects.get().ended_at) == (["AWARDED"], ended.ended_at)
    told = Activity.objects.filter(subject=f"mandate:{row.pk}", kind="mandate.dispatch_ended")
    assert told.count() == 1


def test_what_is_not_signed_in_time_expires_and_is_not_sent(office, bo):
    office.deal.bid(bo, valid_until=office.deal.anvil.now() + 600)
    office.store()
    office.look()
    office.deal.anvil.advance(700)
    sender_step()
    assert (office.intents(), office.statuses()) == (["EXPIRED"], ["EXPIRED"])
    assert office.awarded() == []


# ------------------------------------------------------------------ the chain changes its mind


def test_an_award_that_is_taken_back_is_sent_again_and_not_awarded_to_another(office, bo, charlie):
    office.deal.bid(charlie)
    best = office.deal.bid(bo, unit_price=UNIT_PRICE // 2)
    row = office.store()
    office.deal.follow()
    office.turn()
    assert office.read(row)["used"] == 2
    sender_step()
    office.deal.anvil.rpc("anvil_reorg", 1, [])
    office.deal.follow()
    assert (office.awarded(), office.read(row)["used"]) == ([], 0)
    office.turn(2)
    assert office.awarded() == [best.pk]
    office.settle()
    assert (office.intents(), office.statuses()) == (["FINAL"], ["AWARDED"])


def test_a_revocation_that_is_taken_back_lets_it_go_on(office, bo):
    row = office.store()
    office.deal.follow()
    office.revokes(row)
    assert office.read(row)["status"] == "REVOKED"
    office.deal.anvil.rpc("anvil_reorg", 1, [])
    office.deal.follow()
    assert office.read(row)["status"] == "ACTIVE"
    office.deal.bid(bo)
    office.turn()
    assert len(office.awarded()) == 1


def test_what_happened_is_told(office, bo):
    office.deal.bid(bo)
    row = office.store()
    office.turn()
    office.settle()
    told = Activity.objects.filter(subject=f"mandate:{row.pk}").order_by("id").values_list("kind", flat=True)
    assert list(told)[:3] == ["mandate.stored", "mandate.dispatched", "mandate.waits"]
    assert "mandate.dispatch_ended" in told
