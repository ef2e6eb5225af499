"""The dispatcher on a real chain: Ada signs once; it awards the best bid, or says why it does not."""

from __future__ import annotations

from marketplace.bidding.models import Book
from marketplace.escrow.models import Agreement
from marketplace.escrow.tasks import dispatch
from protocol.statuses import BidStatus, JobStatus
from tests.escrow.mandates import DAY, free, office, operated, operator
from tests.escrow.steps import iso
from tests.factories.deal import BOND, UNIT_PRICE

__all__ = ["office", "operated", "operator"]

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
