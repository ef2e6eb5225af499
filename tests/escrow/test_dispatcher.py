"""The dispatcher on a real chain: Ada signs once; it awards, and awards again where an award fails."""

from __future__ import annotations

import pytest

from contracts.views import Accounts
from marketplace.activity.models import Activity
from marketplace.bidding.models import Bid, Book
from marketplace.chain.models import Intent
from marketplace.chain.nodes import client
from marketplace.chain.sender import sender_step
from marketplace.escrow.dispatching import dispatches_follow, intent_changed
from marketplace.escrow.models import Agreement, Dispatch
from marketplace.escrow.tasks import dispatch
from protocol.statuses import BidStatus, JobStatus
from protocol.terms import REDEEM_WINDOW
from protocol.units import ZERO_ADDRESS
from tests.escrow.mandates import DAY, office, operated, operator
from tests.escrow.steps import iso
from tests.factories.deal import BOND, UNIT_PRICE

__all__ = ["office", "operated", "operator"]

HEAD = "0x" + "11" * 32


def free(account) -> int:
    return client().ask(Accounts(ZERO_ADDRESS, account.address)).free


# ------------------------------------------------------------------ nothing is awarded, and it says why


def test_without_a_key_nothing_is_dispatched(office, bo, settings):
    office.deal.bid(bo)
    row = office.store()
    settings.OPERATOR_KEY = ""
    office.look()
    assert (office.statuses(), office.read(row)["waiting_for"]) == ([], None)


def test_while_the_node_is_away_everything_stays(office, bo, settings):
    office.deal.bid(bo)
    office.store()
    settings.RPC_URL = "http://127.0.0.1:9"
    office.look(behind=True)
    assert office.statuses() == []


def test_without_a_bid_it_waits_for_one(office):
    row = office.store()
    office.look()
    assert office.waits(row) == "no-bids"


def test_the_limit_that_the_best_bid_breaks_is_named(office, bo):
    dear = office.deal.bid(bo, unit_price=UNIT_PRICE + 1)
    row = office.store()
    office.look()
    waiting = office.read(row)["waiting_for"]
    assert waiting["code"] == "outside-limits"
    assert waiting["bid"] == dear.pk
    assert waiting["limits"] == [
        {"term": "unitPrice", "value": str(UNIT_PRICE + 1), "limit": str(UNIT_PRICE)}
    ]
    assert "the mandate wants at most 0.01 ETH" in waiting["text"]
    assert office.statuses() == []


def test_a_balance_that_is_too_small_is_said_in_wei_and_then_awarded_from(office, bo, charlie):
    """The best bid is waited for: no worse one is taken because it is cheaper."""
    bid = office.deal.bid(bo, make_time=3600)
    cheaper = office.deal.bid(charlie, unit_price=UNIT_PRICE - 9, make_time=8 * DAY)
    assert [each["id"] for each in office.deal.reads(office.deal.ada, f"jobs/{bid.job_id}/bids").json()] == [
        bid.pk,
        cheaper.pk,
    ]
    missing = 2 * UNIT_PRICE - (free_enough := 2 * (UNIT_PRICE - 9))
    row = office.store(deposit=free_enough, max_make_time=9 * DAY)
    assert office.read(row)["deposit"] == str(missing)
    office.look()
    waiting = office.read(row)["waiting_for"]
    assert (waiting["code"], waiting["bid"], waiting["deposit"]) == ("deposit", bid.pk, str(missing))
    assert waiting["text"].startswith(f"Deposit {missing} wei (")
    office.deal.deposit(office.deal.ada, missing)
    office.turn()
    assert office.awarded() == [bid.pk]


def test_bids_are_collected_as_long_as_the_designer_said(office, bo):
    bid = office.deal.bid(bo)
    row = office.store(more={"award_from": iso(office.deal.anvil.now() + 3600)})
    office.look()
    assert office.waits(row) == "collecting-bids"
    office.deal.anvil.advance(3601)
    office.turn()
    assert office.awarded() == [bid.pk]


