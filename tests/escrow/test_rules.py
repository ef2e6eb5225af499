"""The fold of an agreement's logs, against the contract's rules played at random."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.escrow.rules import (
    INTO_ESCROW,
    LogsInconsistent,
    What,
    deadlines_of,
    grant_refusal,
    how_of,
    project,
)
from protocol.statuses import AgreementStatus, How
from tests.escrow.histories import ADA, AGREEMENT, BO, EVE, FEE_TO, STANDBY, History, a_bid, histories


def finalised(history: History, count: int) -> list:
    return [replace(entry, final=index < count) for index, entry in enumerate(history.entries)]


def test_no_award_is_no_agreement():
    history = History(a_bid(), 2)
    history.deliver()
    assert project(history.entries[1:]) is None
    assert project([]) is None


def test_a_second_award_is_refused():
    entry = History(a_bid(), 2).entries[0]
    with pytest.raises(LogsInconsistent, match="awarded before"):
        project([entry, replace(entry, log_index=1)])


def test_a_payment_after_the_close_is_refused():
    history = History(a_bid(), 2)
    history.refund()
    history.pay(2_000, How.RELEASED)
    with pytest.raises(LogsInconsistent, match="it is closed"):
        project(history.entries)


def test_a_payment_that_does_not_rise_is_refused():
    history = History(a_bid(), 2)
    history.pay(500, How.RELEASED)
    history.pay(500, How.RELEASED)
    with pytest.raises(LogsInconsistent, match="500 of 2000 wei"):
        project(history.entries)


def test_a_payment_above_the_price_is_refused():
    history = History(a_bid(), 2)
    history.pay(2_001, How.RELEASED)
    with pytest.raises(LogsInconsistent, match="0 of 2000 wei"):
        project(history.entries)


def test_a_second_delivery_is_refused():
    history = History(a_bid(), 2)
    history.deliver()
    history.deliver()
    with pytest.raises(LogsInconsistent, match="it is DELIVERED"):
        project(history.entries)


def test_how_reads_the_contracts_number_and_its_name():
    assert [how_of(index) for index in range(10)] == list(How)
    assert how_of("3") is How.CLAIMED
    assert how_of("CLAIMED") is How.CLAIMED


def test_a_step_after_the_close_is_refused():
    for step in (History.deliver, History.dispute, History.give_up, History.drop_standby, History.cancel):
        history = History(a_bid(), 2)
        history.cancel()
        step(history)
        with pytest.raises(LogsInconsistent, match="it is "):
            project(history.entries)


def test_a_standby_has_its_price_from_the_agreement_that_failed():
    history = History(a_bid(), 2)
    award = replace(history.entries[0], taken_from=AGREEMENT)
    moves = {move.what: move.party for move in project([award]).seen.movements}
    assert moves == {What.TAKEN_OVER: AGREEMENT, What.BOND: BO}


@given(histories())
def test_the_fold_says_what_the_contract_stores(history):
    seen = project(history.entries).seen
    assert (seen.status, seen.how, seen.clock) == (history.status, history.how, history.clock)
    assert (seen.price, seen.paid, seen.units) == (history.price, history.paid, history.units)
    assert (seen.standby, seen.given_up_at is not None) == (history.standby, history.given_up)


@given(histories())
def test_money_is_conserved_and_reaches_whom_the_contract_pays(history):
    seen = project(history.entries).seen
    paid_out: dict[str, int] = {}
    for movement in seen.movements:
        if movement.what not in INTO_ESCROW:
            paid_out[movement.party] = paid_out.get(movement.party, 0) + movement.amount
    assert paid_out == {party: amount for party, amount in history.ledger.items() if amount}
    assert set(paid_out) <= {ADA, BO, FEE_TO, EVE, STANDBY}
    held = history.price - history.paid + history.bid.bond + history.posted
    assert seen.held == (held if seen.live else 0)


@given(histories(), st.randoms(use_true_random=False))
def test_the_order_in_which_logs_are_stored_does_not_matter(history, random):
    shuffled = list(history.entries)
    random.shuffle(shuffled)
    assert project(shuffled) == project(history.entries)


@given(histories(), st.data())
def test_a_rewind_equals_a_fresh_follow(history, data):
    kept = data.draw(st.integers(0, len(history.entries)))
    projections = [project(history.entries[:count]) for count in range(len(history.entries) + 1)]
    assert project(history.entries[:kept]) == projections[kept]


@given(histories(), st.data())
def test_finality_lags_behind_and_never_changes_what_is_seen(history, data):
    count = data.draw(st.integers(0, len(history.entries)))
    projection, unfinal = project(finalised(history, count)), project(history.entries)
    assert replace(projection.seen, movements=()) == replace(unfinal.seen, movements=())
    assert projection.settled is (count == len(history.entries))
    final = project(history.entries[:count])
    assert projection.final_status == (final.seen.status if final else AgreementStatus.NONE)


@given(histories(), st.data())
def test_whatever_logs_are_taken_away_the_rest_still_folds(history, data):
    """A reorganisation takes logs away one at a time, in any order."""
    kept = data.draw(st.lists(st.sampled_from(history.entries), unique_by=lambda entry: entry.place))
    projection = project(kept)
    assert (projection is None) == (history.entries[0] not in kept)


@given(histories())
def test_deadlines_belong_to_the_earlier_side(history):
    seen = project(history.entries).seen
    deadlines = deadlines_of(seen)
    if seen.given_up_at is not None and seen.status is AgreementStatus.AWARDED:
        assert deadlines.refund_from == seen.given_up_at
        assert deadlines.deliver_by is None
    elif seen.status is AgreementStatus.AWARDED:
        assert deadlines.deliver_by == history.clock + history.bid.make_time
        assert deadlines.refund_from == deadlines.deliver_by + 12 * 3600 + 1
    assert (deadlines.refund_from is None) == (seen.status is not AgreementStatus.AWARDED)
    assert (deadlines.claim_from is None) == (seen.status is not AgreementStatus.DELIVERED)
    assert (deadlines.expire_from is None) == (seen.status is not AgreementStatus.DISPUTED)
    if deadlines.expire_from:
        assert (
            deadlines.expire_from == deadlines.rule_until + 1 == history.clock + history.bid.arbiter_time + 1
        )
    if deadlines.claim_from:
        assert (
            deadlines.claim_from == deadlines.review_until + 1 == history.clock + history.bid.review_time + 1
        )


@given(histories(), st.integers(-4_000, 40_000_000), st.booleans(), st.data())
def test_designs_wait_for_a_final_award_and_the_end_of_grace(history, late, waived, data):
    count = data.draw(st.integers(0, len(history.entries)))
    projection = project(finalised(history, count))
    awarded = history.entries[0].time
    refusal = grant_refusal(projection, waived=waived, final_time=awarded + late)
    in_grace = bool(history.bid.grace_time) and late <= history.bid.grace_time
    if history.status == "CLOSED" and history.paid < history.price:
        assert refusal == f"The agreement is closed ({history.how})."
    elif history.given_up:
        assert refusal == "The provider gave up."
    elif count == 0:
        assert "not final" in refusal
    elif in_grace and not waived:
        assert "grace time runs until" in refusal
    else:
        assert refusal is None
