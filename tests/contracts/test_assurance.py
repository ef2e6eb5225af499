"""The analysers' runners: what nobody explained fails, so does an explanation of nothing, and a tool not there."""

import json
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tools.assurance import coverage, explained, place, static

LCOV = """TN:
SF:contracts/src/A.sol
DA:2,3
DA:3,0
BRDA:2,0,0,1
BRDA:2,0,1,-
end_of_record
TN:
SF:node_modules/Vm.sol
DA:1,0
end_of_record
"""
SOURCE = "contract A { function a() public {\n if (x) y();\n z();\n} }\n"
FAILING = """Ran 2 tests.
[FAIL: not in the summary] testFuzz_Earlier(uint256) (runs: 1)

Failing tests:
Encountered 1 failing test in contracts/test/A.t.sol:ATest
[FAIL: assertion failed: [1] != [2]; counterexample: args=[5]] testFuzz_Counts(uint256,(address,bool)) (runs: 0)

Encountered a total of 1 failing tests, 3 tests succeeded
"""


def finding(impact: str, file: str = "contracts/src/A.sol") -> dict:
    return {
        "check": "reentrancy-eth",
        "impact": impact,
        "description": f"Reentrancy in A.pay(uint256) ({file}#10-20):\n\tExternal calls:\n\t- a.b() ({file}#12)\n",
        "elements": [{"name": "pay", "source_mapping": {"filename_relative": file}}],
        "first_markdown_element": f"{file}#L10-L20",
    }


