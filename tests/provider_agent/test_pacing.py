"""An agent learns from its own journal how long its printers really take."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.evidence import Kind
from protocol.pace import NEWEST_PRINTS, pace_of
from protocol.statuses import PrinterStatus
from protocol.typed import infill_domain
from protocol.units import Address, Digest, address_of, hex_of
from provider_agent.bidding import Decline, Terms, weigh
from provider_agent.estimating import Estimate, estimate, extruded_mm3, print_seconds
from provider_agent.evidence_log import EvidenceLog
from provider_agent.journal.attempts import (
    AttemptStatus,
    attempt_ended,
    attempt_intend,
    paused_seconds,
    prints_finished,
    sample_add,
)
from provider_agent.journal.makings import making_add
from provider_agent.pacing import Pace, pace_learned
from tests.provider_agent.bids import bid_journal
from tests.provider_agent.samples import MARKET, POLICY, job, offer, part, spec

ONE, OTHER = Digest(bytes([1]) * 32), Digest(bytes([2]) * 32)
DOMAIN = infill_domain(31337, Address("0x5FbDB2315678afecb367f032d93F642f64180aa3"))
SPEED = 60.0
EXPECTED = print_seconds(part(), extruded_mm3(part()), SPEED)
NOW = 1_800_000_000


@pytest.fixture
def prints(journal, bo):
    """Journal prints of the cube on p1, as making them does."""
    for agreement in (ONE, OTHER):
        bid_journal(journal, agreement)
        making_add(journal, agreement=agreement, units=1, block=1, transaction="0x00")

    def make(item: int, seconds: float | None, *, serial="p1", agreement=ONE, ended=None, **said: Any) -> str:
        attempt = attempt_intend(journal, agreement, item, serial, ".gcode")
        status = ended or AttemptStatus.FINISHED
        attempt_ended(journal, attempt.id, status)
        sign = {"actor": address_of(bo.address), "domain": DOMAIN}
        log = EvidenceLog(
            journal,
            agreement,
            **sign,
            sign=lambda digest: bytes(bo.unsafe_sign_hash(digest).signature),
            now=lambda: int(time.time()),
        )
        payload = {"model": hex_of(part().model), "print_seconds": seconds} | said
        if status is AttemptStatus.FINISHED:
            log.append(f"finished:{attempt.id}", Kind.PRINT_FINISHED, payload)
        return attempt.id

    return make


def test_a_printer_without_prints_takes_what_is_estimated(journal):
    assert pace_learned(journal, "p1", SPEED) == Pace(1.0, 0)


def test_what_tells_nothing_of_a_printer_changes_nothing(journal, prints):
    prints(0, None)
    prints(1, EXPECTED, paused_seconds=10**6)
    prints(2, 2 * EXPECTED, model=hex_of(ONE))
    prints(3, 2 * EXPECTED, serial="p2")
    prints(4, 2 * EXPECTED, ended=AttemptStatus.FAILED)
    copies = [{"part": "cube.stl", "part_number": 0, "model": hex_of(part().model), "copies": [0, 1]}]
    prints(5, 2 * EXPECTED, model=None, items=copies)
    assert pace_learned(journal, "p1", SPEED) == Pace(1.0, 0)


def test_finished_prints_of_all_agreements_count(journal, prints):
    prints(0, 2 * EXPECTED)
    prints(0, 2 * EXPECTED + 60, agreement=OTHER, paused_seconds=60)
    assert pace_learned(journal, "p1", SPEED) == Pace(pytest.approx(pace_of([(1, 2)] * 2)), 2)
    assert pace_learned(journal, "p2", SPEED).prints == 0


def test_the_newest_prints_count(journal, prints):
    for item in range(3):
        prints(item, EXPECTED + item)
    newest = [payload["print_seconds"] for _, payload in prints_finished(journal, "p1", 2)]
    assert newest == [EXPECTED + 2, EXPECTED + 1]
    assert NEWEST_PRINTS >= 2


def test_a_pause_lasts_until_the_next_sample(journal, prints):
    attempt = prints(0, EXPECTED)
    assert paused_seconds(journal, attempt) == 0
    paused = PrinterStatus.PAUSED
    for at, status in ((0, "PRINTING"), (5, paused), (6, paused), (65, "PRINTING"), (80, paused)):
        sample_add(journal, attempt, at, {"status": str(status)})
    assert paused_seconds(journal, attempt) == 60


@given(st.floats(1.0, 3.0))
def test_a_slow_printer_is_reserved_longer_and_costs_its_hours(pace):
    usual, slow = (_decided(offer(now=NOW), factor) for factor in (1.0, pace))
    assert isinstance(usual, Terms)
    assert isinstance(slow, Terms)
    assert slow.seconds == estimate(spec(), SPEED).at(pace).seconds >= usual.seconds
    assert slow.price.price >= usual.price.price


def test_a_printer_too_slow_for_the_deadline_is_not_offered():
    large = spec(quantity=200, deadline=NOW + 3 * 86_400)
    assert isinstance(_decided(offer(now=NOW), 1.0, large), Terms)
    refused = _decided(offer(now=NOW), 3.0, large)
    assert isinstance(refused, Decline)
    assert "deadline is too soon" in refused.reason


@given(st.integers(1, 10**7), st.floats(1 / 3, 3))
def test_a_pace_changes_the_time_alone(seconds, pace):
    found = Estimate(seconds, {"PLA": 7}, 2).at(pace)
    assert (found.milligrams, found.prints) == ({"PLA": 7}, 2)
    assert seconds * pace <= found.seconds < seconds * pace + 1


def _decided(printer: Any, pace: float, found: Any = None) -> Any:
    wanted = job(found or spec(deadline=NOW + 10 * 86_400))
    return weigh(wanted, [replace(printer, pace=pace)], POLICY, MARKET, estimate=estimate, now=NOW).decision
