"""Fetching, printing and settling, step by step, at their boundaries: what is refused, and what is done only once."""

from __future__ import annotations

import asyncio
import errno
import os
from dataclasses import replace

import aiohttp
import pyrage
import pytest
from pyrage.x25519 import Identity

from contracts.calls import Refund, Release
from protocol.canonical import keccak
from protocol.recipients import Recipient
from protocol.signatures import recover
from protocol.statuses import MakingStatus, PrinterStatus
from protocol.terms import Bid
from protocol.units import Digest, hex_of
from provider_agent import json_client
from provider_agent.config import config_parse
from provider_agent.drivers.base import AttemptFate, Reconciled, Refused, Unknown
from provider_agent.drivers.errors import PrinterUnreachable, UploadRefused
from provider_agent.errors import MakingFailed, MarketplaceRefused, MarketplaceUnreachable
from provider_agent.journal.attempts import attempt_intend, attempt_started, attempts_of, plate_taken
from provider_agent.journal.bids import bid_get
from provider_agent.journal.makings import file_find, making_add, making_advance
from provider_agent.journal.records import record_count, record_find
from provider_agent.json_client import JsonClient
from provider_agent.making import attempting, fetching, settling
from provider_agent.making.context import Context
from provider_agent.making.fetching import MODEL, fetch
from provider_agent.making.forgetting import deleted_at, making_forget
from provider_agent.making.printing import produce
from provider_agent.making.settling import deliver, settle
from provider_agent.making.slicing import GCODE, slice_parts
from provider_agent.marketplace import Grant, Marketplace
from provider_agent.runner import run_making
from provider_agent.slicing.recipe import Recipe
from tests.provider_agent.bids import bid_journal
from tests.provider_agent.desk import making
from tests.provider_agent.market import Market
from tests.provider_agent.samples import CUBE, MODEL_SALT, config_toml, part


def grant(market: Market, agreement: Digest, data: bytes = CUBE, **changes) -> None:
    market.files["cube"] = data
    entry = {
        "name": "cube.stl",
        "model": hex_of(part().model),
        "salt": hex_of(MODEL_SALT),
        "bytes": len(CUBE),
        "url": "/files/cube",
    }
    market.grants[hex_of(agreement)] = [{**entry, **changes}]


@pytest.mark.parametrize(
    "data",
    [CUBE[:-1] + b"\x01", CUBE[:-1], CUBE + b"\x00", b"<html>"],
    ids=["altered", "short", "long", "another"],
)
async def test_what_is_not_the_model_of_the_spec_is_not_kept(context, agreement, market, data) -> None:
    grant(market, agreement, data)
    with pytest.raises(MakingFailed, match="not the model the job was signed for"):
        await fetch(context, making(context, agreement))
    assert file_find(context.journal, agreement, 0, MODEL) is None
    assert [path.name for path in context.folder(agreement).iterdir() if path.suffix != ".new"] == []
    assert len([line for line in market.requests if line == "GET /files/cube"]) == 3


async def test_a_model_the_spec_does_not_name_is_not_fetched(context, agreement, market) -> None:
    grant(market, agreement, model="0x" + "33" * 32)
    with pytest.raises(MakingFailed, match=r"releases no model for part 'cube.stl'"):
        await fetch(context, making(context, agreement))
    assert "GET /files/cube" not in market.requests


async def test_a_model_above_the_providers_limit_is_not_fetched(context, agreement, market) -> None:
    grant(market, agreement)
    small = config_toml(marketplace=market.url).replace(
        "model_limit_bytes = 100000000", "model_limit_bytes = 10"
    )
    limited = Context(**{**vars(context), "config": config_parse(small)})
    with pytest.raises(MakingFailed, match="the limit is 10"):
        await fetch(limited, making(context, agreement))
    assert "GET /files/cube" not in market.requests


async def test_an_unexpected_refusal_is_not_taken_for_a_grant_to_come(context, agreement, market) -> None:
    market.refusals["/designs"] = (422, {"code": "odd", "detail": "odd"})
    with pytest.raises(MarketplaceRefused, match="odd"):
        await fetch(context, making(context, agreement))


async def test_what_is_encrypted_to_another_is_not_kept(context, agreement, market) -> None:
    grant(market, agreement)
    key = ("cube", str(context.identity.to_public()), CUBE)
    market.sealed[key] = pyrage.encrypt(CUBE, [Identity.generate().to_public()])
    with pytest.raises(MakingFailed, match="not the model the job was signed for"):
        await fetch(context, making(context, agreement))
    assert list(context.folder(agreement).iterdir()) == []


