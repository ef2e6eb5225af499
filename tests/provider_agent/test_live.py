"""The WebSocket is only a wake-up: it comes back, renews its token, and keeps to the marketplace's pace."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import aiohttp
import pytest

from protocol.units import address_of
from provider_agent import live as live_module
from provider_agent.json_client import JsonClient
from provider_agent.live import Live
from provider_agent.marketplace import Marketplace


async def until(check, seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not check():
            await asyncio.sleep(0.01)


@asynccontextmanager
async def connected(market, journal, bo):
    """A Live that runs; what it heard, and how often it connected."""
    heard, connects = [], []
    async with aiohttp.ClientSession() as session:
        marketplace = Marketplace(
            JsonClient(market.url, session),
            journal,
            address=address_of(bo.address),
            chain_id=31337,
            sign=lambda digest: bytes(bo.unsafe_sign_hash(digest).signature),
        )
        live = Live(marketplace, on_message=heard.append, on_connect=lambda: connects.append(1))
        task = asyncio.create_task(live.run())
        yield live, heard, connects
        task.cancel()


@pytest.mark.parametrize(("status", "sign_ins"), [(401, 2), (500, 1)])
async def test_refused_it_tries_again_with_a_fresh_token_where_that_may_help(
    market, journal, bo, status, sign_ins, monkeypatch
) -> None:
    monkeypatch.setattr(live_module, "wait_seconds", lambda failures: 0.01)
    market.refusals["/ws/agent"] = (status, {})
    async with connected(market, journal, bo) as (_, _, connects):
        await until(lambda: sum(line.endswith("/ws/agent") for line in market.requests) >= 2)
        market.refusals.clear()
        await until(lambda: connects)
    assert market.sign_ins >= sign_ins
    assert status == 401 or market.sign_ins == 1


async def test_every_connection_relists_and_hears(market, journal, bo) -> None:
    async with connected(market, journal, bo) as (_, heard, connects):
        await until(lambda: heard)
    assert (heard[0]["type"], len(connects)) == ("hello", 1)


async def test_what_is_no_json_object_is_not_passed_on(market, journal, bo) -> None:
    async with connected(market, journal, bo) as (live, heard, _):
        for text in ("no json", "[1]", "5", '{"type": "x"}'):
            live._receive(text)
    assert [message["type"] for message in heard if message["type"] != "hello"] == ["x"]


async def test_printers_that_are_sampled_together_share_a_message(market, journal, bo) -> None:
    async with connected(market, journal, bo) as (live, _, connects):
        await until(lambda: connects)
        for number in range(2 * live_module.SAMPLES_AT_ONCE):
            live.sample(f"p{number}", {"number": number})
        await until(lambda: len(market.telemetry) >= 2 * live_module.SAMPLES_AT_ONCE)
    assert [sample["number"] for sample in market.telemetry] == list(range(2 * live_module.SAMPLES_AT_ONCE))
    assert market.reports == 2


async def test_of_several_samples_of_a_printer_the_newest_is_sent(market, journal, bo) -> None:
    async with connected(market, journal, bo) as (live, _, connects):
        for number in range(100):
            live.sample("p1", {"number": number})
        live.sample("p2", {"number": -1})
        await until(lambda: len(market.telemetry) >= 2)
        assert connects
    assert [sample["number"] for sample in market.telemetry] == [99, -1]
