"""The board, for a terminal of any width from 80 columns on."""

from __future__ import annotations

import time
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Column, Table
from rich.text import Text

from protocol.statuses import PrinterStatus
from protocol.units import amount_text, duration_text

ENDED_SHOWN: Final = 5
"""Agreements that are over; older ones are counted."""
ETHER_DECIMALS: Final = 18
STYLES: Final = {
    PrinterStatus.PRINTING: "green",
    PrinterStatus.READY: "green",
    PrinterStatus.PAUSED: "yellow",
    PrinterStatus.FAULT: "bold red",
    PrinterStatus.UNREACHABLE: "bold red",
    PrinterStatus.DISCONNECTED: "bold red",
}


def board_draw(found: dict[str, Any], *, now: int | None = None) -> RenderableType:
    """What `board_read` found, for people; `now` epoch seconds."""
    moment = int(time.time()) if now is None else now
    parts: list[RenderableType] = [Text(f"Provider {found['address']}", style="bold")]
    parts += [Text.from_markup(f"! {_safe(alarm)}", style="bold yellow") for alarm in found["alarms"]]
    parts.append(_money(found))
    parts.append(_printers(found["printers"]))
    parts.append(_makings(found["makings"], moment))
    parts.append(_bids(found["bids_open"], moment))
    if found["spools_low"]:
        low = ", ".join(
            f"{one['id']} ({one['material']}, {one['free_mg'] / 1000:.0f} g free)"
            for one in found["spools_low"]
        )
        parts.append(Text(f"Spools low: {low}", style="yellow"))
    return Group(*parts)


def _money(found: dict[str, Any]) -> Text:
    money = found["money"]
    shown = {
        "earned": found["earned_wei"],
        "due": money["due_wei"],
        "in work": money["in_work_wei"],
        "locked": money["locked_wei"],
        "free": money["free_wei"],
        "gas": money["gas_wei"],
    }
    return Text("  ".join(f"{name} {_ether(wei)}" for name, wei in shown.items()) + "  (ETH)")


def _ether(wei: str | None) -> str:
    """Six digits behind the point at most: a board is no ledger, and says when there is less than that."""
    if wei is None:
        return "?"
    whole = int(wei)
    short = whole // 10**12 * 10**12
    return "<0.000001" if whole and not short else amount_text(short, ETHER_DECIMALS)


def _printers(rows: list[dict[str, Any]]) -> Table:
    table = Table(*map(_whole, ("printer", "status", "done", "nozzle/bed")), _cut("prints"), _whole("left"))
    for row in rows:
        style = STYLES.get(row["status"], "")
        status = row["status"] if row["registered"] else f"{row['status']} (not registered)"
        prints = row["prints"]
        table.add_row(
            _safe(row["serial"]),
            Text(status, style=style),
            _bar(row["progress"]) if prints else "",
            _heat(row),
            _safe(f"{prints['item']}: {prints['title']}" if prints else ""),
            "" if not prints or prints["left_s"] is None else duration_text(prints["left_s"]),
        )
    return table


def _whole(name: str) -> Column:
    return Column(name, no_wrap=True)


def _cut(name: str) -> Column:
    """One line, however long the designer's title is."""
    return Column(name, no_wrap=True, overflow="ellipsis", min_width=12, ratio=1)


def _safe(text: str) -> str:
    """Others' words as they are: they neither style the board nor speak to the terminal."""
    return escape("".join(sign if sign.isprintable() else "?" for sign in text))


def _bar(progress: float | None) -> RenderableType:
    if progress is None:
        return "?"
    table = Table.grid(padding=(0, 1))
    table.add_row(ProgressBar(total=1, completed=progress, width=8), f"{progress:4.0%}")
    return table


def _heat(row: dict[str, Any]) -> str:
    nozzle, bed = row["nozzle_c"], row["bed_c"]
    return "" if nozzle is None else f"{nozzle:.0f}/{'?' if bed is None else f'{bed:.0f}'} °C"


def _makings(rows: list[dict[str, Any]], now: int) -> RenderableType:
    if not rows:
        return Text("Nothing won yet.")
    live, ended = [row for row in rows if row["live"]], [row for row in rows if not row["live"]]
    table = Table(
        _whole("agreement"), _cut("job"), _whole("printer"), "status", "made", _whole("next"), "paid"
    )
    for row in [*live, *ended[-ENDED_SHOWN:]]:
        done = sum(attempt["status"] == "FINISHED" for attempt in row["attempts"])
        table.add_row(
            row["agreement"][:10],
            _safe(row["title"]),
            _safe(row["printer"]),
            _safe(_status(row)),
            str(done),
            _next(row["deadline"], now),
            _ether(row["paid_wei"]) if int(row["paid_wei"]) else "",
            style="" if row["live"] else "dim",
        )
    hidden = len(ended) - ENDED_SHOWN
    return Group(table, Text(f"and {hidden} before", style="dim")) if hidden > 0 else table


def _status(row: dict[str, Any]) -> str:
    told = "to be shipped" if row["to_ship"] else row["reason"]
    return f"{row['status']}: {told}" if told else str(row["status"])


def _next(deadline: dict[str, Any] | None, now: int) -> str:
    if deadline is None:
        return ""
    left = deadline["at"] - now
    when = f"in {duration_text(left)}" if left > 0 else "now"
    return f"{deadline['what'].removesuffix(' by').removesuffix(' from')} {when}"


def _bids(rows: list[dict[str, Any]], now: int) -> RenderableType:
    if not rows:
        return Text("No open bids.")
    table = Table(_cut("open bid for"), _whole("printer"), Column("price", justify="right"), _whole("ends"))
    for row in rows:
        left = max(0, row["valid_until"] - now)
        sent = "" if row["sent"] else " (not sent)"
        table.add_row(
            _safe(row["title"]) + sent,
            _safe(row["printer"]),
            _ether(row["price_wei"]),
            f"in {duration_text(left)}",
        )
    return table
