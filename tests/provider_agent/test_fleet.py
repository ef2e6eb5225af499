"""Many printers at one agent: what one of them needs does not grow with how many others there are."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from protocol.profiles import PrinterProfile, capability_digest
from protocol.statuses import MakingStatus, PrinterStatus
from protocol.units import Digest
from provider_agent import counter
from provider_agent.drivers.base import Snapshot
from provider_agent.errors import MakingFailed
from provider_agent.journal import profiles as profiles_module
from provider_agent.journal.makings import FileRow, file_set, making_advance
from provider_agent.journal.profiles import ProfileRow, profile_find, profile_put, serials_registered
from provider_agent.making import slicing
from provider_agent.making.fetching import MODEL
from provider_agent.making.slicing import slice_parts
from provider_agent.pacing import Pace
from provider_agent.slicing.errors import ModelUnreadable
from provider_agent.supervisor import Supervisor
from tests.provider_agent.desk import making
from tests.provider_agent.test_bidder import desk, posted


def profile_kept(context, serial: str, *, registered: bool = True) -> ProfileRow:
    able = context.fleet.all()[0].config.capability
    profile = PrinterProfile(context.wallet.provider, serial, capability_digest(able), seq=1, issued_at=1)
    row = ProfileRow(profile.digest(context.chain.infill), profile, able, bytes(65), registered)
    profile_put(context.journal, row)
    return row


async def test_telling_of_a_printer_reads_no_other_printers_profile(context, monkeypatch) -> None:
    own = profile_kept(context, "p1")
    for number in range(2, 52):
        profile_kept(context, f"p{number}")
    supervisor, read, told = Supervisor(context), [], []
    one = profiles_module._profile
    monkeypatch.setattr(profiles_module, "_profile", lambda row: read.append(row["serial"]) or one(row))
    monkeypatch.setattr(supervisor._live, "sample", lambda serial, sample: told.append((serial, sample)))
    supervisor._sampled(context.fleet.all()[0], Snapshot(PrinterStatus.READY, 1.0))
    assert read == ["p1"]
    assert [(serial, sample["printer"]) for serial, sample in told] == [("p1", "0x" + own.digest.hex())]


async def test_a_printer_that_is_not_registered_is_not_told_of(context, monkeypatch) -> None:
    supervisor, told = Supervisor(context), []
    monkeypatch.setattr(supervisor._live, "sample", lambda *sample: told.append(sample))
    printer = context.fleet.all()[0]
    supervisor._sampled(printer, Snapshot(PrinterStatus.READY, 1.0))
    profile_kept(context, "p1", registered=False)
    supervisor._sampled(printer, Snapshot(PrinterStatus.READY, 1.0))
    assert told == []
    assert serials_registered(context.journal) == set()
    assert profile_find(context.journal, "p2") is None


async def test_one_decision_looks_at_each_printers_history_once(
    tmp_path, journal, chain, wallet, market, monkeypatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(counter, "pace_learned", lambda _, serial, __: asked.append(serial) or Pace(1.0, 0))
    found = posted(market)
    async with desk(tmp_path, journal, chain, wallet, market) as bidder:
        await bidder._look()
        asked.clear()
        journal.write("UPDATE bids SET status = 'WITHDRAWN'")
        await bidder._consider(found)
    assert asked == ["p1"]


async def test_models_are_sliced_in_turn_and_each_of_them_has_one(context, agreement, monkeypatch) -> None:
    under_way, most, begun = 0, 0, 0

    async def slice_slowly(*_):
        nonlocal under_way, most, begun
        under_way, begun = under_way + 1, begun + 1
        most = max(most, under_way)
        await asyncio.sleep(0.01)
        under_way -= 1
        raise ModelUnreadable("not in earnest")

    monkeypatch.setattr(slicing, "slice_model", slice_slowly)
    file_set(context.journal, agreement, 0, MODEL, FileRow("model-0.stl", Digest(bytes(32)), {}))
    making_advance(context.journal, agreement, MakingStatus.FETCHED)
    two = replace(context, slicers=asyncio.Semaphore(2))
    won = [slice_parts(two, making(context, agreement)) for _ in range(7)]
    ended = await asyncio.gather(*won, return_exceptions=True)
    assert [type(end) for end in ended] == [MakingFailed] * 7
    assert (most, begun) == (2, 7)
