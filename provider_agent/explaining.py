"""How a verdict came about, as JSON that a journal keeps and as tables for people."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Column, Table

from protocol.units import ether_text, time_of
from provider_agent.bidding import Decision, Decline, OpenJob, Verdict
from provider_agent.pricing import HOUR


def verdict_json(job: OpenJob, verdict: Verdict, *, now: int) -> dict[str, Any]:
    """All of it: wei as text, times as epoch seconds. `printer` is None where there is no bid."""
    decision = verdict.decision
    declined = isinstance(decision, Decline)
    return {
        "job": job.id,
        "title": job.spec.title,
        "at": now,
        "printer": None if isinstance(decision, Decline) else decision.serial,
        "reason": _reason(decision) if declined else "",
        "terms": None if declined else _decision_json(decision),
        "printers": printers_json(verdict),
    }


def printers_json(verdict: Verdict) -> list[dict[str, Any]]:
    """What each printer could do, before any script."""
    return [{"printer": serial, **_decision_json(found)} for serial, found in verdict.printers]


def job_json(job: OpenJob) -> dict[str, Any]:
    """An open job."""
    return {
        "id": job.id,
        "spec": job.spec.to_json(),
        "bids_close_at": job.bids_close_at,
        "confidential": job.confidential,
    }


def verdict_print(found: dict[str, Any], console: Console) -> None:
    """The same for people."""
    when = f"{time_of(found['at']):%d %b %Y %H:%M} UTC"
    console.print(f"{found['title']} ({found['job']}), as weighed {when}", highlight=False)
    for printer in found["printers"]:
        if printer["reason"]:
            console.print(f"{printer['printer']}: no bid. {printer['reason']}", highlight=False)
        elif found["terms"] is None or printer["printer"] != found["printer"]:
            _price_print(f"{printer['printer']} could", printer, console)
    if found["terms"] is None:
        said = found["printers"] and all(printer["reason"] for printer in found["printers"])
        console.print("No bid." if said else f"No bid: {found['reason']}", style="bold", highlight=False)
    else:
        _price_print(f"{found['printer']} bids", found["terms"], console)


def _price_print(title: str, terms: dict[str, Any], console: Console) -> None:
    breakdown = terms["breakdown"]
    ready = f"{time_of(terms['starts_at'] + terms['seconds']):%d %b %H:%M} UTC"
    table = Table(
        "line",
        "what it is",
        Column("ETH", justify="right", no_wrap=True),
        title=f"{title}: {terms['seconds'] / HOUR:.1f} h of printing, ready {ready}",
        title_justify="left",
        show_footer=True,
    )
    total = f"for {breakdown['units']} units" if breakdown["units"] > 1 else "for the job"
    for column, footer in zip(table.columns, ("price", total, _ether(breakdown["price_wei"])), strict=True):
        column.footer = footer
    for line in breakdown["lines"]:
        table.add_row(line["item"], line["what"], _ether(line["wei"]))
    console.print(table, highlight=False)


def _ether(wei: str) -> str:
    amount = int(wei)
    return ("-" if amount < 0 else "") + ether_text(abs(amount)).removesuffix(" ETH")


def _decision_json(found: Decision) -> dict[str, Any]:
    if isinstance(found, Decline):
        return {"reason": _reason(found)}
    return {
        "reason": "",
        "seconds": found.seconds,
        "starts_at": found.starts_at,
        "make_time": found.make_time,
        "valid_until": found.valid_until,
        "spools": {use.spool: use.milligrams for use in found.uses if use.spool},
        "breakdown": found.price.to_json(),
    }


def _reason(found: Decision) -> str:
    if not isinstance(found, Decline):
        return ""
    return f"{found.reason} ({found.detail})" if found.detail else found.reason
