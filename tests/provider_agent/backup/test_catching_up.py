"""What a restored journal believes: what its own key signed, in one unbroken log; and nothing else."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from protocol.evidence import Evidence, Kind, SignedEvidence
from protocol.statuses import BidStatus, MakingStatus
from protocol.terms import agreement_id
from protocol.units import Digest, address_of, hex_of
from provider_agent.bidder import Bidder
from provider_agent.catching_up.bids import bids_adopt
from provider_agent.catching_up.evidence import evidence_adopt, key_of
from provider_agent.catching_up.whole import catch_up
from provider_agent.chain_types import Block
from provider_agent.errors import MarketplaceUnreachable, NodeUnreachable, NotCaughtUp
from provider_agent.evidence_log import evidence_flush
from provider_agent.fleet import Fleet, Printer
from provider_agent.journal.attempts import (
    attempts_of,
    plate_taken,
)
from provider_agent.journal.bids import bid_find, bid_get, bids_open
from provider_agent.journal.facts import fact_set
from provider_agent.journal.makings import making_get
from provider_agent.journal.records import record_count, records_all, records_unsent
from provider_agent.journal.reservations import reservations_held
from provider_agent.journal.restored import is_behind, restored_mark
from provider_agent.journal.statements import statement_add, statements_waiting
from provider_agent.making.context import Context
from provider_agent.making.plate import cleared_name
from provider_agent.making.shipping import statements_sign
from tests.provider_agent.bids import bid
from tests.provider_agent.samples import job, job_json

FORGETS = ("evidence", "attempts", "samples", "spool_uses")


def forget(context: Context) -> None:
    """The journal is as before the first record of anything."""
    for table in reversed(FORGETS):
        context.journal.write(f"DELETE FROM {table}")


@pytest.fixture
async def told(context: Context, cleared: Digest) -> Digest:
    """An agreement whose evidence the marketplace has and the journal has lost."""
    await evidence_flush(context.journal, context.marketplace, cleared)
    forget(context)
    return cleared


def record_change(
    context: Context, kept: list[dict[str, Any]], change: Callable[[Evidence], Evidence]
) -> None:
    """The marketplace shows another first record, well signed by the key of the agent."""
    first = SignedEvidence.from_json(kept[0])
    record = change(first.record)
    signature = context.wallet.sign(record.digest(context.chain.infill))
    kept[0] = SignedEvidence(record, first.payload, signature).to_json()


@pytest.mark.parametrize(
    "change",
    [
        lambda record: replace(record, seq=1),
        lambda record: replace(record, previous=Digest(bytes([3]) * 32)),
        lambda record: replace(record, agreement=Digest(bytes([3]) * 32)),
        lambda record: replace(record, payload=Digest(bytes([3]) * 32)),
        lambda record: replace(record, actor=address_of("0x" + "11" * 20)),
    ],
    ids=["number", "previous", "agreement", "payload", "actor"],
)
async def test_a_record_that_does_not_follow_stops_it_and_nothing_is_kept(
    context: Context, told: Digest, market, change
) -> None:
    record_change(context, market.evidence[hex_of(told)], change)
    with pytest.raises(NotCaughtUp, match="not ours"):
        await evidence_adopt(context, told)
    assert record_count(context.journal, told) == 0


async def test_a_record_of_another_key_stops_it(context: Context, told: Digest, charlie, market) -> None:
    first = SignedEvidence.from_json(market.evidence[hex_of(told)][0])
    digest = first.record.digest(context.chain.infill)
    signature = bytes(charlie.unsafe_sign_hash(digest).signature)
    market.evidence[hex_of(told)][0] = replace(first, signature=signature).to_json()
    with pytest.raises(NotCaughtUp, match="not ours"):
        await evidence_adopt(context, told)


async def test_two_records_at_one_number_stop_it(context: Context, told: Digest) -> None:
    context.log_of(told).append("started:x", Kind.PRINT_STARTED, {"from": "another journal of the same key"})
    with pytest.raises(NotCaughtUp, match="two agents of this key"):
        await evidence_adopt(context, told)
    assert record_count(context.journal, told) == 1


async def test_a_bid_that_this_key_did_not_sign_is_not_taken_up(context: Context, market, charlie) -> None:
    found = job()
    market.jobs[found.id] = job_json(found)
    terms = bid(provider=context.wallet.address, job_digest=found.digest)
    digest = agreement_id(terms, context.chain.domain)
    signature = hex_of(charlie.unsafe_sign_hash(digest).signature)
    market.bids.append({"id": "x", "bid": terms.to_json(), "signature": signature})
    await bids_adopt(context)
    assert bid_find(context.journal, digest) is None


@pytest.mark.parametrize("part", ["/bids", "/spec"])
async def test_a_job_that_the_marketplace_does_not_show_holds_up_no_other(
    context: Context, market, part: str
) -> None:
    found = job()
    market.jobs[found.id] = job_json(found)
    terms = bid(provider=context.wallet.address, job_digest=found.digest)
    digest = agreement_id(terms, context.chain.domain)
    signature = hex_of(context.wallet.sign(digest))
    market.bids.append({"id": "x", "bid": terms.to_json(), "signature": signature})
    market.refusals[part] = (404, {"detail": "no such job"})
    await bids_adopt(context)
    assert bid_find(context.journal, digest) is None


async def test_a_bid_of_this_key_comes_back_with_its_machine_time(context: Context, market) -> None:
    found = job()
    market.jobs[found.id] = job_json(found)
    terms = bid(provider=context.wallet.address, job_digest=found.digest)
    digest = agreement_id(terms, context.chain.domain)
    signature = context.wallet.sign(digest)
    market.bids.append({"id": "x", "bid": terms.to_json(), "signature": hex_of(signature)})
    market.printers.append({"profile": {"serial": "p1"}})
    for _ in range(2):
        await bids_adopt(context)
    (row,) = bids_open(context.journal)
    assert (row.agreement, row.signature, row.sent, row.serial) == (digest, signature, True, "p1")
    assert [held.agreement for held in reservations_held(context.journal, "p1")] == [digest]


async def test_a_later_bid_for_a_job_ends_the_one_the_backup_knew(context: Context, market) -> None:
    found = job()
    market.jobs[found.id] = job_json(found)
    market.printers.append({"profile": {"serial": "p1"}})
    older, newer = (
        bid(provider=context.wallet.address, job_digest=found.digest, salt=salt, valid_until=2**31 + salt)
        for salt in (1, 2)
    )
    ids = [agreement_id(one, context.chain.domain) for one in (older, newer)]
    for one, digest in zip((newer, older), reversed(ids), strict=True):
        signature = hex_of(context.wallet.sign(digest))
        market.bids.append({"id": "x", "bid": one.to_json(), "signature": signature})
    await bids_adopt(context)
    assert [bid_get(context.journal, one).status for one in ids] == [BidStatus.LOST, BidStatus.OPEN]


async def test_it_refuses_while_the_marketplace_is_away(context: Context, market) -> None:
    restored_mark(context.journal, int(time.time()), 1)
    market.refusals["/agreements"] = (503, {})
    with pytest.raises(MarketplaceUnreachable):
        await catch_up(context)
    assert is_behind(context.journal)


async def test_it_refuses_while_the_node_is_away(context: Context, monkeypatch) -> None:
    restored_mark(context.journal, int(time.time()), 1)

    async def away() -> Block:
        raise NodeUnreachable("gone")

    monkeypatch.setattr(context.chain, "final", away)
    with pytest.raises(NodeUnreachable):
        await catch_up(context)
    assert is_behind(context.journal)


async def test_it_refuses_until_a_person_has_emptied_the_plates(context: Context, driver) -> None:
    restored_mark(context.journal, int(time.time()), 1)
    entry = replace(context.config.printers[0], auto_clear=False)
    bench = replace(context, fleet=Fleet([Printer(entry, driver)]))
    with pytest.raises(NotCaughtUp, match="infill-agent clear p1"):
        await catch_up(bench)
    assert is_behind(context.journal)
    fact_set(context.journal, cleared_name("p1"), "yes")
    await catch_up(bench)
    assert not is_behind(context.journal)


async def test_a_journal_that_was_not_restored_asks_nobody(context: Context, market) -> None:
    await catch_up(context)
    assert market.requests == []


async def test_each_record_gets_the_key_of_the_step_that_wrote_it(context: Context, cleared: Digest) -> None:
    journal, parts = context.journal, bid_get(context.journal, cleared).spec.parts
    log = context.log_of(cleared)
    for number in range(2):
        log.append(f"paused:a:{number}", Kind.PAUSED, {"attempt": "a", "reason": ""})
    log.append("paused:b:0", Kind.PAUSED, {"attempt": "b", "reason": ""})
    log.append("sliced:0", Kind.SLICED, {"part": parts[0].name})
    log.append("failed:a", Kind.PRINT_FAILED, {"attempt": "a", "reason": "cold"})
    log.append("telemetry:a:4", Kind.TELEMETRY, {"attempt": "a", "segment": 4})
    log.append("photo:a:1", Kind.PHOTO, {"attempt": "a", "number": 1})
    statement_add(journal, "12ab", cleared, Kind.PACKED, {"weight_mg": 1})
    statements_sign(context)
    rows = journal.rows("SELECT key, signed FROM evidence WHERE agreement = ? ORDER BY seq", hex_of(cleared))
    signed = [SignedEvidence.from_json(json.loads(row["signed"])) for row in rows]
    assert [key_of(one, signed[:place], parts) for place, one in enumerate(signed)] == [
        row["key"] for row in rows
    ]


async def test_what_was_said_and_signed_after_the_backup_is_not_signed_again(
    context: Context, cleared: Digest, market
) -> None:
    """The backup holds the statement, the marketplace its record."""
    statement_add(context.journal, "12ab", cleared, Kind.PACKED, {"weight_mg": 1})
    (said,) = statements_waiting(context.journal)
    statements_sign(context)
    await evidence_flush(context.journal, context.marketplace, cleared)
    before = records_all(context.journal, cleared)
    forget(context)
    statement_add(context.journal, said.id, cleared, said.kind, {"weight_mg": 1})
    await evidence_adopt(context, cleared)
    statements_sign(context)
    assert records_all(context.journal, cleared) == before
    assert statements_waiting(context.journal) == []


async def test_evidence_and_attempts_come_back_as_they_were_signed(
    context: Context, cleared: Digest, market
) -> None:
    before, attempts = records_all(context.journal, cleared), attempts_of(context.journal, cleared)
    await evidence_flush(context.journal, context.marketplace, cleared)
    forget(context)
    for _ in range(2):
        await evidence_adopt(context, cleared)
        assert records_all(context.journal, cleared) == before
        assert records_unsent(context.journal, cleared) == []
    found = attempts_of(context.journal, cleared)
    assert [(one.id, one.item, one.status, one.remote_name) for one in found] == [
        (one.id, one.item, one.status, one.remote_name) for one in attempts
    ]
    assert plate_taken(context.journal, "p1") is not None, "a person says that a plate is empty"
    context.log_of(cleared).append("new", Kind.PACKED, {})
    await evidence_flush(context.journal, context.marketplace, cleared)
    assert len(market.evidence[hex_of(cleared)]) == len(before) + 1


async def test_what_the_journal_has_and_the_marketplace_not_is_sent_as_before(
    context: Context, cleared: Digest
) -> None:
    before = records_all(context.journal, cleared)
    await evidence_adopt(context, cleared)
    assert records_all(context.journal, cleared) == before == records_unsent(context.journal, cleared)


async def test_what_is_printed_by_the_evidence_is_not_printed_again(
    context: Context, told: Digest, market
) -> None:
    market.agreed[hex_of(told)] = "job-1"
    restored_mark(context.journal, int(time.time()), int(time.time()))
    context.journal.write("UPDATE makings SET status = 'WON'")
    await catch_up(context)
    assert making_get(context.journal, told).status is MakingStatus.PRINTED
    assert not is_behind(context.journal)


@pytest.mark.parametrize(("after", "asks"), [(-1, False), (0, True)])
async def test_no_new_bid_before_every_lost_one_is_over(
    context: Context, monkeypatch, after: int, asks: bool
) -> None:
    now = int(time.time())
    bidder, asked = Bidder(context), []
    restored_mark(context.journal, now, 1)

    async def then() -> int:
        return now + context.config.policy.valid_for_s + after

    def registered() -> set[str]:
        asked.append("which printers")
        return set()

    monkeypatch.setattr(bidder._counter, "now", then)
    monkeypatch.setattr(bidder._counter, "registered", registered)
    await bidder._consider(job())
    assert bool(asked) is asks
