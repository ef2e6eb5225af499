"""What the benchmark of agents makes of what it has seen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.agent import fleet, hearing, writing
from benchmarks.agent.blocks import Blocks, Seen
from benchmarks.agent.crowd import Heard
from benchmarks.agent.fleet import Fleet, Print, Use
from benchmarks.agent.hearing import Hearing

MIB = 1024**2
ONE = Fleet(
    printers=50,
    one=Use(busy=0.01, samples=1.0, memory=400 * MIB),
    idle=Use(busy=0.05, samples=50.0, memory=449 * MIB),
    printing=Use(busy=0.2, samples=50.0, memory=450 * MIB),
    bare_s=0.0005,
    slicers_s=40.0,
    alone=[0.4, 0.6],
    at_once=[1.0, 2.0, 3.0],
    prints=[Print(7.0, 9.0), Print(6.5, 30.0)],
)
HEARD = Heard(samples=1000, waits=[0.01] * 99 + [0.2], lags=[0.001] * 10, processor_s=6.0)
ALL = Hearing(agents=20, printers=200, seconds=60.0, heard=HEARD, stored=1000, sample_s=2e-4, bare_s=1e-5)


def test_a_sample_that_is_lost_or_dear_fails_the_crowd() -> None:
    assert hearing.missed(ALL) == []
    assert "1 samples were sent and not stored" in hearing.missed(replace(ALL, stored=999))[0]
    assert "35.0 bare inserts" in hearing.missed(replace(ALL, sample_s=3.5e-4))[0]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"printing": Use(0.51, 50.0, MIB)}, "51% of a core"),
        ({"bare_s": 0.0001}, "10.0 bare requests"),
        ({"one": Use(0.01, 1.0, 300 * MIB)}, "1.50 times"),
    ],
)
def test_a_fleet_that_costs_too_much_fails(changes, words) -> None:
    assert fleet.missed(ONE) == []
    (fault,) = fleet.missed(replace(ONE, **changes))
    assert words in fault


def test_a_print_may_begin_when_its_block_is_final_and_its_grace_is_over_for_the_blocks_to_come() -> None:
    blocks = Blocks(
        newest=[Seen(number, 100 + number, 1000.0 + number) for number in range(1, 20)],
        final=[Seen(number, 100 + number, 1002.0 + number) for number in range(1, 18)],
    )
    assert blocks.mined_at(4) == 1004.0
    assert blocks.allowed_at(4, grace_s=0) == 1006.0
    assert blocks.allowed_at(4, grace_s=5) == 1012.0


def test_a_block_that_nobody_saw_was_there_with_the_next_one() -> None:
    blocks = Blocks(newest=[Seen(1, 101, 1001.0), Seen(3, 103, 1003.0)], final=[Seen(3, 103, 1005.0)])
    assert (blocks.mined_at(2), blocks.allowed_at(2, 0)) == (1003.0, 1005.0)


def test_shares_are_of_all_that_was_measured() -> None:
    assert [fleet.share([3.0, 1.0, 2.0], part) for part in (0.5, 0.95, 1.0)] == [2.0, 3.0, 3.0]
    assert fleet.share([1.0], 0.5) == 1.0


def test_the_page_states_what_was_measured(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(writing, "DOCS", tmp_path)
    (tmp_path / "images").mkdir()
    writing.docs(ALL, ONE)
    page = (tmp_path / "fleet.md").read_text()
    assert "| 50 printers, idle | 5.0% | 1.00 | 449 | 50.0 |" in page
    assert "A printer more takes 1024 KB" in page
    assert "1,000 sent, 1,000 stored" in page
    assert "the goal of 50 ms at 99% is missed here" in page
    assert (tmp_path / "images" / "fleet.png").stat().st_size > 1000
