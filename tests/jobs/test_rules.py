"""The rules of posting, by themselves."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from marketplace.designs.mesh.materials import DENSITIES
from marketplace.designs.rules import PARTS_LIMIT
from marketplace.jobs.rules import (
    BUDGET_LIMIT,
    LONGEST,
    SHORTEST,
    PartAsked,
    Posting,
    bids_close_by_default,
    posting_problems,
    takes_bids,
)
from protocol.statuses import JobStatus

NOW = datetime(2030, 1, 1, tzinfo=UTC)
FINE = Posting(
    title="Bracket",
    parts=[PartAsked(uuid4(), 1, "PLA", "any", 200, 20)],
    quantity=1,
    deadline=NOW + timedelta(days=5),
    bids_close_at=NOW + timedelta(days=1),
    budget_wei=10**16,
    ship_to_zone="any",
    licence="print only",
)

lines = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=60)
parts = st.builds(
    PartAsked,
    design=st.uuids(),
    copies=st.integers(1, 1000),
    material=st.sampled_from(sorted(DENSITIES)),
    colour=lines,
    layer_um=st.integers(50, 400),
    infill_percent=st.integers(0, 100),
)
fine = st.builds(
    replace,
    st.just(FINE),
    title=lines,
    parts=st.lists(parts, min_size=1, max_size=PARTS_LIMIT),
    quantity=st.integers(1, 10_000),
    budget_wei=st.integers(1, BUDGET_LIMIT),
)


@given(fine)
def test_what_is_within_every_limit_has_no_problem(posting):
    assert posting_problems(posting, NOW) == {}


@given(fine, st.data(), st.integers().filter(lambda value: not 50 <= value <= 400))
def test_layers_nobody_prints_are_the_only_problem(posting, data, layer):
    at = data.draw(st.integers(0, len(posting.parts) - 1))
    changed = [replace(one, layer_um=layer) if n == at else one for n, one in enumerate(posting.parts)]
    assert set(posting_problems(replace(posting, parts=changed), NOW)) == {f"parts.{at}.layer_um"}


@given(fine, st.integers(-(10**30), 10**30).filter(lambda value: not 1 <= value <= BUDGET_LIMIT))
def test_budgets_no_contract_could_hold_are_the_only_problem(posting, budget):
    assert set(posting_problems(replace(posting, budget_wei=budget), NOW)) == {"budget"}


@given(fine, st.timedeltas(timedelta(days=-1000), timedelta(days=1000)))
def test_deadlines_are_neither_too_near_nor_too_far(posting, ahead):
    deadline = NOW + ahead
    close = min(posting.bids_close_at, deadline)
    problems = posting_problems(replace(posting, deadline=deadline, bids_close_at=close), NOW)
    assert ("deadline" in problems) is not (SHORTEST <= ahead <= LONGEST)


@given(st.timedeltas(SHORTEST, LONGEST))
def test_the_default_end_of_bidding_is_always_fine(ahead):
    deadline = NOW + ahead
    posting = replace(FINE, deadline=deadline, bids_close_at=bids_close_by_default(deadline, NOW))
    assert posting_problems(posting, NOW) == {}


@given(st.sampled_from(JobStatus), st.timedeltas(timedelta(days=-9), timedelta(days=9)))
def test_only_an_open_job_before_its_end_takes_bids(status, ahead):
    assert takes_bids(status, NOW + ahead, NOW) is (status is JobStatus.OPEN and ahead > timedelta(0))
