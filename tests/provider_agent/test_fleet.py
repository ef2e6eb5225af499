"""Many printers at one agent: what one of them needs does not grow with how many others there are."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import aiohttp
import pytest

from protocol.profiles import PrinterProfile, capability_digest
from protocol.statuses import MakingStatus, PrinterStatus
from protocol.units import Digest
from provider_agent import counter
from provider_agent.chain import CONNECTIONS
from provider_agent.drivers.base import Snapshot
from provider_agent.errors import MakingFailed, NodeUnreachable
from provider_agent.journal import profiles as profiles_module
from provider_agent.journal.makings import FileRow, file_set, making_advance
from provider_agent.journal.profiles import ProfileRow, profile_find, profile_put, serials_registered
from provider_agent.making import fetching, slicing
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


async def test_telling_of_a_printer_parses_nobodys_profile(context, monkeypatch) -> None:
    own = profile_kept(context, "p1")
    for number in range(2, 52):
        profile_kept(context, f"p{number}")
    supervisor, read, told = Supervisor(context), [], []
    monkeypatch.setattr(profiles_module, "_profile", read.append)
    monkeypatch.setattr(supervisor._live, "sample", lambda serial, sample: told.append((serial, sample)))
    supervisor._sampled(context.fleet.all()[0], Snapshot(PrinterStatus.READY, 1.0))
    assert read == []
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


async def test_asking_for_a_design_again_and_again_signs_once(context, agreement, monkeypatch) -> None:
    signed, sign = [], context.wallet.sign
    monkeypatch.setattr(context.wallet, "sign", lambda digest: signed.append(digest) or sign(digest))
    first = fetching._recipient_named(context, making(context, agreement))
    assert [fetching._recipient_named(context, making(context, agreement)) for _ in range(3)] == [first] * 3
    assert len(signed) == 1


async def test_calls_of_a_node_share_connections(chain, anvil) -> None:
    for _ in range(5):
        await asyncio.gather(*(chain.head() for _ in range(3 * CONNECTIONS)))
        pool = chain._line._session.connector._conns
        assert 1 <= sum(len(connections) for connections in pool.values()) <= CONNECTIONS


async def test_a_connection_that_the_node_closed_is_opened_again(chain, anvil) -> None:
    head = await chain.head()
    posted, post = [], chain._line._post

    async def closed_once(request):
        posted.append(request)
        if len(posted) == 1:
            raise aiohttp.ServerDisconnectedError
        return await post(request)

    chain._line._post = closed_once
    assert await chain.head() == head
    assert posted[0] == posted[1]


async def test_a_node_that_closes_every_connection_is_away(chain, monkeypatch) -> None:
    async def closed(_):
        raise aiohttp.ServerDisconnectedError

    monkeypatch.setattr(chain._line, "_post", closed)
    with pytest.raises(NodeUnreachable):
        await chain.head()
