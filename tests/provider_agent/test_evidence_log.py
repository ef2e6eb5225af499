"""The evidence log: one record a fact, one fact a seq, whatever the network and the clock do."""

from __future__ import annotations

import time

import aiohttp
import pytest

from marketplace.evidence.rules import RECORDS_LIMIT
from protocol.evidence import Kind, evidence_check
from protocol.typed import infill_domain
from protocol.units import Address, Digest, address_of, hex_of
from provider_agent.errors import JournalBroken, MarketplaceRefused, MarketplaceUnreachable
from provider_agent.evidence_log import EvidenceLog, evidence_flush
from provider_agent.fleet import SAMPLE_SECONDS
from provider_agent.journal.records import record_count, record_last, records_unsent
from provider_agent.journal.store import journal_open
from provider_agent.json_client import JsonClient
from provider_agent.making.telemetry import SEGMENT_SAMPLES
from provider_agent.marketplace import Marketplace

AGREEMENT = Digest(bytes([5]) * 32)
DOMAIN = infill_domain(31337, Address("0x5FbDB2315678afecb367f032d93F642f64180aa3"))


def log_of(journal, bo) -> EvidenceLog:
    return EvidenceLog(
        journal,
        AGREEMENT,
        actor=address_of(bo.address),
        domain=DOMAIN,
        sign=lambda digest: bytes(bo.unsafe_sign_hash(digest).signature),
        now=lambda: int(time.time()),
    )


@pytest.fixture
async def marketplace(market, journal, bo):
    async with aiohttp.ClientSession() as session:
        yield Marketplace(
            JsonClient(market.url, session),
            journal,
            address=address_of(bo.address),
            chain_id=31337,
            sign=lambda digest: bytes(bo.unsafe_sign_hash(digest).signature),
        )


def kinds(market) -> list[str]:
    return [entry["record"]["kind"] for entry in market.evidence[hex_of(AGREEMENT)]]


async def test_evidence_of_a_second_journal_is_never_sent_over_the_first(
    market, marketplace, journal, bo, tmp_path
) -> None:
    other = journal_open(tmp_path / "other.sqlite3")
    log_of(other, bo).append("a", Kind.PRINT_STARTED, {"from": "the other journal"})
    await evidence_flush(other, marketplace, AGREEMENT)
    log_of(journal, bo).append("a", Kind.JOB_SPEC, {})
    with pytest.raises(JournalBroken, match="other evidence"):
        await evidence_flush(journal, marketplace, AGREEMENT)
    assert kinds(market) == ["print started"]
    other.close()


async def test_a_marketplace_that_has_more_than_the_journal_is_an_error(
    market, marketplace, journal, bo
) -> None:
    log_of(journal, bo).append("a", Kind.JOB_SPEC, {})
    problem = {"code": "evidence-out-of-order", "detail": "9 is next", "expected_seq": 9}
    market.refusals["/evidence"] = (409, problem)
    with pytest.raises(JournalBroken, match="old copy"):
        await evidence_flush(journal, marketplace, AGREEMENT)


async def test_a_refusal_leaves_the_record_to_be_sent(market, marketplace, journal, bo) -> None:
    log_of(journal, bo).append("a", Kind.JOB_SPEC, {})
    market.refusals["/evidence"] = (404, {"code": "not-found", "detail": "no such agreement"})
    with pytest.raises(MarketplaceRefused, match="no such agreement"):
        await evidence_flush(journal, marketplace, AGREEMENT)
    market.refusals.clear()
    await evidence_flush(journal, marketplace, AGREEMENT)
    assert kinds(market) == ["job spec"]


async def test_a_marketplace_that_is_away_is_retried(market, marketplace, journal, bo) -> None:
    log_of(journal, bo).append("a", Kind.JOB_SPEC, {})
    market.refusals["/evidence"] = (503, {})
    with pytest.raises(MarketplaceUnreachable):
        await evidence_flush(journal, marketplace, AGREEMENT)
    assert len([line for line in market.requests if line.endswith("/evidence")]) == 3
    assert len(records_unsent(journal, AGREEMENT)) == 1


async def test_it_resumes_where_the_marketplace_says(market, marketplace, journal, bo) -> None:
    log = log_of(journal, bo)
    for key, kind in (("a", Kind.JOB_SPEC), ("b", Kind.MODEL_RECEIVED), ("c", Kind.SLICED)):
        log.append(key, kind, {})
    await evidence_flush(journal, marketplace, AGREEMENT)
    del market.evidence[hex_of(AGREEMENT)][1:]
    log.append("d", Kind.PRINT_STARTED, {})
    await evidence_flush(journal, marketplace, AGREEMENT)
    assert kinds(market) == ["job spec", "model received", "sliced", "print started"]
    assert records_unsent(journal, AGREEMENT) == []


async def test_an_expired_token_is_renewed_once(market, marketplace, journal, bo) -> None:
    await marketplace.headers()
    log_of(journal, bo).append("a", Kind.JOB_SPEC, {})
    market.refusals["/evidence"] = (401, {"code": "not-authenticated", "detail": "expired"})
    with pytest.raises(MarketplaceRefused):
        await evidence_flush(journal, marketplace, AGREEMENT)
    assert market.sign_ins == 2


def test_a_fact_is_recorded_once(journal, bo) -> None:
    log = log_of(journal, bo)
    first = log.append("started:1", Kind.PRINT_STARTED, {"attempt": 1})
    again = log_of(journal, bo).append("started:1", Kind.PRINT_STARTED, {"attempt": 1})
    assert again == first
    assert record_count(journal, AGREEMENT) == 1


def test_records_are_chained_signed_and_salted(journal, bo) -> None:
    log = log_of(journal, bo)
    first = log.append("a", Kind.PRINT_STARTED, {"x": 1})
    second = log.append("b", Kind.PRINT_STARTED, {"x": 1})
    actor = address_of(bo.address)
    evidence_check(first, domain=DOMAIN, agreement=AGREEMENT, actor=actor, previous=None)
    evidence_check(second, domain=DOMAIN, agreement=AGREEMENT, actor=actor, previous=first)
    assert first.record.payload != second.record.payload
    assert log.head() == second.record.digest(DOMAIN)


def test_a_clock_that_jumps_back_does_not_break_the_log(journal, bo, monkeypatch) -> None:
    log = log_of(journal, bo)
    first = log.append("a", Kind.PRINT_STARTED, {})
    earlier = time.time() - 10_000
    monkeypatch.setattr(time, "time", lambda: earlier)
    second = log.append("b", Kind.PRINT_FINISHED, {})
    assert second.record.observed_at == first.record.observed_at


def test_a_record_whose_block_fails_never_was(journal, bo) -> None:
    log = log_of(journal, bo)
    with pytest.raises(ZeroDivisionError), journal.atomic():  # noqa: PT012 - the block is what fails
        log.append("a", Kind.PRINT_STARTED, {})
        1 / 0  # noqa: B018 - what a crash would do
    assert record_last(journal, AGREEMENT) is None
    assert log.append("b", Kind.JOB_SPEC, {}).record.seq == 0


def test_a_week_of_printing_fits_the_log_a_marketplace_takes() -> None:
    """A log that is too long stays without its end there, and no audit of it is clean."""
    samples = 7 * 86400 / SAMPLE_SECONDS
    assert samples / SEGMENT_SAMPLES < RECORDS_LIMIT * 0.75
