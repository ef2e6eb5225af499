"""`python -m tools.assurance.mutation`: do the tests notice each small fault put into the contracts?

The faults are those of slither-mutate. Each is put into a copy of the tree, compiled without via-IR, and
given the tests without the invariants. What was found is kept in .infill/assurance/mutation: interrupted, the
run goes on where it was; a mutant is tried again once its source has changed, a survivor once a test has.
Exits 1 with each survivor, of the functions chosen, that docs/assurance/survivors.toml does not explain.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from tools.assurance import explained, place
from tools.assurance.mutant import Mutant, Outcome, generated
from tools.assurance.trial import Trials

LIST = place.ROOT / "docs" / "assurance" / "survivors.toml"
STATUSES_AND_MONEY = ("contracts/src/escrow/", "contracts/src/libraries/Payments.sol")


@click.command()
@click.option("--file", "files", multiple=True, help="Part of a source's name; all that move money if none.")
@click.option("--function", "functions", multiple=True, help="A function's name; all if none.")
@click.option("--workers", default=2, show_default=True, help="Copies of the tree that work at once.")
@click.option("--table", "only_table", is_flag=True, help="Show what is known, try nothing.")
def main(files: tuple[str, ...], functions: tuple[str, ...], workers: int, only_table: bool) -> None:
    """Try every mutant chosen, print a table, exit 1 with what survives unexplained."""
    try:
        reasons = explained.read(LIST)
        everything = generated(place.copied("mutants", (place.SOURCES,)))
        chosen = [
            mutant for mutant in everything if _is_chosen(mutant, files or STATUSES_AND_MONEY, functions)
        ]
        trials = Trials(place.WORK / "mutation")
        if not only_table:
            trials.run(chosen, workers, click.echo)
    except (place.ToolMissing, place.ToolFailed, explained.ListUnusable) as error:
        sys.exit(str(error))
    known = {mutant: trials.outcome(mutant) for mutant in chosen}
    click.echo("\n".join(table(known)))
    if wrong := verdict(everything, known, reasons):
        sys.exit("\n".join(wrong))


def _is_chosen(mutant: Mutant, files: tuple[str, ...], functions: tuple[str, ...]) -> bool:
    return any(part in mutant.file for part in files) and (not functions or mutant.function in functions)


def verdict(
    everything: list[Mutant], known: dict[Mutant, Outcome | None], reasons: dict[str, str]
) -> list[str]:
    """A line for each mutant not tried, each survivor not explained, each explanation of no survivor."""
    untried = sum(outcome is None for outcome in known.values())
    lines = (
        [f"{untried} mutants are not tried yet: run python -m tools.assurance.mutation"] if untried else []
    )
    survivors = {mutant.place: mutant.mutator for mutant, o in known.items() if o is Outcome.SURVIVED}
    judged = {mutant.place for mutant, outcome in known.items() if outcome is not None}
    elsewhere = {mutant.place for mutant in everything} - judged
    relevant = {name: reason for name, reason in reasons.items() if name not in elsewhere}
    return lines + explained.problems(survivors, relevant, LIST.name)


def table(known: dict[Mutant, Outcome | None]) -> Iterator[str]:
    """For each function: mutants that compile, those killed, those that survive, those not tried."""
    yield f"{'function':58} {'mutants':>8} {'killed':>7} {'survive':>8} {'untried':>8}"
    rows: dict[str, list[Outcome | None]] = {}
    for mutant, outcome in known.items():
        rows.setdefault(f"{Path(mutant.file).stem}.{mutant.function or '(declarations)'}", []).append(outcome)
    rows["all"] = list(known.values())
    for name, outcomes in rows.items():
        killed, survived = outcomes.count(Outcome.KILLED), outcomes.count(Outcome.SURVIVED)
        untried = outcomes.count(None)
        yield f"{name:58} {killed + survived:>8} {killed:>7} {survived:>8} {untried:>8}"


if __name__ == "__main__":
    main()
