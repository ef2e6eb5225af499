"""SECURITY.md: its numbers, its words and its tests are really there."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "SECURITY.md").read_text()
FOUNDRY = "contracts/test/"


def section(title: str) -> str:
    """The text under a heading."""
    [found] = re.findall(rf"^## {title}\n(.*?)(?=^## |\Z)", TEXT, re.M | re.S)
    return found


def references(text: str) -> Iterator[tuple[Path, str]]:
    """File and test of every `path`, `path::test` and `::test`, which is in the file named last."""
    path = ROOT
    for named, test in re.findall(r"`([\w./]+\.(?:py|sol))?(?:::(\w+))?`", text):
        if named:
            path = ROOT / named if named.startswith(FOUNDRY) else ROOT / "tests" / named
        if named or test:
            yield path, test


def missing(text: str) -> list[str]:
    """References that lead nowhere."""
    return [f"{path.name}::{test}" for path, test in references(text) if not _is_there(path, test)]


def _is_there(path: Path, test: str) -> bool:
    if not path.is_file():
        return False
    return not test or re.search(rf"\b(?:def|function) {test}\(", path.read_text()) is not None


def guarantees() -> dict[str, str]:
    """Number -> the text of the guarantee."""
    parts = re.split(r"^- \*\*(G\d+)\*\* ", section("Guarantees"), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_references_that_lead_nowhere_are_found() -> None:
    assert missing("`contracts/test/Award.t.sol::testFuzz_Nothing`, `no/such.py`") == [
        "Award.t.sol::testFuzz_Nothing",
        "such.py::",
    ]


def test_guarantees_are_numbered_without_gaps_and_each_once() -> None:
    numbers = re.findall(r"^- \*\*G(\d+)\*\*", TEXT, re.M)
    assert sorted(map(int, numbers)) == list(range(1, len(numbers) + 1))


def test_every_guarantee_names_a_test() -> None:
    assert [number for number, text in guarantees().items() if not list(references(text))] == []


def test_every_cell_of_the_silence_table_names_a_test_of_its_own() -> None:
    rows = re.findall(r"^\| (?:AWARDED|DELIVERED|DISPUTED|any) .*\|$", section("Silence"), re.M)
    tests = [[test for _, test in references(row)] for row in rows]
    assert [row for row, named in zip(rows, tests, strict=True) if len(named) != 1] == []
    cells = re.findall(r"function (test\w+)", (ROOT / FOUNDRY / "Silence.t.sol").read_text())
    assert sorted(test for [test] in tests) == sorted(cells)


def test_every_named_test_exists() -> None:
    assert missing(TEXT) == []