async def test_another_ciphertext_than_was_named_is_not_kept(context, agreement, market) -> None:
    grant(market, agreement, sealed="0x" + "12" * 32)
    with pytest.raises(MakingFailed, match="not the model the job was signed for"):
        await fetch(context, making(context, agreement))
    assert list(context.folder(agreement).iterdir()) == []


async def test_a_disk_without_room_is_not_taken_for_a_wrong_file(
    context, agreement, market, monkeypatch
) -> None:
    def full(path, data) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    grant(market, agreement)
    with monkeypatch.context() as patch:
        patch.setattr(fetching, "file_write", full)
        with pytest.raises(OSError, match="No space left"):
            await fetch(context, making(context, agreement))
    assert making(context, agreement).status is MakingStatus.WON
    await fetch(context, making(context, agreement))
    assert making(context, agreement).status is MakingStatus.FETCHED


async def test_the_recipient_is_named_by_the_key_of_the_bid_for_this_agreement(
    context, agreement, market
) -> None:
    grant(market, agreement)
    await fetch(context, making(context, agreement))
    (sent,) = market.statements
    statement = Recipient(agreement, str(context.identity.to_public()))
    assert sent["recipient"] == statement.recipient
    signer = recover(statement.digest(context.chain.infill), bytes.fromhex(sent["signature"][2:]))
    assert signer == context.wallet.address


async def test_the_record_of_a_model_names_its_delivery_and_only_the_plain_model_is_kept(
    context, agreement, market
) -> None:
    grant(market, agreement)
    await fetch(context, making(context, agreement))
    (sealed,) = market.sealed.values()
    record = record_find(context.journal, agreement, "model received:0")
    assert record.record.kind == "model received"
    assert record.payload["recipient"] == str(context.identity.to_public())
    assert record.payload["sealed"] == hex_of(keccak(sealed))
    assert record.payload["statement"] == market.statements[0]["signature"]
    assert [path.name for path in context.folder(agreement).iterdir()] == ["model-0.stl"]


async def test_a_download_that_was_cut_off_goes_on_where_it_stopped(context, agreement, market) -> None:
    grant(market, agreement)
    market.cut_after = 3
    with pytest.raises(MarketplaceUnreachable):
        await fetch(context, making(context, agreement))
    market.cut_after = None
    await fetch(context, making(context, agreement))
    first, second = market.ranges
    (sealed,) = market.sealed.values()
    assert (first, 0 < second < len(sealed)) == (0, True)
    assert making(context, agreement).status is MakingStatus.FETCHED


async def test_until_the_grant_it_waits_and_says_what_it_will_make(context, agreement, market) -> None:
    await fetch(context, making(context, agreement))
    assert making(context, agreement).status is MakingStatus.WON
    assert record_count(context.journal, agreement) == 1


async def test_a_name_cannot_leave_the_folder_and_the_token_stays_home(context, agreement, market) -> None:
    grant(market, agreement, name="../../evil.s/tl")
    await fetch(context, making(context, agreement))
    kept = file_find(context.journal, agreement, 0, MODEL)
    assert kept.name == "model-0.stl"
    assert (context.folder(agreement) / kept.name).read_bytes() == CUBE
    assert making(context, agreement).status is MakingStatus.FETCHED


async def test_a_model_may_take_longer_than_an_answer(context, agreement, market, monkeypatch) -> None:
    await context.marketplace.headers()
    monkeypatch.setattr(json_client, "TIMEOUT", aiohttp.ClientTimeout(total=0.4))
    market.file_pause = 0.1
    grant(market, agreement)
    await fetch(context, making(context, agreement))
    assert making(context, agreement).status is MakingStatus.FETCHED


