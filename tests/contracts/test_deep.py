"""The deep run's runner: what fails is named with its seed, and what passed is not run again until a source changes."""

import json
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from click.testing import CliRunner

from tools.assurance import deep, imports, place
from tools.assurance.deep import Suite

FILE = "contracts/test/IdOf.t.sol"
PASSED = {"status": "Success", "reason": None, "kind": {"Fuzz": {"runs": 10_000}}}
INVARIANT = {
    "status": "Success",
    "reason": None,
    "kind": {"Invariant": {"runs": 4, "calls": 512, "reverts": 0}},
}
UNIT = {"status": "Success", "reason": None, "kind": {"Unit": {"gas": 21_000}}}
FAILED = {"status": "Failure", "reason": "assertion failed: 1 != 2", "kind": {"Fuzz": {"runs": 3}}}


def report(**results: dict) -> dict:
    return {
        f"{FILE}:ATest": {"test_results": {f"{name}(uint256)": result for name, result in results.items()}}
    }


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(place, "WORK", tmp_path)
    monkeypatch.setattr(place, "forge", lambda: Path("forge"))
    return place.copied("deep")


@pytest.fixture
def forge(monkeypatch: pytest.MonkeyPatch):
    """What forge answers, and the commands it was given."""
    commands: list[list] = []
    answers = {"report": report(testFuzz_A=PASSED)}

    def run(command: list, copy: Path, profile: str) -> CompletedProcess:
        assert profile == "deep"
        commands.append(command)
        return CompletedProcess(command, 0, "Compiling\n" + json.dumps(answers["report"]), "")

    monkeypatch.setattr(place, "run", run)
    return answers, commands


def test_a_report_of_no_test_is_none() -> None:
    with pytest.raises(place.ToolFailed, match="forge ran no test of contracts/test/IdOf"):
        deep.read(FILE, 7, 1.0, {})


def test_forge_without_a_report_ends_with_what_it_said(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place, "run", lambda *_: CompletedProcess([], 1, "", "Compiler run failed"))
    with pytest.raises(place.ToolFailed, match=r"(?s)no report on contracts/test/IdOf.*Compiler run failed"):
        deep.run(copy, FILE, 7)


def test_what_failed_is_named_with_the_seed_that_shows_it_again() -> None:
    suite = deep.read(FILE, 7, 1.0, report(testFuzz_A=PASSED, testFuzz_B=FAILED))
    assert suite.failures == {"ATest.testFuzz_B": "assertion failed: 1 != 2"}
    [line] = deep.failed(suite)
    assert line.startswith("ATest.testFuzz_B: assertion failed: 1 != 2")
    assert line.endswith("--fuzz-seed 7)")


def test_a_run_with_a_failure_ends_with_1_and_is_not_kept(copy: Path, forge) -> None:
    answers, commands = forge
    answers["report"] = report(testFuzz_B=FAILED)
    for _ in range(2):
        done = CliRunner().invoke(deep.main, ["--match", "IdOf"])
        assert done.exit_code == 1
        assert "ATest.testFuzz_B: assertion failed: 1 != 2" in done.output
    assert len(commands) == 2


def test_a_run_of_nothing_ends_with_1(copy: Path) -> None:
    done = CliRunner().invoke(deep.main, ["--match", "Nothing"])
    assert (done.exit_code, done.output) == (1, "No file of tests matches 'Nothing'.\n")


def test_runs_and_calls_are_summed() -> None:
    suite = deep.read(FILE, 7, 2.5, report(testFuzz_A=PASSED, test_B=UNIT, invariant_C=INVARIANT))
    assert suite == Suite(FILE, 7, 2.5, tests=3, random=2, runs=10_000, calls=512)
    assert deep.total([suite, suite]) == Suite("all", 0, 5.0, tests=6, random=4, runs=20_000, calls=1024)


def test_an_import_that_no_remapping_leads_to_is_named(copy: Path) -> None:
    (copy / FILE).write_text('import {A} from "elsewhere/A.sol";')
    with pytest.raises(FileNotFoundError, match=r"imports elsewhere/A[.]sol, which no remapping"):
        imports.digest(copy, FILE)


def test_what_passed_is_not_run_again_until_what_it_imports_changes(copy: Path, forge) -> None:
    _, commands = forge
    first = deep.passed(copy, FILE)
    with (copy / "contracts/test/invariant/EscrowHandler.sol").open("a") as other:
        other.write("\n")
    assert deep.passed(copy, FILE) == first
    assert len(commands) == 1
    with (copy / "contracts/src/escrow/Ledger.sol").open("a") as source:
        source.write("\n")
    assert deep.passed(copy, FILE).seed != first.seed
    assert len(commands) == 2


def test_the_table_ends_with_all_files(copy: Path, forge) -> None:
    done = CliRunner().invoke(deep.main, ["--match", r"(IdOf|Expire)\.t\.sol"])
    assert done.exit_code == 0
    assert done.output.splitlines()[-1].split()[:6] == ["all", "2", "files", "2", "2", "20,000"]
