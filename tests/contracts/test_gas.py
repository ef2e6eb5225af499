"""Gas: what is measured on a real chain is what is committed, and keeps its goals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.gas.goals import GOALS, Goal, bars
from benchmarks.gas.measure import CASES, Figures, measure
from benchmarks.gas.pages import PageUnmarked, pages
from benchmarks.gas.snapshot import RENEW, differences, snapshot_read
from benchmarks.gas.tables import goals_table
from contracts.artifacts import CONTRACTS, abi


@pytest.fixture(scope="module")
def measured() -> Figures:
    return measure()


@pytest.fixture(scope="module")
def committed() -> Figures:
    return snapshot_read()


def figures(gas: int) -> Figures:
    return Figures({"award": {"native": gas}}, {"pay": {"native": 1}})


@given(before=st.integers(1, 10**7), more=st.integers(1, 10**7))
def test_any_rise_is_named(before: int, more: int) -> None:
    [found] = differences(figures(before + more), figures(before))
    assert found == f"award (native): {before + more:,}, rose by {more:,}"


@given(before=st.integers(100, 10**7), data=st.data())
def test_a_fall_is_named_beyond_a_hundredth(before: int, data: st.DataObject) -> None:
    now = data.draw(st.integers(0, before))
    assert bool(differences(figures(now), figures(before))) == (before - now > before / 100)


def test_rows_that_come_and_go_are_named() -> None:
    nothing = Figures({}, {})
    assert differences(nothing, figures(7)) == [
        "award (native): is no longer measured",
        "floor of pay (native): is no longer measured",
    ]
    assert len(differences(figures(7), nothing)) == 2


def test_a_page_without_a_place_for_its_figures_is_refused(committed, tmp_path, monkeypatch) -> None:
    (tmp_path / "gas.md").write_text("# Gas\n")
    monkeypatch.setattr("benchmarks.gas.pages.PAGE", tmp_path / "gas.md")
    with pytest.raises(PageUnmarked, match=r"gas\.md"):
        list(pages(committed))


def test_a_goal_that_is_missed_is_shown() -> None:
    goal = Goal("award", ("award",), "native", 100)
    assert goal.is_met(figures(100))
    assert not goal.is_met(figures(101))


def test_gas_is_that_of_the_snapshot(measured, committed) -> None:
    found = differences(measured, committed)
    assert found == [], "\n".join([*found, RENEW])


@pytest.mark.parametrize("goal", GOALS, ids=lambda goal: f"{goal.name}, {goal.currency}")
def test_goals_are_kept(measured, goal: Goal) -> None:
    assert goal.measured(measured) <= goal.limit


def test_nothing_is_cheaper_than_the_floor_but_what_moves_no_coins(measured) -> None:
    below = {
        (case.name, currency)
        for case in CASES
        for currency, gas in measured.cases[case.name].items()
        if gas < measured.floor[case.floor][currency]
    }
    assert below == set()


def test_every_function_that_changes_anything_is_measured() -> None:
    entries = [entry for name in CONTRACTS for entry in abi(name) if entry["type"] == "function"]
    changing = {entry["name"] for entry in entries if entry["stateMutability"] not in ("view", "pure")}
    assert {case.function for case in CASES} == changing


def test_pages_show_the_snapshot(committed) -> None:
    stale = [path.name for path, text in pages(committed) if path.read_text() != text]
    assert stale == [], RENEW


def test_the_tables_show_goals_peers_and_multiples_of_the_floor(committed) -> None:
    assert goals_table(committed).count("| yes |") == len([goal for goal in GOALS if goal.is_met(committed)])
    assert [bar.name for bar in bars(committed) if bar.ours] == ["Infill, native", "Infill, ERC-20"]