async def test_a_refusal_while_fetching_does_not_end_the_making(context, agreement, market) -> None:
    grant(market, agreement)
    market.refusals["/files/cube"] = (403, {"code": "design-not-granted", "detail": "Ask again soon."})
    with pytest.raises(MarketplaceRefused, match="Ask again soon"):
        await fetch(context, making(context, agreement))
    market.refusals.clear()
    await fetch(context, making(context, agreement))
    assert making(context, agreement).status is MakingStatus.FETCHED


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("/files/cube", True),
        ("http://market.example/files/cube", True),
        ("http://files.example/cube", False),
        (".evil.example/cube", False),
        ("@evil.example/cube", False),
        ("http://market.example.evil.example/cube", False),
    ],
)
async def test_the_token_goes_to_the_marketplace_alone(
    context, agreement, monkeypatch, tmp_path, url, told
) -> None:
    asked: list[object] = []

    def answer(self, method, path, *, headers=None, **_):
        asked.append(headers)
        raise MarketplaceUnreachable("not asked in earnest")

    await context.marketplace.headers()
    monkeypatch.setattr(context.marketplace._client, "url", "http://market.example")
    monkeypatch.setattr(Marketplace, "_token", lambda self: "secret")
    monkeypatch.setattr(JsonClient, "answer", answer)
    given = Grant("cube.stl", Digest(bytes(32)), Digest(bytes(32)), 1, url, "age1", Digest(bytes(32)), 1)
    with pytest.raises(MarketplaceUnreachable):
        await context.marketplace.download(given, tmp_path / "model", 1)
    assert asked == [{"Authorization": "Bearer secret"} if told else {}]


async def test_a_model_no_slicer_can_read_ends_the_making(context, agreement, market) -> None:
    grant(market, agreement)
    await fetch(context, making(context, agreement))
    (context.folder(agreement) / "model-0.stl").write_bytes(b"not a model")
    with pytest.raises(MakingFailed, match="cannot be sliced"):
        await slice_parts(context, making(context, agreement))


def outcomes(context: Context, agreement: Digest) -> list[str]:
    return [attempt.status.value for attempt in attempts_of(context.journal, agreement)]


async def test_a_printer_that_always_fails_ends_the_making(context, queued, driver) -> None:
    driver.ends = AttemptFate.FAILED
    with pytest.raises(MakingFailed, match="not printed in 2 attempts"):
        await produce(context, making(context, queued))
    assert outcomes(context, queued) == ["FAILED", "FAILED"]
    assert record_count(context.journal, queued, "failed:") == 2


async def test_the_gcode_leaves_the_printer_once_the_plate_is_cleared(context, queued, driver) -> None:
    await produce(context, making(context, queued))
    (tried,) = attempts_of(context.journal, queued)
    assert driver.discarded == [tried.remote_name]


async def test_gcode_that_the_printer_keeps_does_not_hold_the_making_up(context, queued, driver) -> None:
    driver.discard_error = PrinterUnreachable("gone")
    await produce(context, making(context, queued))
    assert making(context, queued).status is MakingStatus.CLEARED


async def test_a_print_of_another_file_is_a_failure(context, queued, driver) -> None:
    driver.printed_sha256 = "cd" * 32
    with pytest.raises(MakingFailed, match="printed another file"):
        await produce(context, making(context, queued))


@pytest.mark.parametrize(("counts", "told"), [(False, 0), (True, 42)])
async def test_a_finished_print_says_how_much_of_its_time_was_pauses(
    context, queued, driver, monkeypatch, counts, told
) -> None:
    monkeypatch.setattr(attempting, "paused_seconds", lambda *_: 42)
    known = replace(driver.capabilities(), counts_pauses=counts)
    monkeypatch.setattr(driver, "capabilities", lambda: known)
    await produce(context, making(context, queued))
    (attempt,) = attempts_of(context.journal, queued)
    record = record_find(context.journal, queued, f"finished:{attempt.id}")
    assert record.payload["paused_seconds"] == told


async def test_a_start_that_is_refused_for_good_counts_as_an_attempt(context, queued, driver) -> None:
    driver.replies = [Refused("no such file", retryable=False), UNKNOWN_FILE]
    with pytest.raises(MakingFailed, match="no such file"):
        await produce(context, making(context, queued))
    assert outcomes(context, queued) == ["DROPPED", "DROPPED"]
    assert driver.started == []
    assert plate_taken(context.journal, "p1") is None


async def test_an_upload_that_is_refused_counts_as_an_attempt(context, queued, driver) -> None:
    driver.upload_error = UploadRefused("disk full")
    with pytest.raises(MakingFailed, match="disk full"):
        await produce(context, making(context, queued))
    assert driver.started == []


@pytest.mark.parametrize("text", [b"", b"G28\nM500\n", b"G29\n"])
async def test_gcode_that_was_changed_on_disk_is_not_sent(context, queued, driver, text) -> None:
    (context.folder(queued) / "part-0.gcode").write_bytes(text)
    with pytest.raises(MakingFailed, match="changed on disk"):
        await produce(context, making(context, queued))
    assert driver.uploaded == driver.started == []


