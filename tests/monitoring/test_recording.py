"""Samples of many connections share a write, and who is told that they are kept can rely on it."""

from __future__ import annotations

import asyncio

import pytest

from marketplace.monitoring import recording
from marketplace.monitoring.recording import Recorder


class Writes:
    """What is written, and when it may be."""

    def __init__(self) -> None:
        self.batches: list[tuple[list[str], dict[str, int]]] = []
        self.allowed = asyncio.Semaphore(0)
        self.problem: Exception | None = None

    async def __call__(self, *, samples, newest) -> None:
        await self.allowed.acquire()
        if self.problem:
            raise self.problem
        self.batches.append(
            ([each["n"] for each in samples], {each["printer"]: each["n"] for each in newest})
        )


@pytest.fixture
def writes(monkeypatch) -> Writes:
    made = Writes()
    monkeypatch.setattr(recording, "database_sync_to_async", lambda _: made)
    return made


def said(number: int, printer: str = "mk4") -> dict:
    return {"printer": printer, "n": number}


async def some_turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_write_that_fails_is_told_to_all_who_wait_for_it_and_to_nobody_else(writes):
    recorder = Recorder()
    writes.problem = OSError("the database is away")
    waiting = [asyncio.create_task(recorder.keep([said(number)], [])) for number in range(3)]
    writes.allowed.release()
    told = await asyncio.gather(*waiting, return_exceptions=True)
    assert [str(problem) for problem in told] == ["the database is away"] * 3
    writes.problem = None
    writes.allowed.release()
    await recorder.keep([said(9)], [])
    assert writes.batches == [([9], {})]


async def test_what_comes_during_a_write_is_written_together_after_it(writes):
    recorder = Recorder()
    first = asyncio.create_task(recorder.keep([said(0)], [said(0)]))
    await some_turns()
    rest = [asyncio.create_task(recorder.keep([said(n)], [said(n)])) for n in range(1, 4)]
    await some_turns()
    assert not writes.batches
    writes.allowed.release()
    await first
    writes.allowed.release()
    await asyncio.gather(*rest)
    assert writes.batches == [([0], {"mk4": 0}), ([1, 2, 3], {"mk4": 3})]


async def test_a_connection_that_goes_takes_nobody_elses_samples_along(writes):
    recorder = Recorder()
    gone = asyncio.create_task(recorder.keep([said(1)], []))
    stays = asyncio.create_task(recorder.keep([said(2)], []))
    await some_turns()
    gone.cancel()
    writes.allowed.release()
    await stays
    assert writes.batches == [([1, 2], {})]