def listed(folder: Path, *places: str) -> Path:
    path = folder / "list.toml"
    path.write_text("".join(f"[[explained]]\nplace = {json.dumps(name)}\nreason = 'so'\n" for name in places))
    return path


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place where no analyser is installed."""
    monkeypatch.setattr(place, "VENV", tmp_path / ".venv-assurance")
    return tmp_path


# ---------------------------------------------------------------------- explanations


def test_what_is_not_explained_is_a_problem() -> None:
    assert explained.problems({"A": "missed"}, {}, "list.toml") == ["not explained: A: missed"]


def test_an_explanation_of_nothing_is_a_problem() -> None:
    [problem] = explained.problems({}, {"A": "because"}, "list.toml")
    assert problem == "explained in list.toml, but not found: A"


def test_what_is_explained_is_none() -> None:
    assert explained.problems({"A": "missed"}, {"A": "because"}, "list.toml") == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("[[explained]]\nplace = 'A'", "needs a place and a reason"),
        ("[[explained]]\nplace = 'A'\nreason = ' '", "needs a place and a reason"),
        ("[[explained]]\nreason = 'b'", "needs a place and a reason"),
        ("[[explained]]\nplace = 'A'\nreason = 'b'\n" * 2, "A is there twice"),
        ("[[explained]", "cannot be read"),
    ],
)
def test_a_list_that_explains_badly_is_refused(tmp_path: Path, text: str, what: str) -> None:
    path = tmp_path / "list.toml"
    path.write_text(text)
    with pytest.raises(explained.ListUnusable, match=what):
        explained.read(path)


def test_a_list_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(explained.ListUnusable, match=r"list\.toml cannot be read"):
        explained.read(tmp_path / "list.toml")


# ---------------------------------------------------------------------- programs


def test_an_analyser_that_is_not_installed_is_named_with_the_command_that_installs_it(bare: Path) -> None:
    with pytest.raises(
        place.ToolMissing, match=r"slither is not installed: run `python3 tools/bootstrap\.py"
    ):
        place.analyser("slither")


def test_a_forge_that_is_not_installed_is_named_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("demo.binaries.NODE_MODULES", tmp_path)
    with pytest.raises(place.ToolMissing, match="forge is not installed: run `make setup`"):
        place.forge()


def test_the_runners_end_with_that_message(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(static, "build", lambda copy: None)
    monkeypatch.setattr(place, "WORK", bare / "work")
    with pytest.raises(SystemExit, match="slither is not installed"):
        static.main()


def test_a_copy_holds_the_contracts_and_nothing_older(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place, "WORK", bare / "work")
    copy = place.copied("one", (place.SOURCES,))
    (copy / place.SOURCES / "Old.sol").write_text("")
    (copy / "cache").mkdir()
    again = place.copied("one", (place.SOURCES,))
    assert again == copy
    assert not (copy / place.SOURCES / "Old.sol").exists()
    assert (copy / "cache").is_dir(), "what was compiled is kept"
    assert (copy / place.SOURCES / "PrintEscrow.sol").is_file()
    assert not (copy / place.TESTS).exists()


# ---------------------------------------------------------------------- coverage


def test_each_line_and_branch_missed_is_found_by_its_text(tmp_path: Path) -> None:
    source = tmp_path / "contracts" / "src" / "A.sol"
    source.parent.mkdir(parents=True)
    source.write_text(SOURCE)
    reached = dict(coverage.parsed(LCOV))
    assert list(reached) == ["contracts/src/A.sol"], "only what is ours"
    assert coverage.missed(reached, tmp_path) == {
        "contracts/src/A.sol: z();": "line 3 is not reached",
        "contracts/src/A.sol: if (x) y(); (branch 2)": "line 2, not taken",
    }
    assert list(coverage.table(reached))[-1].split() == ["all", "1/2", "1/2"]


def test_a_source_that_was_not_counted_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forge_coverage(command: list, copy: Path, profile: str) -> CompletedProcess:
        (copy / coverage.REPORT).write_text(LCOV.replace("src/A.sol", "src/PrintEscrow.sol"))
        return CompletedProcess([], 0, "", "")

    monkeypatch.setattr(place, "WORK", tmp_path)
    monkeypatch.setattr(place, "run", forge_coverage)
    with pytest.raises(place.ToolFailed, match=r"did not count contracts/src/ProvenanceAnchor\.sol"):
        coverage.measure()


def test_a_run_without_a_report_ends_with_what_was_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, "WORK", tmp_path)
    monkeypatch.setattr(place, "run", lambda *_: CompletedProcess([], 1, "", "Error: Stack too deep"))
    with pytest.raises(place.ToolFailed, match=r"(?s)made no report \(exit 1\).*Stack too deep"):
        coverage.measure()


def test_a_test_that_fails_without_the_optimizer_must_be_explained_too() -> None:
    assert coverage.failures(FAILING) == {"ATest.testFuzz_Counts": "the test fails"}
    assert coverage.failures("Ran 2 tests.") == {}


@pytest.mark.parametrize(
    ("missed", "places", "says"),
    [
        ({"A: x": "line 1 is not reached"}, [], "not explained: A: x: line 1 is not reached"),
        ({}, ["A: x"], "explained in .*, but not found: A: x"),
    ],
)
def test_coverage_ends_with_1_and_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missed: dict, places: list[str], says: str
) -> None:
    monkeypatch.setattr(coverage, "measure", lambda: (missed, dict(coverage.parsed(LCOV))))
    monkeypatch.setattr(coverage, "LIST", listed(tmp_path, *places))
    with pytest.raises(SystemExit, match=says):
        coverage.main()


def test_coverage_ends_well_where_all_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coverage, "measure", lambda: ({"A: x": "missed"}, dict(coverage.parsed(LCOV))))
    monkeypatch.setattr(coverage, "LIST", listed(tmp_path, "A: x"))
    coverage.main()


def test_only_sources_with_a_body_have_lines_to_reach() -> None:
    names = coverage.with_code(place.ROOT)
    assert "contracts/src/ProvenanceAnchor.sol" in names
    assert not [name for name in names if "/interfaces/" in name]


# ---------------------------------------------------------------------- slither


def test_only_what_is_serious_must_be_explained() -> None:
    findings = [finding("High"), finding("Low"), finding("Informational")]
    assert static.serious(findings) == {
        "reentrancy-eth: Reentrancy in A.pay(uint256): External calls: - a.b()": (
            "High impact, contracts/src/A.sol#L10-L20"
        )
    }


def slither_says(
    monkeypatch: pytest.MonkeyPatch, folder: Path, findings: list[dict], names: set[str]
) -> None:
    printed = [{"elements": [{"name": name} for name in names]}]

    def slither(_copy: Path, *options: str) -> dict:
        return {"printers": printed} if "--print" in options else {"detectors": findings}

    monkeypatch.setattr(static, "build", lambda copy: None)
    monkeypatch.setattr(static, "_slither", slither)
    monkeypatch.setattr(place, "WORK", folder)


def all_of_ours() -> set[str]:
    text = "".join(path.read_text() for path in (place.ROOT / place.SOURCES).rglob("*.sol"))
    return set(static._DECLARED.findall(text))


def test_contracts_that_slither_did_not_see_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slither_says(monkeypatch, tmp_path, [], all_of_ours() - {"PrintEscrow"})
    with pytest.raises(SystemExit, match="slither did not analyse PrintEscrow"):
        static.main()


def test_a_serious_finding_ends_with_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slither_says(monkeypatch, tmp_path, [finding("Medium")], all_of_ours())
    monkeypatch.setattr(static, "LIST", listed(tmp_path))
    with pytest.raises(SystemExit, match="not explained: reentrancy-eth: Reentrancy in A"):
        static.main()


def test_an_explanation_of_a_finding_that_is_gone_ends_with_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slither_says(monkeypatch, tmp_path, [], all_of_ours())
    monkeypatch.setattr(static, "LIST", listed(tmp_path, "reentrancy-eth: gone"))
    with pytest.raises(SystemExit, match="but not found: reentrancy-eth: gone"):
        static.main()


def test_what_is_not_ours_is_not_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = finding("High", "node_modules/@openzeppelin/contracts/utils/Address.sol")
    slither_says(monkeypatch, tmp_path, [theirs], all_of_ours())
    monkeypatch.setattr(static, "LIST", listed(tmp_path))
    static.main()