async def test_gcode_that_is_gone_from_disk_ends_the_making(context, queued, driver) -> None:
    (context.folder(queued) / "part-0.gcode").unlink()
    with pytest.raises(MakingFailed, match="cannot be read"):
        await produce(context, making(context, queued))
    assert driver.started == []


async def test_a_model_of_which_the_slicer_makes_what_no_printer_may_be_given_ends_the_making(
    context, agreement, market, monkeypatch
) -> None:
    grant(market, agreement)
    await fetch(context, making(context, agreement))
    end = Recipe.end_gcode
    monkeypatch.setattr(Recipe, "end_gcode", lambda self: f"{end(self)}\nM502")
    with pytest.raises(MakingFailed, match="'M502': this command is not on the list"):
        await slice_parts(context, making(context, agreement))
    assert file_find(context.journal, agreement, 0, GCODE) is None
    assert record_count(context.journal, agreement, "sliced:") == 0


async def test_a_start_refused_for_now_is_repeated_as_the_same_attempt(context, queued, driver) -> None:
    driver.replies = [Refused("busy: homing", retryable=True)]
    await produce(context, making(context, queued))
    assert outcomes(context, queued) == ["FINISHED"]
    assert len(driver.started) == 1


@pytest.mark.parametrize("silently", [True, False])
async def test_a_start_of_unknown_outcome_is_asked_about_and_prints_once(
    context, queued, driver, silently
) -> None:
    driver.starts_silently = silently
    driver.replies = [Unknown("timeout")]
    await produce(context, making(context, queued))
    assert len(driver.started) == 1
    assert outcomes(context, queued) == ["FINISHED"]
    assert record_count(context.journal, queued, "started:") == 1


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("fate", [AttemptFate.FINISHED, None])
async def test_after_a_crash_the_printer_is_asked_before_it_prints(
    context, queued, driver, known, fate
) -> None:
    """Killed after the intent (the start reached the printer or not), or after it was journalled as started."""
    making_advance(context.journal, queued, MakingStatus.PRINTING)
    attempt = attempt_intend(context.journal, queued, 0, "p1", ".gcode")
    if known:
        attempt_started(context.journal, attempt.id)
    if fate:
        driver.fates[attempt.id] = Reconciled(attempt.id, fate)
        driver.status = PrinterStatus.FINISHED_UNCLEARED
    await produce(context, making(context, queued))
    assert outcomes(context, queued)[-1] == "FINISHED"
    assert len(driver.started) == (0 if fate else 1)
    assert making(context, queued).status is MakingStatus.CLEARED


async def test_after_a_crash_nothing_starts_for_an_agreement_that_is_over(
    context, queued, driver, anvil
) -> None:
    making_advance(context.journal, queued, MakingStatus.PRINTING)
    attempt_intend(context.journal, queued, 0, "p1", ".gcode")
    anvil.advance(86400 + 1)
    with pytest.raises(MakingFailed, match="time to deliver is over"):
        await produce(context, making(context, queued))
    assert driver.started == []


async def test_a_plate_with_somebody_elses_print_is_waited_for(context, queued, driver, journal) -> None:
    other = Digest(bytes([8]) * 32)
    bid_journal(journal, other, signature=bytes(65))
    making_add(journal, agreement=other, units=1, block=1, transaction="0x00")
    attempt_intend(journal, other, 0, "p1", ".gcode")
    await asyncio.wait_for(produce(context, making(context, queued)), 5)
    assert making(context, queued).status is MakingStatus.QUEUED
    assert driver.started == []


async def test_a_plate_with_its_own_print_is_gone_on_with(context, queued, driver, journal) -> None:
    """As a restored journal has it, which learnt of the print before it had the files again."""
    attempt = attempt_intend(journal, queued, 0, "p1", ".gcode")
    attempt_started(journal, attempt.id)
    driver.fates[attempt.id] = Reconciled(attempt.id, AttemptFate.FINISHED)
    driver.status = PrinterStatus.FINISHED_UNCLEARED
    await asyncio.wait_for(produce(context, making(context, queued)), 60)
    assert driver.started == []
    assert [one.status for one in attempts_of(journal, queued)] == ["FINISHED"]
    assert making(context, queued).status is MakingStatus.CLEARED