def test_a_bid_that_the_chain_refuses_is_passed_over(office, bo, charlie):
    """Bo's bond is gone: Charlie's bid, which ranks lower, is awarded."""
    office.deal.bid(bo, unit_price=UNIT_PRICE // 2)
    office.deal.takes(bo, "escrow/withdraw", {"amount": str(BOND)})
    second = office.deal.bid(charlie)
    office.store()
    office.turn()
    assert office.awarded() == [second.pk]


def test_what_the_chain_refuses_is_told(office, bo):
    bid = office.deal.bid(bo)
    office.deal.takes(bo, "escrow/withdraw", {"amount": str(BOND)})
    row = office.store()
    office.look()
    waiting = office.read(row)["waiting_for"]
    assert (waiting["code"], waiting["bid"]) == ("refused-on-chain", bid.pk)
    assert "BondUncovered" in waiting["text"]


def test_while_the_follower_is_behind_nothing_is_awarded(office, bo):
    """What the designer awarded herself may not be known yet."""
    bid = office.deal.bid(bo)
    row = office.store()
    office.look(behind=True)
    assert office.waits(row) == "chain-not-read", "never followed yet"
    office.deal.follow()
    office.deal.anvil.advance(121)
    office.look(behind=True)
    assert (office.waits(row), office.intents()) == ("chain-not-read", [])
    office.turn()
    assert office.awarded() == [bid.pk]


def test_news_wakes_the_dispatcher(office, bo, monkeypatch, django_capture_on_commit_callbacks):
    """A message is only a wake-up: what it is about is found in the rows."""
    woken: list[str] = []
    monkeypatch.setattr(dispatch, "delay", lambda: woken.append("dispatch"))
    with django_capture_on_commit_callbacks(execute=True):
        office.store(deposit=0)
    assert woken == ["dispatch"]
    with django_capture_on_commit_callbacks(execute=True):
        office.deal.bid(bo)
    assert woken == ["dispatch"] * 2


def test_a_mandate_that_is_not_due_is_left_alone(office, bo):
    row = office.store()
    office.look()
    assert dispatch() == 0
    office.deal.bid(bo)
    assert dispatch() == 1, "a bid that came is news"
    assert office.waits(row) == "award-on-its-way"


# ------------------------------------------------------------------ awarded


def test_the_best_bid_within_the_limits_is_awarded_and_commits_to_the_book(office, bo, charlie):
    office.deal.bid(charlie, unit_price=UNIT_PRICE + 1)
    dearer = office.deal.bid(charlie)
    best = office.deal.bid(bo, unit_price=UNIT_PRICE // 2)
    row = office.store()
    office.turn()
    agreement = Agreement.objects.get()
    assert (agreement.pk, agreement.units, agreement.price) == (best.pk, 2, str(UNIT_PRICE))
    book = Book.objects.get()
    assert (agreement.book, book.count) == (book.root, 3)
    assert free(office.deal.ada) == UNIT_PRICE
    found = office.read(row)
    assert (found["used"], found["left"], found["status"]) == (2, 0, "USED_UP")
    office.deal.job.refresh_from_db()
    dearer.refresh_from_db()
    assert (office.deal.job.status, dearer.status) == (JobStatus.AWARDED, BidStatus.OPEN)
    office.settle()
    assert (office.statuses(), office.intents()) == (["AWARDED"], ["FINAL"])
    assert office.read(row)["awards"][0]["transaction"] == agreement.award_transaction


def test_an_award_is_wanted_once_however_often_beat_sweeps(office, bo):
    office.deal.bid(bo)
    row = office.store()
    for _ in range(4):
        office.look()
    assert office.intents() == ["WANTED"]
    assert office.waits(row) == "award-on-its-way"
    office.turn(3)
    office.settle()
    assert (office.intents(), len(office.awarded())) == (["FINAL"], 1)


def test_units_are_awarded_one_bid_after_another(office, bo, charlie):
    office.deal.post_job(quantity=5)
    bids = [office.deal.bid(who, max_units=5) for who in (bo, charlie)]
    office.store(units=3, deposit=10 * UNIT_PRICE)
    office.turn()
    office.settle()
    assert [row.units for row in Agreement.objects.all()] == [3]
    office.store(units=5, deposit=0)
    office.turn()
    assert sorted(row.units for row in Agreement.objects.all()) == [2, 3]
    assert set(office.awarded()) == {bid.pk for bid in bids}


def test_the_designer_is_not_in_the_dispatchers_way(office, bo, charlie):
    """While an award is on its way, the API hands out none of the same units."""
    office.deal.bid(bo)
    other = office.deal.bid(charlie, unit_price=2 * UNIT_PRICE)
    row = office.store()
    office.look()
    answer = office.deal.asks(office.deal.ada, f"bids/{other.pk}/award")
    assert (answer.status_code, answer.json()["code"]) == (409, "bid-not-awardable")
    assert "The dispatcher is awarding 2" in answer.json()["detail"]
    office.revokes(row)
    office.look()
    assert office.statuses() == ["FAILED"]
    assert office.deal.asks(office.deal.ada, f"bids/{other.pk}/award").status_code == 200


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
