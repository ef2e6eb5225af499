"""`python -m tools.assurance.deep`: the Solidity tests with 10,000 runs each, and a million invariant calls.

Each file of tests is a run of its own with a seed of its own, drawn at random and written down. What passed
is kept in .infill/assurance/deep until what it is compiled from changes: interrupted, the run goes on
where it was. Exits 1 with each test that failed and the seed that it failed with.
"""

from __future__ import annotations

import json
import re
import secrets
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import click

from tools.assurance import imports, place

PROFILE = "deep"


@dataclass(frozen=True)
class Suite:
    """What became of a file of tests: how many, those at random, their runs, the invariants' calls."""

    file: str
    seed: int
    seconds: float = 0.0
    tests: int = 0
    random: int = 0
    runs: int = 0
    calls: int = 0
    failures: dict[str, str] = field(default_factory=dict)  # test -> reason


@click.command()
@click.option("--match", default="", help="A regular expression on a file's path; all if none.")
def main(match: str) -> None:
    """Run, print a table, exit 1 with what failed."""
    try:
        copy = place.copied(PROFILE)
        files = [str(file.relative_to(copy)) for file in sorted((copy / place.TESTS).rglob("*.t.sol"))]
        suites = [_said(passed(copy, file)) for file in files if re.search(match, file)]
    except (place.ToolMissing, place.ToolFailed) as error:
        sys.exit(str(error))
    if not suites:
        sys.exit(f"No file of tests matches {match!r}.")
    print("\n".join(table(suites)))
    if wrong := [line for suite in suites for line in failed(suite)]:
        sys.exit("\n".join(wrong))


def _said(suite: Suite) -> Suite:
    click.echo(f"{suite.file}: {len(suite.failures)} of {suite.tests} failed, {suite.seconds:.0f} s")
    return suite


def passed(copy: Path, file: str) -> Suite:
    """Run a file of tests, or recall that it passed. Raises ToolFailed where forge gives no answer."""
    known = copy / f"{file.replace('/', '.')}.{imports.digest(copy, file)}.json"
    if known.is_file():
        return Suite(**json.loads(known.read_text()))
    suite = run(copy, file, secrets.randbelow(2**32))
    if not suite.failures:
        part = known.with_suffix(".part")
        part.write_text(json.dumps(asdict(suite)))
        part.replace(known)
    return suite


def run(copy: Path, file: str, seed: int) -> Suite:
    """Run a file of tests with a seed. Raises ToolMissing, and ToolFailed where forge gives no answer."""
    command = [place.forge(), "test", "--json", "--match-path", file, "--fuzz-seed", seed]
    start = time.monotonic()
    done = place.run(command, copy, PROFILE)
    seconds = time.monotonic() - start
    if (begin := done.stdout.find("{")) < 0:
        raise place.failed(f"forge gave no report on {file}", done)
    return read(file, seed, seconds, json.loads(done.stdout[begin:]))


def read(file: str, seed: int, seconds: float, report: dict[str, Any]) -> Suite:
    """Sum a report of forge's up. Raises ToolFailed where no test ran."""
    results = {
        f"{suite.split(':')[-1]}.{name.partition('(')[0]}": result
        for suite, outcome in report.items()
        for name, result in outcome["test_results"].items()
    }
    if not results:
        raise place.ToolFailed(f"forge ran no test of {file}")
    kinds = [result["kind"] for result in results.values()]
    fuzzed = [kind["Fuzz"]["runs"] for kind in kinds if "Fuzz" in kind]
    called = [kind["Invariant"]["calls"] for kind in kinds if "Invariant" in kind]
    wrong = {name: str(r.get("reason")) for name, r in results.items() if r["status"] != "Success"}
    random = len(fuzzed) + len(called)
    return Suite(file, seed, seconds, len(results), random, sum(fuzzed), sum(called), wrong)


def failed(suite: Suite) -> Iterator[str]:
    """A line for each test that failed: what it says, and how to see it again."""
    for name, reason in suite.failures.items():
        yield f"{name}: {reason} (FOUNDRY_PROFILE={PROFILE} forge test --fuzz-seed {suite.seed})"


def table(suites: list[Suite]) -> Iterator[str]:
    """One line a file, and all of them together."""
    yield f"{'tests':55} {'tests':>6} {'random':>6} {'runs':>10} {'calls':>10} {'s':>6}"
    for each in suites:
        yield _row(each.file.removeprefix(place.TESTS + "/").removesuffix(".t.sol"), each)
    yield _row(f"all {len(suites)} files", total(suites))


def _row(name: str, suite: Suite) -> str:
    counts = f"{suite.tests:>6} {suite.random:>6} {suite.runs:>10,} {suite.calls:>10,}"
    return f"{name:55} {counts} {suite.seconds:>6.0f}"


def total(suites: list[Suite]) -> Suite:
    """The sums over several files."""
    return Suite(
        "all",
        seed=0,
        seconds=sum(each.seconds for each in suites),
        tests=sum(each.tests for each in suites),
        random=sum(each.random for each in suites),
        runs=sum(each.runs for each in suites),
        calls=sum(each.calls for each in suites),
    )


if __name__ == "__main__":
    main()
