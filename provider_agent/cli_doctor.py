"""infill-agent doctor."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape

from provider_agent.doctor.checks import Checked, Verdict
from provider_agent.doctor.whole import doctor as examine
from provider_agent.doctor.whole import is_bad

STYLES = {Verdict.OK: "green", Verdict.WARNING: "yellow", Verdict.FAILED: "bold red"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="for programs")
@click.pass_obj
def doctor(home: Path, as_json: bool) -> None:
    """Look at everything that can be wrong and say what to do; changes nothing, a running agent goes on.

    Exits with 1 where something failed.
    """
    found = asyncio.run(examine(home))
    if as_json:
        click.echo(json.dumps([_json(one) for one in found], indent=2))
    else:
        _print(found, Console())
    sys.exit(1 if is_bad(found) else 0)


def _json(one: Checked) -> dict[str, str]:
    finding = one.finding
    return {"check": one.name, "verdict": finding.verdict.value, "says": finding.says, "todo": finding.todo}


def _print(found: list[Checked], console: Console) -> None:
    width = max(len(one.name) for one in found)
    for one in found:
        verdict, style = one.finding.verdict, STYLES[one.finding.verdict]
        console.print(
            f"[{style}]{verdict.value:<8}[/]{one.name:<{width}}  {escape(one.finding.says)}",
            soft_wrap=True,
            highlight=False,
        )
        if one.finding.todo:
            console.print(
                f"{'':8}{'':{width}}  -> {escape(one.finding.todo)}", soft_wrap=True, highlight=False
            )
    counts = {verdict: sum(one.finding.verdict is verdict for one in found) for verdict in Verdict}
    console.print(", ".join(f"{count} {verdict.value}" for verdict, count in counts.items()), highlight=False)
