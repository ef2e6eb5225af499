"""The report for people."""

from collections import Counter
from datetime import UTC, datetime

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from auditor.audit import Audit
from auditor.case import Case
from auditor.errors import CannotTell
from auditor.findings import CheckResult, Finding, Verdict, text_of
from auditor.moving import ESCROW
from auditor.rebuild import History
from auditor.timeline import amount_text, role_of, timeline_of

HEADLINES = {
    Verdict.CLEAN: "[bold green]CLEAN[/]: everything adds up",
    Verdict.FINDINGS: "[bold red]FINDINGS[/]: this does not add up",
}


def print_report(console: Console, audit: Audit) -> None:
    """Print a finished audit."""
    console.print(_headline(audit))
    history = audit.case.history
    if history:
        console.print(_order(history))
        console.print(_timeline(audit.case))
        console.print(_money(history))
    console.print(_checks(audit))
    for note in audit.notes:
        console.print(f"[yellow]note[/] {escape(note)}")


def print_refusal(console: Console, reason: CannotTell) -> None:
    """Print why there is no verdict."""
    console.print(f"[bold yellow]CANNOT TELL[/] ({reason.code}): {escape(str(reason))}")


def _headline(audit: Audit) -> RenderableType:
    node, counts = audit.case.node, Counter(_outcome(result) for result in audit.results)
    tally = ", ".join(f"{counts[name]} {name}" for name in ("passed", "failed", "not asked") if counts[name])
    lines = [
        f"Agreement {text_of(audit.case.agreement)}",
        f"Escrow {node.escrow} on chain {node.chain_id}, as of block {node.head.number}",
        f"{HEADLINES[audit.verdict]} ({len(audit.results)} checks: {tally})",
    ]
    return Group(*(Text.from_markup(line) for line in lines), Text())


def _outcome(result: CheckResult) -> str:
    return "failed" if result.findings else "not asked" if result.skipped else "passed"


def _order(history: History) -> RenderableType:
    terms, table = history.terms, Table(box=None, show_header=False)
    price, bond = amount_text(terms, terms.unit_price), amount_text(terms, terms.bond)
    rows = {
        "designer": terms.designer,
        "provider": terms.provider,
        "arbiter": terms.arbiter,
        "job": text_of(terms.job_digest),
        "printer": text_of(terms.printer),
        "ordered": f"{history.units} x {price}, bond {bond}",
        "mandate": text_of(history.mandate) if any(history.mandate) else "none",
        "times": f"make {terms.make_time} s, review {terms.review_time} s, arbiter {terms.arbiter_time} s, "
        f"grace {terms.grace_time} s",
        "status": f"{history.standing.status} ({history.standing.how})",
    }
    for name, value in rows.items():
        table.add_row(name, value)
    return Padding(table, (0, 0, 1, 0))


def _timeline(case: Case) -> Table:
    table = Table(title="What happened", title_justify="left", box=SIMPLE_HEAD)
    for name in ("time (UTC)", "who", "what", "written in"):
        table.add_column(name)
    for entry in timeline_of(case):
        moment = datetime.fromtimestamp(entry.time, UTC).strftime("%Y-%m-%d %H:%M:%S")
        table.add_row(moment, escape(entry.who), escape(entry.what), entry.source)
    return table


def _money(history: History) -> Table:
    terms = history.terms
    table = Table(title="Where the money went", title_justify="left", box=SIMPLE_HEAD, show_footer=True)
    came = sum(movement.amount for movement in history.movements if movement.target == ESCROW)
    went = sum(movement.amount for movement in history.movements if movement.source == ESCROW)
    table.add_column("what", footer="left in escrow")
    table.add_column("from")
    table.add_column("to")
    table.add_column("amount", justify="right", footer=amount_text(terms, came - went), overflow="fold")
    table.add_column("how")
    for movement in history.movements:
        parties = (role_of(terms, movement.source), role_of(terms, movement.target))
        table.add_row(movement.why, *parties, amount_text(terms, movement.amount), movement.way)
    return table


def _checks(audit: Audit) -> RenderableType:
    return Group(Text("Checks", style="italic"), *(_check(result) for result in audit.results))


def _check(result: CheckResult) -> RenderableType:
    if result.passed:
        return Text.from_markup(f" [green]✔[/] {escape(result.title)}")
    if not result.findings:
        return Text.from_markup(f" [yellow]-[/] {escape(result.title)}: not asked, {escape(result.skipped)}")
    head = Text.from_markup(f" [red]✘[/] {escape(result.title)}: {len(result.findings)} to explain")
    return Group(head, *(_finding(finding) for finding in result.findings))


def _finding(finding: Finding) -> RenderableType:
    lines = [f"[bold]{escape(finding.place)}[/]: {escape(finding.message)} [red]({finding.code})[/]"]
    for name, value in (("expected", finding.expected), ("found", finding.found)):
        lines += [f"  {name} {escape(value)}"] if value else []
    return Padding(Text.from_markup("\n".join(lines)), (0, 0, 0, 4))
