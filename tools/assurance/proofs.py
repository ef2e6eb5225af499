"""`python -m tools.assurance.proofs`: prove what contracts/proofs states, with halmos, for all inputs.

Each check is a run of its own, two at a time; what is proven is kept in .infill/assurance/proofs until a
source changes, so that an interrupted run goes on where it was. Exits 1 with each check that has a
counterexample, was not decided in time, left a loop part, or never got as far as its assertion.
docs/assurance/proofs.md says what is proven and within which bounds.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from contracts import artifacts
from tools.assurance import place

PROOFS = "contracts/proofs"
TIMEOUT = 3600  # seconds for one check
_SIGNATURE = 65  # bytes; what has another length is no signature of a key
PROVEN = "proven"
_MEANING = {
    0: PROVEN,
    1: "has a counterexample",
    2: "not decided in time",
    3: "stuck",
    4: "every path reverts",
    5: "failed",
}


@dataclass(frozen=True)
class Check:
    """A statement: a function of a contract in contracts/proofs."""

    contract: str
    name: str


@dataclass(frozen=True)
class Result:
    """What halmos says of a check: `meaning` is "proven", or what is in the way."""

    check: Check
    meaning: str
    paths: int = 0
    seconds: float = 0.0


@click.command()
@click.option("--match", default="", help="A regular expression on CONTRACT.CHECK; all if none.")
@click.option("--workers", default=2, show_default=True, help="Checks at once.")
def main(match: str, workers: int) -> None:
    """Prove, print a table, exit 1 with what is not proven."""
    try:
        copy = place.copied("proofs", (place.SOURCES, PROOFS))
        checks = [check for check in found(copy) if re.search(match, f"{check.contract}.{check.name}")]
        require_deployed(copy)
        results = list(proven(copy, checks, workers, click.echo))
    except (place.ToolMissing, place.ToolFailed) as error:
        sys.exit(str(error))
    if not results:
        sys.exit(f"No check matches {match!r}.")
    print("\n".join(table(results)))
    if wrong := [result for result in results if result.meaning != PROVEN]:
        sys.exit("\n".join(f"{each.check.contract}.{each.check.name}: {each.meaning}" for each in wrong))


def found(copy: Path) -> list[Check]:
    """Compile anew, and list every check, inherited ones too. Raises ToolMissing, ToolFailed."""
    shutil.rmtree(copy / "out", ignore_errors=True)  # forge leaves there what is no longer in the sources
    done = place.run([place.forge(), "build", "--ast"], copy, "proofs")
    if done.returncode:
        raise place.failed("the proofs do not compile", done)
    checks = []
    for artifact in sorted((copy / "out").glob("*.t.sol/*.json")):
        built = json.loads(artifact.read_text())
        if built["bytecode"]["object"] == "0x":
            continue  # abstract
        names = (signature.partition("(")[0] for signature in built["methodIdentifiers"])
        checks += [Check(artifact.stem, name) for name in names if name.startswith("check_")]
    return checks


def require_deployed(copy: Path) -> None:
    """Raises ToolFailed where what is proven is not, byte for byte, the committed build that is deployed."""
    built = json.loads((copy / "out/PrintEscrow.sol/PrintEscrow.json").read_text())["bytecode"]["object"]
    if built != artifacts.bytecode("PrintEscrow"):
        raise place.ToolFailed("the proofs' bytecode is not that of contracts/build: run `make contracts`")


def proven(copy: Path, checks: list[Check], workers: int, say: Callable[[str], None]) -> Iterator[Result]:
    """The result of each check, said as soon as it is known."""
    with ThreadPoolExecutor(workers) as pool:
        for result in pool.map(lambda check: prove(copy, check), checks):
            say(f"{result.check.contract}.{result.check.name}: {result.meaning}, {result.seconds:.0f} s")
            yield result


def prove(copy: Path, check: Check, timeout: float = TIMEOUT) -> Result:
    """Run halmos on one check. Raises ToolMissing, ToolFailed where it gives no answer."""
    report = copy / f"{check.contract}.{check.name}.{place.digest(copy)}.json"
    if report.is_file() and (known := read(check, json.loads(report.read_text()))).meaning == PROVEN:
        return known
    part = report.with_suffix(".part")  # halmos may be killed while it writes
    part.unlink(missing_ok=True)
    command: list[object] = [place.analyser("halmos"), "--forge-build-out", "out", "--no-status"]
    command += ["--contract", check.contract, "--match-test", f"^{check.name}\\("]
    command += ["--default-bytes-lengths", _SIGNATURE, "--solver-threads", 1, "--json-output", part.name]
    try:
        done = place.run(command, copy, "proofs", timeout)
    except subprocess.TimeoutExpired:
        return Result(check, _MEANING[2], seconds=timeout)
    if not part.is_file():
        raise place.failed(f"halmos gave no report on {check.name}", done)
    part.replace(report)
    return read(check, json.loads(report.read_text()))


def read(check: Check, report: dict[str, Any]) -> Result:
    """The one result in a report. Raises ToolFailed where there is another number of them."""
    results = [result for each in report["test_results"].values() for result in each]
    if len(results) != 1:
        raise place.ToolFailed(f"halmos ran {len(results)} checks for {check.contract}.{check.name}")
    [result] = results
    meaning = _MEANING.get(result["exitcode"], "failed")
    if meaning == PROVEN and result["num_bounded_loops"]:
        meaning = "a loop goes on beyond its bound"
    return Result(check, meaning, result["num_paths"][0], result["time"][0])


def table(results: list[Result]) -> Iterator[str]:
    """One line a check: its paths, the seconds, what came of it."""
    yield f"{'check':60} {'paths':>7} {'s':>6}  result"
    for each in results:
        name = f"{each.check.contract}.{each.check.name}"
        yield f"{name:60} {each.paths:>7} {each.seconds:>6.0f}  {each.meaning}"


if __name__ == "__main__":
    main()