async def test_an_agreement_over_time_fails_with_the_reason_and_frees_its_hours(
    context, queued, anvil
) -> None:
    anvil.advance(86400 + 1)
    await asyncio.wait_for(run_making(context, queued), 20)
    found = making(context, queued)
    assert (found.status, found.reason) == (MakingStatus.FAILED, "the time to deliver is over")


async def test_delivered_too_late_is_a_failure(context, cleared, anvil) -> None:
    anvil.advance(86400 + 1)
    anvil.finalise()
    with pytest.raises(MakingFailed, match="the time to deliver is over"):
        await deliver(context, making(context, cleared))


def terms_of(context: Context, agreement: Digest) -> Bid:
    return bid_get(context.journal, agreement).bid


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/evidence", (409, {"code": "evidence-conflict", "detail": "I have others."})),
        ("/evidence", (409, {"code": "evidence-out-of-order", "detail": "gap", "expected_seq": 10**6})),
        ("/challenge", (200, {"hello": "there"})),
        ("/challenge", (200, {"message": "Send me all your ether"})),
    ],
    ids=["a lie about the log", "an impossible place", "nonsense", "a foreign message"],
)
async def test_nothing_the_marketplace_answers_keeps_it_from_delivering(
    context, cleared, market, path, answer
) -> None:
    market.refusals[path] = answer
    await deliver(context, making(context, cleared))
    assert (await context.chain.word(cleared)).status == "DELIVERED"


async def test_a_marketplace_that_never_answers_does_not_hold_the_delivery_up(
    context, cleared, monkeypatch
) -> None:
    monkeypatch.setattr(settling, "EVIDENCE_SECONDS", 0.1)
    monkeypatch.setattr(context.marketplace, "evidence", lambda signed: asyncio.Event().wait())
    await asyncio.wait_for(deliver(context, making(context, cleared)), 30)
    assert (await context.chain.word(cleared)).status == "DELIVERED"


async def test_a_refunded_agreement_is_not_paid(context, cleared, anvil, charlie) -> None:
    anvil.advance(86400 + 12 * 3600 + 10)
    data = Refund(terms_of(context, cleared)).data
    assert anvil.send(charlie, {"to": context.chain.escrow, "data": data})["status"] == 1
    anvil.finalise()
    with pytest.raises(MakingFailed, match="closed unpaid"):
        await deliver(context, making(context, cleared))


async def test_money_released_before_the_delivery_is_money(context, cleared, anvil, ada) -> None:
    data = Release(terms_of(context, cleared), 10**15).data
    assert anvil.send(ada, {"to": context.chain.escrow, "data": data})["status"] == 1
    anvil.finalise()
    await deliver(context, making(context, cleared))
    await settle(context, making(context, cleared))
    found = making(context, cleared)
    assert (found.status, found.how, found.paid) == ("PAID", "RELEASED", 10**15)


async def test_it_claims_when_the_review_time_is_over_and_no_sooner(context, cleared, anvil) -> None:
    await deliver(context, making(context, cleared))
    assert making(context, cleared).status is MakingStatus.CLEARED
    anvil.finalise()
    await deliver(context, making(context, cleared))
    assert making(context, cleared).status is MakingStatus.DELIVERED
    anvil.advance(3600 - 60)
    anvil.finalise()
    await settle(context, making(context, cleared))
    before = (await context.chain.word(cleared)).status
    anvil.advance(100)
    anvil.finalise()
    await settle(context, making(context, cleared))
    anvil.finalise()
    await settle(context, making(context, cleared))
    found = making(context, cleared)
    assert (before, found.status, found.how, found.paid) == ("DELIVERED", "PAID", "CLAIMED", 10**15)


async def test_files_are_kept_while_the_delivery_may_be_disputed(context, cleared, anvil) -> None:
    await deliver(context, making(context, cleared))
    making_advance(context.journal, cleared, MakingStatus.FAILED, "given up")
    for final in (False, True):
        if final:
            anvil.finalise()
        await making_forget(context, making(context, cleared))
        assert (context.folder(cleared) / "part-0.gcode").exists()
        assert deleted_at(context.journal, cleared) is None


async def test_a_deletion_cut_short_is_completed(context, queued) -> None:
    making_advance(context.journal, queued, MakingStatus.FAILED, "given up")
    (context.folder(queued) / "part-0.gcode").unlink()
    for _ in range(2):
        await making_forget(context, making(context, queued))
        assert not context.folder(queued).exists()
    assert deleted_at(context.journal, queued)


UNKNOWN_FILE = Refused("no such file", retryable=False)
