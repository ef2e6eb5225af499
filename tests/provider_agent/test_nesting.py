"""Copies that share a plate: planned once, printed together, made again together, and each counted once."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from protocol.canonical import canonical_bytes, salted_digest
from protocol.evidence import Kind
from protocol.statuses import MakingStatus, PrinterStatus
from protocol.units import Wei, hex_of
from provider_agent.catching_up.evidence import evidence_adopt
from provider_agent.drivers.base import AttemptFate, Reconciled
from provider_agent.errors import MakingFailed
from provider_agent.evidence_log import evidence_flush
from provider_agent.journal.attempts import attempt_intend, attempt_started, attempts_of
from provider_agent.journal.makings import file_find, making_advance
from provider_agent.journal.records import records_all
from provider_agent.journal.sheets import plates_planned, sheets_planned
from provider_agent.journal.spools import spool_add, stock_reserve
from provider_agent.making import planning, slicing
from provider_agent.making.context import SLICERS, Context
from provider_agent.making.fetching import fetch
from provider_agent.making.printing import produce
from provider_agent.making.slicing import GCODE, queue, slice_parts
from provider_agent.making.telling import part_json
from provider_agent.plates.arranging import MOST_COPIES, MOST_PARTS
from provider_agent.pricing import Use
from provider_agent.slicing.errors import SlicerFailed, SlicerMissing, SlicerTimeout
from tests.factories.models import box, stl
from tests.provider_agent.desk import making
from tests.provider_agent.samples import CUBE, MODEL_SALT, part, spec

LID = stl(box(12, 14, 2))
CLIPS = part(name="clip.stl", copies=4)
LIDS = part(
    name="lid.stl",
    model=salted_digest(MODEL_SALT, LID),
    bytes=len(LID),
    size_um=(12_000, 14_000, 2_000),
    copies=2,
)
FINE = replace(LIDS, name="fine.stl", layer_um=100, copies=1)
RECORD_BYTES = 15 * 1024
"""What a marketplace takes."""


def policed(context: Context, **changes) -> Context:
    """The same agent by another policy."""
    config = context.config
    return replace(context, config=replace(config, policy=replace(config.policy, **changes)))


@pytest.fixture
async def clips(context, agreement, market):
    """Four clips and two lids that may share a plate, and one lid in thinner layers that may not: fetched."""
    parts = (CLIPS, LIDS, FINE)
    context.journal.write(
        "UPDATE bids SET spec = ? WHERE agreement = ?",
        json.dumps(spec(parts=parts).to_json()),
        hex_of(agreement),
    )
    market.files |= {"cube": CUBE, "lid": LID}
    market.grants[hex_of(agreement)] = [
        {
            "name": one.name,
            "model": hex_of(one.model),
            "salt": hex_of(MODEL_SALT),
            "bytes": one.bytes,
            "url": "/files/cube" if one is CLIPS else "/files/lid",
        }
        for one in parts
    ]
    await fetch(context, making(context, agreement))
    return agreement


@pytest.fixture
async def sliced(context, clips):
    await slice_parts(context, making(context, clips))
    await queue(context, making(context, clips))
    return clips


def payloads(context: Context, agreement, kind: Kind) -> list[dict]:
    return [one.payload for one in records_all(context.journal, agreement) if one.record.kind == kind]


def copies(context: Context, agreement) -> list[tuple]:
    return [plate.copies for plate in plates_planned(context.journal, agreement)]


TOGETHER = ((0, (0, 1, 2, 3)), (1, (0, 1)))
ALONE = [((0, (copy,)),) for copy in range(4)] + [((1, (copy,)),) for copy in range(2)] + [((2, (0,)),)]


async def test_a_model_that_cannot_be_read_ends_the_making(context, clips) -> None:
    (context.folder(clips) / "model-1.stl").write_bytes(b"not a model")
    with pytest.raises(MakingFailed, match=r"'lid\.stl' cannot be sliced"):
        await slice_parts(context, making(context, clips))
    assert sheets_planned(context.journal, clips) == []


@pytest.mark.parametrize("changes", [{"plate_s": 0}, {"plate_s": 240}, {"plate_s": 260}])
async def test_with_no_time_for_two_every_copy_is_alone(context, clips, changes) -> None:
    await slice_parts(policed(context, **changes), making(context, clips))
    assert copies(context, clips) == ALONE
    assert [one["part"] for one in payloads(context, clips, Kind.SLICED)] == [
        "clip.stl",
        "lid.stl",
        "fine.stl",
    ]


async def test_slicing_that_had_begun_without_a_plan_goes_on_without(context, clips) -> None:
    """As an older agent left it."""
    old = {"part": "clip.stl", "model": hex_of(CLIPS.model)}
    context.log_of(clips).append("sliced:0", Kind.SLICED, old)
    await slice_parts(context, making(context, clips))
    assert copies(context, clips) == ALONE
    assert len(payloads(context, clips, Kind.SLICED)) == 3


async def test_without_a_slicer_the_plan_stays(context, clips, monkeypatch) -> None:
    async def missing(*_) -> None:
        raise SlicerMissing("no slicer")

    with monkeypatch.context() as patch:
        patch.setattr(slicing, "slice_plate", missing)
        with pytest.raises(SlicerMissing):
            await slice_parts(context, making(context, clips))
    assert copies(context, clips)[0] == TOGETHER


async def test_what_cannot_be_sliced_together_is_printed_alone(context, clips, monkeypatch, driver) -> None:
    async def failing(*_) -> None:
        raise SlicerFailed("too much for one")

    monkeypatch.setattr(slicing, "slice_plate", failing)
    await slice_parts(context, making(context, clips))
    assert copies(context, clips) == ALONE
    await queue(context, making(context, clips))
    await produce(context, making(context, clips))
    assert len(driver.started) == 7
    assert making(context, clips).status is MakingStatus.CLEARED


async def test_what_was_taken_apart_is_not_planned_again(context, clips, monkeypatch) -> None:
    """The agent dies before a copy alone is sliced."""

    async def failing(*_) -> None:
        raise SlicerFailed("too much for one")

    async def killed(*_) -> None:
        raise SlicerTimeout("killed here")

    with monkeypatch.context() as patch:
        patch.setattr(slicing, "slice_plate", failing)
        patch.setattr(slicing, "slice_model", killed)
        with pytest.raises(SlicerTimeout):
            await slice_parts(context, making(context, clips))
    await slice_parts(context, making(context, clips))
    assert copies(context, clips) == ALONE


async def test_no_more_sheets_are_sliced_at_once_than_there_are_slicers(context, clips, monkeypatch) -> None:
    monkeypatch.setattr(planning, "model_measure", _in_turn(context, planning.model_measure))
    monkeypatch.setattr(slicing, "slice_plate", _in_turn(context, slicing.slice_plate))
    await slice_parts(context, making(context, clips))
    assert copies(context, clips)[0] == TOGETHER


async def test_what_was_sliced_together_once_is_never_taken_apart(context, sliced, monkeypatch) -> None:
    """Its files are gone with the disk, and plates of it may be printed."""

    async def failing(*_) -> None:
        raise SlicerFailed("too much for one")

    context.journal.write("DELETE FROM files WHERE kind = ?", GCODE)
    context.journal.write("UPDATE makings SET status = 'FETCHED'")
    before = copies(context, sliced)
    with monkeypatch.context() as patch:
        patch.setattr(slicing, "slice_plate", failing)
        with pytest.raises(MakingFailed, match="cannot be sliced again"):
            await slice_parts(context, making(context, sliced))
    assert copies(context, sliced) == before
    await slice_parts(context, making(context, sliced))
    assert len(payloads(context, sliced, Kind.SLICED)) == 2


async def test_copies_promised_off_several_spools_are_printed_alone(context, clips) -> None:
    for name in ("a", "b"):
        spool_add(context.journal, name, material="PLA", colour="black", lot="", left_mg=10_000)
    promises = [Use("PLA", 800, Wei(1), "a"), Use("PLA", 3000, Wei(1), "b")]
    stock_reserve(context.journal, clips, promises)
    await slice_parts(context, making(context, clips))
    assert {sum(len(some) for _, some in plate) for plate in copies(context, clips)} == {1}


async def test_copies_share_a_plate_with_what_is_made_alike_alone(context, sliced, driver) -> None:
    assert copies(context, sliced) == [TOGETHER, ((2, (0,)),)]
    (sheet,) = sheets_planned(context.journal, sliced)
    together, alone = payloads(context, sliced, Kind.SLICED)
    assert [len(item["places"]) for item in together["items"]] == [4, 2]
    assert (together["sheet"], together["first_plate"], together["plates"]) == (sheet.number, 0, 1)
    assert (together["layers"], alone["part"], alone["layers"]) == (20, "fine.stl", 19)
    await produce(context, making(context, sliced))
    assert len(driver.started) == 2
    for kind in (Kind.PRINT_STARTED, Kind.PRINT_FINISHED):
        first, second = payloads(context, sliced, kind)
        assert [(item["part_number"], item["copies"]) for item in first["items"]] == [
            (0, [0, 1, 2, 3]),
            (1, [0, 1]),
        ]
        assert (second["part"], second["copy"], "items" in second) == ("fine.stl", 0, False)
        assert (second["part_number"], alone["sheet"]) == (2, 2)
        assert first["gcode"] == hex_of(file_find(context.journal, sliced, sheet.number, GCODE).digest)


async def test_the_plan_is_made_once(context, sliced, monkeypatch) -> None:
    """Whatever the policy says by then, and however often slicing begins again."""
    before = copies(context, sliced)

    async def never(*_) -> None:
        raise AssertionError("measured again")

    monkeypatch.setattr(planning, "model_measure", never)
    context.journal.write("UPDATE makings SET status = 'FETCHED'")
    await slice_parts(policed(context, plate_s=1000), making(context, sliced))
    assert copies(context, sliced) == before
    assert len(payloads(context, sliced, Kind.SLICED)) == 2


async def test_a_plate_that_failed_is_made_again_with_all_its_copies(context, sliced, driver) -> None:
    driver.ends = AttemptFate.FAILED
    start = driver.start

    async def second_time_better(remote_name: str, attempt: str):
        reply = await start(remote_name, attempt)
        driver.ends = AttemptFate.FINISHED
        return reply

    driver.start = second_time_better
    await produce(context, making(context, sliced))
    assert [(one.item, one.status) for one in attempts_of(context.journal, sliced)] == [
        (0, "FAILED"),
        (0, "FINISHED"),
        (1, "FINISHED"),
    ]
    first, again, _ = payloads(context, sliced, Kind.PRINT_STARTED)
    assert first["items"] == again["items"]
    assert [one.get("items") for one in payloads(context, sliced, Kind.PRINT_FINISHED)] == [
        first["items"],
        None,
    ]


async def test_a_plate_that_always_fails_ends_the_making(context, sliced, driver) -> None:
    """One copy of many that comes off spoils it: it has twice the attempts of a copy alone."""
    driver.ends = AttemptFate.FAILED
    with pytest.raises(MakingFailed, match="not printed in 4 attempts"):
        await produce(context, making(context, sliced))


@pytest.mark.parametrize("known", [True, False])
async def test_after_a_crash_a_plate_that_was_printed_is_not_printed_again(
    context, sliced, driver, known
) -> None:
    making_advance(context.journal, sliced, MakingStatus.PRINTING)
    attempt = attempt_intend(context.journal, sliced, 0, "p1", ".gcode")
    if known:
        attempt_started(context.journal, attempt.id)
    driver.fates[attempt.id] = Reconciled(attempt.id, AttemptFate.FINISHED)
    driver.status = PrinterStatus.FINISHED_UNCLEARED
    await produce(context, making(context, sliced))
    assert len(driver.started) == 1
    assert len(payloads(context, sliced, Kind.PRINT_FINISHED)) == 2
    assert making(context, sliced).status is MakingStatus.CLEARED


async def test_a_restored_journal_has_the_plan_that_was_printed_by(context, sliced, market) -> None:
    await produce(context, making(context, sliced))
    before, keys = copies(context, sliced), [row["key"] for row in _evidence(context)]
    await evidence_flush(context.journal, context.marketplace, sliced)
    for table in ("spool_uses", "samples", "attempts", "evidence", "sheets"):
        context.journal.write(f"DELETE FROM {table}")
    for _ in range(2):
        await evidence_adopt(context, sliced)
        assert copies(context, sliced) == before
        assert [row["key"] for row in _evidence(context)] == keys
    assert [one.item for one in attempts_of(context.journal, sliced)] == [0, 1]


async def test_a_restored_journal_forgets_a_sheet_that_was_taken_apart(
    context, clips, monkeypatch, market
) -> None:
    """Its backup is from before that; the evidence shows a print, and no slicing of the sheet."""

    async def not_yet(*_) -> None:
        return None

    with monkeypatch.context() as patch:
        patch.setattr(slicing, "_slice_sheet", not_yet)
        await slice_parts(context, making(context, clips))
    assert len(sheets_planned(context.journal, clips)) == 1
    log = context.log_of(clips)
    log.append("sliced:0", Kind.SLICED, {"sheet": 0, "part": "clip.stl"})
    started = {"attempt": f"{clips.hex()[:16]}-0-0", "printer": "p1", "part": "clip.stl", "copy": 0}
    log.append(f"started:{started['attempt']}", Kind.PRINT_STARTED, started)
    await evidence_flush(context.journal, context.marketplace, clips)
    context.journal.write("DELETE FROM evidence")
    await evidence_adopt(context, clips)
    assert copies(context, clips) == ALONE


async def test_the_fullest_plate_of_the_longest_names_fits_a_record(context, clips) -> None:
    parts = [replace(CLIPS, name="\N{FIRE}" * 200)] * MOST_PARTS
    places = [[-100_000, -100_000, False]] * (MOST_COPIES // MOST_PARTS)
    items = [{**part_json(parts, number), "places": places} for number in range(MOST_PARTS)]
    await slice_parts(policed(context, plate_s=0), making(context, clips))
    (one, *_) = payloads(context, clips, Kind.SLICED)
    assert len(canonical_bytes({**one, "items": items})) < RECORD_BYTES


@pytest.mark.parametrize(
    "change",
    [
        lambda payload: payload.pop("items"),
        lambda payload: payload.pop("sheet"),
        lambda payload: payload.update(first_plate=-1),
        lambda payload: payload["items"][0].update(places=[[0, 0, False]]),
    ],
    ids=["plain", "no sheet", "no plate", "other copies"],
)
async def test_a_marketplace_cannot_rewrite_the_plan_of_a_journal(context, sliced, market, change) -> None:
    """What it shows beside the signature of a record that the journal has is not read."""
    before = copies(context, sliced)
    await evidence_flush(context.journal, context.marketplace, sliced)
    for shown in market.evidence[hex_of(sliced)]:
        if "items" in shown["payload"]:
            change(shown["payload"])
    await evidence_adopt(context, sliced)
    assert copies(context, sliced) == before


async def test_the_plan_that_was_signed_replaces_that_of_the_backup(context, sliced, market) -> None:
    """The backup's one was taken apart and made anew after it."""
    before = copies(context, sliced)
    await evidence_flush(context.journal, context.marketplace, sliced)
    context.journal.write("DELETE FROM evidence")
    context.journal.write("UPDATE sheets SET items = '[[0, [[0, 0, false], [9, 9, false]]]]'")
    assert copies(context, sliced) != before
    await evidence_adopt(context, sliced)
    assert copies(context, sliced) == before


async def test_two_records_of_one_key_come_back_as_two(context, sliced, market) -> None:
    """An older agent counted its stills from 0 again after a restore."""
    log = context.log_of(sliced)
    still = {"attempt": "x", "number": 0, "photo": "0x" + "11" * 32}
    log.append("photo:x:0", Kind.PHOTO, still)
    log.append("photo:7", Kind.PHOTO, still | {"photo": "0x" + "22" * 32})
    await evidence_flush(context.journal, context.marketplace, sliced)
    context.journal.write("DELETE FROM evidence")
    await evidence_adopt(context, sliced)
    assert len(payloads(context, sliced, Kind.PHOTO)) == 2


def _in_turn(context: Context, work):
    """The same, and fails where no slicer was waited for."""

    async def checked(*given):
        assert context.slicers._value < SLICERS
        return await work(*given)

    return checked


def _evidence(context: Context) -> list:
    return context.journal.rows("SELECT key FROM evidence ORDER BY seq")
