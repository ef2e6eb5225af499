"""A job of two parts in two filaments: each sliced by its own settings, every copy of each printed once."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import pytest

from protocol.canonical import json_digest, salted_digest
from protocol.evidence import SignedEvidence
from protocol.statuses import PrinterStatus
from protocol.units import hex_of
from provider_agent.drivers.base import CommandReply, Refused
from provider_agent.errors import MakingFailed
from provider_agent.fleet import Printer
from provider_agent.journal.facts import fact, fact_set
from provider_agent.journal.makings import file_find
from provider_agent.making.fetching import fetch
from provider_agent.making.plate import Plate, cleared_name, loaded_name
from provider_agent.making.printing import produce
from provider_agent.making.slicing import GCODE, queue, slice_parts
from provider_agent.plates.plan import plates_of
from tests.factories.models import box, stl
from tests.provider_agent.desk import making
from tests.provider_agent.samples import CUBE, MODEL_SALT, part, spec

LID = stl(box(12, 12, 2))
BRACKETS = part(copies=2, colour="black", infill_percent=40)
COVER = part(
    name="lid.stl",
    model=salted_digest(MODEL_SALT, LID),
    bytes=len(LID),
    size_um=(12_000, 12_000, 2_000),
    colour="white",
    layer_um=100,
    infill_percent=10,
)


@pytest.fixture
def two_parts(context, agreement, market):
    """The agreement is for two brackets and a lid, and both models are released."""
    spec_set(context, agreement, BRACKETS, COVER)
    market.files |= {"cube": CUBE, "lid": LID}
    market.grants[hex_of(agreement)] = [
        {
            "name": one.name,
            "model": hex_of(one.model),
            "salt": hex_of(MODEL_SALT),
            "bytes": one.bytes,
            "url": url,
        }
        for one, url in ((BRACKETS, "/files/cube"), (COVER, "/files/lid"))
    ]
    return agreement


def spec_set(context, agreement, *parts) -> None:
    text = json.dumps(spec(parts=parts).to_json())
    context.journal.write("UPDATE bids SET spec = ? WHERE agreement = ?", text, hex_of(agreement))


def payloads(context, agreement, kind: str) -> list[dict]:
    rows = context.journal.rows(
        "SELECT signed FROM evidence WHERE agreement = ? ORDER BY seq", hex_of(agreement)
    )
    signed = [SignedEvidence.from_json(json.loads(row["signed"])) for row in rows]
    return [dict(each.payload) for each in signed if each.record.kind == kind]


async def test_a_part_the_printer_cannot_make_is_named(context, two_parts) -> None:
    spec_set(context, two_parts, BRACKETS, replace(COVER, material="PETG"))
    with pytest.raises(MakingFailed, match=r"lid\.stl: The job needs PETG"):
        await slice_parts(context, making(context, two_parts))


async def test_each_part_is_sliced_by_its_settings_and_printed_as_often_as_ordered(
    context, two_parts, driver
) -> None:
    context = replace(
        context, config=replace(context.config, policy=replace(context.config.policy, plate_s=0))
    )
    await fetch(context, making(context, two_parts))
    await slice_parts(context, making(context, two_parts))
    await queue(context, making(context, two_parts))
    codes = [file_find(context.journal, two_parts, place, GCODE) for place in range(2)]
    # 4 mm in layers of 0.2 mm, and 2 mm in layers of 0.1 mm under a first one of 0.2 mm.
    assert [code.facts["layers"] for code in codes] == [20, 19]
    await produce(context, making(context, two_parts))
    sliced = payloads(context, two_parts, "sliced")
    for one in sliced:
        assert one["profile"] == hex_of(json_digest(one["settings"]))
        for name in ("material", "layer_um", "infill_percent"):
            assert one["settings"][name] == one[name]
    assert [(one["part"], one["layer_um"], one["infill_percent"]) for one in sliced] == [
        ("cube.stl", 200, 40),
        ("lid.stl", 100, 10),
    ]
    printed = payloads(context, two_parts, "print finished")
    assert Counter((one["part"], one["filament"], one["gcode"]) for one in printed) == {
        ("cube.stl", "PLA black", hex_of(codes[0].digest)): 2,
        ("lid.stl", "PLA white", hex_of(codes[1].digest)): 1,
    }
    assert len(driver.started) == 3


def test_prints_of_one_filament_follow_one_another() -> None:
    plates = plates_of([BRACKETS, COVER, replace(BRACKETS, name="foot.stl", copies=1)], 2)
    assert [plate.part for plate in plates] == [0, 0, 2, 0, 0, 2, 1, 1]
    assert [plate.number for plate in plates] == list(range(8))
    assert len({plate.copies for plate in plates}) == 8


async def test_a_printer_that_cannot_change_filament_waits_for_a_person(context, journal, driver) -> None:
    config = replace(context.config.printers[0], auto_load=False)
    plate, said = Plate(journal, Printer(config, driver)), cleared_name("p1")
    assert await plate.ready(BRACKETS)
    assert fact(journal, loaded_name("p1")) == "PLA black"
    fact_set(journal, said, "yes")
    assert not await plate.ready(COVER), "what was said before it was asked does not count"
    assert not await plate.ready(COVER)
    assert await plate.ready(replace(COVER, colour="any"))
    assert not await plate.ready(COVER)
    fact_set(journal, said, "yes")
    assert await plate.ready(COVER)
    assert fact(journal, loaded_name("p1")) == "PLA white"
    assert not fact(journal, said)


async def test_a_printer_that_nobody_can_recover_from_afar_says_once_what_a_person_has_to_do(
    context, journal, driver, monkeypatch, caplog
) -> None:
    (config,) = context.config.printers
    own = Printer(config, driver)
    driver.status = PrinterStatus.FAULT

    async def refused() -> CommandReply:
        return Refused("use the button on the printer", retryable=False)

    with monkeypatch.context() as patch:
        patch.setattr(driver, "recover", refused)
        for _ in range(3):
            assert not await Plate(journal, own).ready(BRACKETS)
    assert caplog.text.count("p1 (FAULT) is not recovered: use the button on the printer") == 1
    plate = Plate(journal, own)
    assert [await plate.ready(BRACKETS) for _ in range(3)] == [False, False, True]
