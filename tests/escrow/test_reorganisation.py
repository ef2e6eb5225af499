"""The chain takes things back: what follows from an agreement goes back with it."""

import random
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from marketplace.bidding.models import Bid
from marketplace.chain.models import Block, Cursor, Log
from marketplace.designs.models import Grant
from marketplace.escrow.models import Agreement
from marketplace.escrow.tasks import grant
from protocol.statuses import BidStatus, JobStatus
from tests.factories.deal import UNIT_PRICE

HEAD = "0x" + "11" * 32


def rows() -> list[dict[str, Any]]:
    return list(Agreement.objects.order_by("pk").values())


def equals_a_fresh_follow(deal) -> None:
    """Every projected row dropped and the chain followed from its first block gives the same rows."""
    followed, statuses = rows(), list(Bid.objects.order_by("pk").values_list("status", flat=True))
    for model in (Agreement, Log, Block, Cursor):
        model.objects.all().delete()
    deal.follow()
    grant()
    assert rows() == followed
    assert list(Bid.objects.order_by("pk").values_list("status", flat=True)) == statuses


def test_an_award_taken_back_opens_bid_and_job_again(deal, bo, charlie):
    deal.follow()
    other, bid = deal.bid(charlie), deal.bid(bo)
    deal.award(bid)
    deal.anvil.rpc("anvil_reorg", 1, [])
    deal.follow()
    assert not Agreement.objects.exists()
    deal.job.refresh_from_db()
    assert deal.job.status == JobStatus.OPEN
    assert set(deal.job.bids.values_list("status", flat=True)) == {BidStatus.OPEN}
    assert deal.reads(bo, f"agreements/{bid.pk}").status_code == 404
    deal.award(other)
    deal.job.refresh_from_db()
    assert deal.job.status == JobStatus.AWARDED


def test_even_a_final_award_taken_back_revokes_the_grant(deal, bo):
    bid = deal.bid(bo, grace_time=0)
    deal.follow()
    snapshot = deal.anvil.rpc("evm_snapshot")
    deal.award(bid)
    deal.finalise()
    assert Grant.objects.get().revoked_at is None
    deal.anvil.rpc("evm_revert", snapshot)
    deal.anvil.mine(9)
    deal.follow()
    assert not Agreement.objects.exists()
    assert Grant.objects.get().revoked_at is not None
    design = deal.job.parts.get().design_id
    assert deal.reads(bo, f"designs/{design}/file").status_code in (403, 404)


def test_an_award_that_reappears_in_another_block_moves_its_deadlines(deal, ada, bo):
    bid = deal.bid(bo)
    deal.follow()
    transaction = deal.asks(ada, f"bids/{bid.pk}/award").json()["transaction"]
    deal.send(ada, transaction)
    deal.follow()
    first = Agreement.objects.get()
    deal.anvil.rpc("anvil_reorg", 1, [])
    deal.anvil.advance(100)
    deal.send(ada, transaction)
    deal.follow()
    second = Agreement.objects.get()
    assert second.award_block > first.award_block
    assert second.deliver_by > first.deliver_by
    equals_a_fresh_follow(deal)


def test_a_close_taken_back_reopens_the_agreement(deal, ada, bo):
    bid = deal.bid(bo)
    deal.award(bid)
    deal.takes(ada, f"agreements/{bid.pk}/release")
    assert Agreement.objects.get().status == "CLOSED"
    deal.anvil.rpc("anvil_reorg", 1, [])
    deal.follow()
    row = Agreement.objects.get()
    assert (row.status, row.how, row.paid) == ("AWARDED", "OPEN", "0")
    equals_a_fresh_follow(deal)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_rows_and_chain_agree(deal, ada, bo, seed):
    """Random steps of both parties, random reorganisations, following at random times."""
    chance = random.Random(seed)
    deal.follow()
    bids = [deal.bid(bo, grace_time=0, min_units=1) for _ in range(2)]
    deal.anvil.mine(6)
    for _ in range(25):
        bid = chance.choice(bids)
        steps = {
            "award": (ada, f"bids/{bid.pk}/award", {"units": 1}),
            "deliver": (bo, f"agreements/{bid.pk}/deliver", {"head": HEAD}),
            "part": (ada, f"agreements/{bid.pk}/release", {"cumulative": str(UNIT_PRICE // 2)}),
            "release": (ada, f"agreements/{bid.pk}/release", {}),
        }
        what = chance.choice([*steps, "award", "follow", "follow", "mine", "reorganise"])
        if what in steps:
            who, path, body = steps[what]
            answer = deal.asks(who, path, body)
            if answer.status_code == 200:
                deal.send(who, answer.json()["transaction"])
        elif what == "mine":
            deal.anvil.mine(chance.randrange(1, 3))
        elif what == "reorganise":
            # No deeper than what is not final: a job once CLOSED stays CLOSED.
            deal.anvil.rpc("anvil_reorg", chance.randrange(1, 3), [])
        else:
            deal.follow()
    deal.finalise()
    grant()
    call_command("chain_check", stdout=StringIO())
    for row in Agreement.objects.all():
        word = deal.word(row.pk)
        assert (str(word.price), str(word.paid), word.status) == (row.price, row.paid, row.status)
    equals_a_fresh_follow(deal)


def test_rebuild_writes_the_same_rows_and_tells_no_news(deal, ada, bo):
    from marketplace.activity.models import Activity

    bid = deal.bid(bo, grace_time=0)
    deal.award(bid)
    deal.finalise()
    before, told = rows(), Activity.objects.filter(subject=f"agreement:{bid.pk}").count()
    call_command("chain_rebuild", stdout=StringIO())
    assert rows() == before
    assert Activity.objects.filter(subject=f"agreement:{bid.pk}").count() == told
    assert Grant.objects.get().revoked_at is None


def test_verify_names_what_differs_and_rebuild_mends_it(deal, bo):
    bid = deal.bid(bo)
    deal.award(bid)
    call_command("chain_check", stdout=StringIO())
    Agreement.objects.update(paid="7", status="CLOSED")
    Agreement.objects.create(**{**rows()[0], "id": "0x" + "ee" * 32})
    said = StringIO()
    with pytest.raises(CommandError, match="3 differences"):
        call_command("chain_check", stdout=said)
    lines = said.getvalue().splitlines()
    assert [line.split(" ", 1)[1] for line in lines if line.startswith(bid.pk)] == [
        "paid: stored 7, by the logs it is 0",
        "status: stored CLOSED, by the logs it is AWARDED",
    ]
    call_command("chain_rebuild", stdout=StringIO())
    call_command("chain_check", stdout=StringIO())


def test_verify_sees_logs_that_are_missing(deal, ada, bo):
    bid = deal.bid(bo)
    deal.award(bid)
    deal.takes(ada, f"agreements/{bid.pk}/release")
    Log.objects.filter(name="Paid").delete()
    call_command("chain_rebuild", stdout=StringIO())
    call_command("chain_check", "--offline", stdout=StringIO())
    said = StringIO()
    with pytest.raises(CommandError):
        call_command("chain_check", stdout=said)
    assert "status: stored AWARDED, by the chain it is CLOSED" in said.getvalue()


def test_verify_says_when_the_follower_is_behind(deal, bo):
    deal.award(deal.bid(bo))
    deal.anvil.mine(3)
    complaint = StringIO()
    call_command("chain_check", stdout=StringIO(), stderr=complaint)
    assert "3 blocks behind" in complaint.getvalue()
