"""Machine time is never promised twice."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from protocol.statuses import BidStatus
from protocol.units import Digest
from provider_agent.capacity import booked_permille, earliest_start, reserve
from provider_agent.errors import NoRoom
from provider_agent.journal.bids import bid_end
from provider_agent.journal.reservations import Reservation, reservation_free, reservations_held
from tests.provider_agent.bids import bid_journal

NOW = 1_800_000_000


def digest(number: int) -> Digest:
    return Digest(number.to_bytes(32))


def test_a_schedule_that_is_full_refuses(journal) -> None:
    for number in (1, 2):
        bid_journal(journal, digest(number))
    reserve(journal, agreement=digest(1), serial="p1", seconds=100, now=NOW, end_by=NOW + 150)
    with pytest.raises(NoRoom, match="schedule is full"):
        reserve(journal, agreement=digest(2), serial="p1", seconds=100, now=NOW, end_by=NOW + 150)
    assert [held.agreement for held in reservations_held(journal)] == [digest(1)]


def test_a_lost_bid_gives_its_time_back_and_a_won_one_keeps_it(journal) -> None:
    for number, end in ((1, BidStatus.LOST), (2, BidStatus.AWARDED), (3, BidStatus.EXPIRED)):
        bid_journal(journal, digest(number))
        reserve(journal, agreement=digest(number), serial="p1", seconds=100, now=NOW)
        assert bid_end(journal, digest(number), end)
    assert [held.agreement for held in reservations_held(journal)] == [digest(2)]


def test_freeing_twice_changes_nothing(journal) -> None:
    bid_journal(journal, digest(1))
    reserve(journal, agreement=digest(1), serial="p1", seconds=100, now=NOW)
    for _ in range(2):
        reservation_free(journal, digest(1))
    assert reservations_held(journal) == []


def test_a_gap_that_is_long_enough_is_used() -> None:
    held = [Reservation(digest(1), "p", NOW, NOW + 10), Reservation(digest(2), "p", NOW + 50, NOW + 60)]
    assert earliest_start(held, 40, now=NOW) == NOW + 10
    assert earliest_start(held, 41, now=NOW) == NOW + 60


actions = st.lists(
    st.tuples(
        st.sampled_from(["p1", "p2"]),
        st.integers(1, 5000),
        st.integers(0, 2000),
        st.none() | st.integers(0, 30),
    ),
    max_size=30,
)


@given(actions=actions)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_reservations_of_one_printer_never_overlap(journal, actions) -> None:
    journal.write("DELETE FROM reservations")
    journal.write("DELETE FROM bids")
    now = NOW
    for number, (serial, seconds, later, freed) in enumerate(actions):
        now += later
        bid_journal(journal, digest(number))
        held = reserve(journal, agreement=digest(number), serial=serial, seconds=seconds, now=now)
        assert held.starts_at >= now
        assert held.ends_at - held.starts_at == seconds
        if freed is not None:
            reservation_free(journal, digest(freed))
        for printer in ("p1", "p2"):
            kept = reservations_held(journal, printer)
            assert all(a.ends_at <= b.starts_at for a, b in pairwise(kept))


def test_the_share_that_is_booked_counts_what_is_inside_the_horizon_on_all_printers() -> None:
    held = [Reservation(digest(1), "p", NOW - 50, NOW + 50), Reservation(digest(2), "q", NOW + 90, NOW + 190)]
    assert booked_permille(held, 2, now=NOW, until=NOW + 100) == 300
    assert booked_permille([], 2, now=NOW, until=NOW + 100) == 0
    assert booked_permille([], 0, now=NOW, until=NOW + 100) == 0
