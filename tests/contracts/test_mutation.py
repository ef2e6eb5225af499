"""The mutants' runner: what is not tried, or survives unexplained, is said; what is known is not tried again."""

from pathlib import Path
from subprocess import CompletedProcess, TimeoutExpired

import pytest

from tools.assurance import mutation, place
from tools.assurance.mutant import Mutant, Outcome
from tools.assurance.trial import Trials

SOURCE = "contracts/src/PrintEscrow.sol"
PLACE = f"{SOURCE} claim: a => b"
MUTANT = Mutant(SOURCE, "claim", "ROR", 10, 11, "b", PLACE)
OTHER = Mutant(SOURCE, "claim", "ROR", 10, 11, "c", f"{SOURCE} claim: a => c")


@pytest.fixture
def forge(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict:
    """What the tests say of a mutant, and how often they were run."""
    state = {"code": 1, "output": "", "runs": 0}

    def run(command: list, copy: Path, profile: str, timeout: float | None = None) -> CompletedProcess:
        if timeout is None:  # the tests without a fault
            return CompletedProcess(command, 0, "", "")
        state["runs"] += 1
        if state["code"] is None:
            raise TimeoutExpired(command, timeout)
        return CompletedProcess(command, state["code"], state["output"], "")

    monkeypatch.setattr(place, "WORK", tmp_path / "work")
    monkeypatch.setattr(place, "forge", lambda: Path("forge"))
    monkeypatch.setattr(place, "run", run)
    return state


def tried(folder: Path, *mutants: Mutant) -> list[Outcome | None]:
    trials = Trials(folder)
    trials.run(list(mutants), workers=1, say=lambda line: None)
    return [trials.outcome(mutant) for mutant in mutants]


def test_tests_that_fail_without_a_fault_judge_nothing(
    tmp_path: Path, forge: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, "run", lambda *_: CompletedProcess([], 1, "FAIL", ""))
    with pytest.raises(place.ToolFailed, match=r"(?s)fail without any fault.*FAIL"):
        tried(tmp_path, MUTANT)


def test_a_survivor_that_nobody_explains_is_said() -> None:
    [line] = mutation.verdict([MUTANT], {MUTANT: Outcome.SURVIVED}, {})
    assert PLACE in line


def test_an_explanation_of_what_is_killed_is_said() -> None:
    [line] = mutation.verdict([MUTANT], {MUTANT: Outcome.KILLED}, {PLACE: "equal"})
    assert PLACE in line


def test_what_is_not_tried_is_said() -> None:
    assert mutation.verdict([MUTANT], {MUTANT: None}, {}) == [
        "1 mutants are not tried yet: run python -m tools.assurance.mutation"
    ]


@pytest.mark.parametrize(
    ("code", "output", "outcome"),
    [
        (1, "", Outcome.KILLED),
        (None, "", Outcome.KILLED),
        (1, "Compiler run failed", Outcome.INVALID),
        (0, "", Outcome.SURVIVED),
    ],
)
def test_what_became_of_a_mutant(
    tmp_path: Path, forge: dict, code: int | None, output: str, outcome: Outcome
) -> None:
    forge.update(code=code, output=output)
    assert tried(tmp_path, MUTANT) == [outcome]


def test_what_is_known_is_not_tried_again(tmp_path: Path, forge: dict) -> None:
    assert tried(tmp_path, MUTANT) == tried(tmp_path, MUTANT) == [Outcome.KILLED]
    assert forge["runs"] == 1


def test_a_survivor_is_tried_again_once_a_test_changes(tmp_path: Path, forge: dict) -> None:
    forge["code"] = 0
    tried(tmp_path, MUTANT)
    changed = Trials(tmp_path)
    changed._tests = "other tests"
    assert changed.outcome(MUTANT) is None


def test_a_line_cut_off_by_a_kill_costs_one_mutant_and_no_more(tmp_path: Path, forge: dict) -> None:
    tried(tmp_path, MUTANT, OTHER)
    results = tmp_path / "results.jsonl"
    results.write_text(results.read_text()[:-20])
    assert [Trials(tmp_path).outcome(mutant) for mutant in (MUTANT, OTHER)] == [Outcome.KILLED, None]
    tried(tmp_path, MUTANT, OTHER)
    assert forge["runs"] == 3
    assert [Trials(tmp_path).outcome(mutant) for mutant in (MUTANT, OTHER)] == [Outcome.KILLED] * 2


def test_the_table_counts_by_function() -> None:
    rows = list(mutation.table({MUTANT: Outcome.KILLED, OTHER: None}))
    assert rows[1].split() == ["PrintEscrow.claim", "1", "1", "0", "1"]
    assert rows[-1].split() == ["all", "1", "1", "0", "1"]
