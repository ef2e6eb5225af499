"""`python -m tools.assurance.coverage`: which lines and branches of the contracts the tests reach.

Exits 1 naming each that they do not reach and coverage.toml does not explain. The invariant tests are left
out, so that what counts is reached by a test that says what should happen there. Compiled without via-IR and
optimizer, whose source maps are not exact.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tools.assurance import explained, place

LIST = Path(__file__).with_name("coverage.toml")
REPORT = "lcov.info"
_BODY = re.compile(r"\b(?:function\b|constructor\b|modifier\b|receive\b|fallback\b)[^;{}]*\{")
_FAILED = re.compile(r"^\[FAIL.*\] (\w+)\(", re.MULTILINE)
_SUITE = re.compile(r"^Encountered \d+ failing tests? in \S+:(\w+)$", re.MULTILINE)


@dataclass
class Reached:
    """Of one source: how often each line ran, and each branch of a line."""

    lines: dict[int, int] = field(default_factory=dict)
    branches: list[tuple[int, str, int]] = field(default_factory=list)  # line, name, times

    def row(self) -> tuple[int, int, int, int]:
        """Lines reached, lines, branches reached, branches."""
        taken = sum(times > 0 for _, _, times in self.branches)
        return sum(map(bool, self.lines.values())), len(self.lines), taken, len(self.branches)


def main() -> None:
    """Measure, print a table, exit 1 with what is not reached and not explained."""
    try:
        found, reached = measure()
        reasons = explained.read(LIST)
    except (place.ToolMissing, place.ToolFailed, explained.ListUnusable) as error:
        sys.exit(str(error))
    print("\n".join(table(reached)))
    if wrong := explained.problems(found, reasons, LIST.name):
        sys.exit("\n".join(wrong))


def measure() -> tuple[dict[str, str], dict[str, Reached]]:
    """What is missed (place -> what), failed tests included, and the counts by source."""
    copy = place.copied("coverage")
    (copy / REPORT).unlink(missing_ok=True)
    command: list[object] = [place.forge(), "coverage", "--report", "lcov", "--report-file", REPORT]
    done = place.run([*command, "--no-match-path", "contracts/test/invariant/*"], copy, "coverage")
    if not (copy / REPORT).is_file():
        raise place.failed("forge coverage made no report", done)
    reached = dict(parsed((copy / REPORT).read_text()))
    for name in with_code(copy):
        if not any(reached.get(name, Reached()).lines):
            raise place.ToolFailed(f"forge coverage did not count {name}: is it compiled in another profile?")
    return {**failures(done.stdout), **missed(reached, copy)}, reached


def with_code(root: Path) -> list[str]:
    """The sources that have a body somewhere, hence lines to reach."""
    files = sorted((root / place.SOURCES).rglob("*.sol"))
    return [file.relative_to(root).as_posix() for file in files if _BODY.search(file.read_text())]


def parsed(lcov: str) -> Iterator[tuple[str, Reached]]:
    """Each source of ours in a report in lcov's format."""
    for record in lcov.split("end_of_record"):
        rows = [line.partition(":")[::2] for line in record.splitlines()]
        name = next((value for kind, value in rows if kind == "SF"), "")
        if not name.startswith(place.SOURCES):
            continue
        reached = Reached()
        for kind, value in rows:
            numbers = value.split(",")
            if kind == "DA":
                reached.lines[int(numbers[0])] = int(numbers[1])
            elif kind == "BRDA":
                times = 0 if numbers[3] == "-" else int(numbers[3])
                reached.branches.append((int(numbers[0]), f"{numbers[1]}.{numbers[2]}", times))
        yield name, reached


def missed(reached: dict[str, Reached], root: Path) -> dict[str, str]:
    """By the text of the line, which survives a change elsewhere in the file, what is not reached."""
    found: dict[str, str] = {}
    for name, counts in reached.items():
        text = (root / name).read_text().splitlines()
        sides: Counter[int] = Counter()
        for line, times in counts.lines.items():
            if not times:
                found[f"{name}: {text[line - 1].strip()}"] = f"line {line} is not reached"
        for line, _, times in counts.branches:
            sides[line] += 1
            if not times:
                found[f"{name}: {text[line - 1].strip()} (branch {sides[line]})"] = f"line {line}, not taken"
    return found


def failures(output: str) -> dict[str, str]:
    """Tests that fail when compiled so, from the summary at the end of what forge said."""
    _, _, summary = output.partition("\nFailing tests:")
    suites = _SUITE.split(summary)[1:]
    pairs = zip(suites[::2], suites[1::2], strict=True)
    return {f"{suite}.{test}": "the test fails" for suite, text in pairs for test in _FAILED.findall(text)}


def table(reached: dict[str, Reached]) -> Iterator[str]:
    """Lines and branches of each source, and of all."""
    rows = {name: counts.row() for name, counts in reached.items()}
    total = tuple(sum(column) for column in zip(*rows.values(), strict=True))
    yield f"{'source':50} {'lines':>11} {'branches':>11}"
    for name, (lines, of_lines, branches, of_branches) in [*rows.items(), ("all", total)]:
        yield f"{name:50} {f'{lines}/{of_lines}':>11} {f'{branches}/{of_branches}':>11}"


if __name__ == "__main__":
    main()
