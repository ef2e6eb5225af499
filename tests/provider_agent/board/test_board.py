"""The board: what it reads, what it draws at the widths of terminals, and that a title cannot draw on it."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from protocol.evidence import Kind
from protocol.statuses import MakingStatus, PrinterStatus
from protocol.units import Digest
from provider_agent.board.drawing import board_draw
from provider_agent.board.reading import board_read
from provider_agent.chain import Chain
from provider_agent.config import Delivery
from provider_agent.journal.attempts import attempt_intend, attempt_started
from provider_agent.journal.makings import FileRow, file_set, making_advance
from provider_agent.journal.restored import restored_mark
from provider_agent.journal.spools import spool_add
from provider_agent.journal.statements import statement_add
from provider_agent.journal.store import journal_open
from provider_agent.making.context import Context
from provider_agent.making.slicing import GCODE
from tests.processes import free_port
from tests.provider_agent.bids import bid_journal
from tests.provider_agent.test_cli import INIT, run

TITLE = "[red]A very long title that a designer chose, with a\x1b[2J code and markup[/red] in it"


async def read(context: Context) -> dict[str, Any]:
    found = await board_read(
        context.journal, context.config, context.wallet.address, context.chain, context.fleet
    )
    return json.loads(json.dumps(found))


def drawn(found: dict[str, Any], width: int, now: int | None = None) -> str:
    out = io.StringIO()
    Console(file=out, width=width, force_terminal=False).print(board_draw(found, now=now))
    return out.getvalue()


@pytest.fixture
def printing(context: Context, queued: Digest, driver) -> Context:
    """Half of a print of two minutes is done."""
    making_advance(context.journal, queued, MakingStatus.PRINTING)
    facts = {"sha256": "ab" * 32, "print_seconds": 240}
    file_set(context.journal, queued, 0, GCODE, FileRow("part-0.gcode", Digest(bytes(32)), facts))
    attempt = attempt_intend(context.journal, queued, 0, "p1", ".gcode")
    attempt_started(context.journal, attempt.id)
    driver.status, driver.progress = PrinterStatus.PRINTING, 0.5
    return context


async def test_a_node_that_is_away_leaves_the_rest_on_the_board(printing: Context) -> None:
    away = Chain(replace(printing.config.chain, rpc_url=f"http://127.0.0.1:{free_port()}"))
    found = await read(replace(printing, chain=away))
    assert found["money"] == dict.fromkeys(found["money"])
    assert found["makings"][0]["deadline"] is None
    assert any("does not answer" in alarm for alarm in found["alarms"])
    assert "due ?" in drawn(found, 80)


async def test_a_printer_that_is_away_is_an_alarm(printing: Context, driver) -> None:
    driver.status = PrinterStatus.UNREACHABLE
    found = await read(printing)
    assert any(alarm.startswith("p1 is UNREACHABLE") for alarm in found["alarms"])


async def test_it_says_what_is_printed_how_far_and_what_is_due(printing: Context) -> None:
    found = await read(printing)
    (printer,), (making,) = found["printers"], found["makings"]
    assert printer["prints"] == {"title": "A cube", "item": 1, "attempt": 1, "left_s": 120}
    assert making["deadline"]["what"] == "deliver by"
    assert (found["money"]["in_work_wei"], found["money"]["due_wei"]) == (str(10**15), "0")
    assert found["chain"] == ""
    text = drawn(found, 80, now=making["deadline"]["at"] - 7200)
    assert "50%" in text
    assert "1: A cube" in text
    assert "deliver in 2 h" in text
    assert "in work 0.001" in text


async def test_what_waits_for_a_person_stands_on_top(printing: Context) -> None:
    spool_add(printing.journal, "pla-1", material="PLA", colour="black", lot="", left_mg=20_000)
    restored_mark(printing.journal, 1, 1)
    found = await read(printing)
    lines = drawn(found, 120).splitlines()
    assert lines[1].startswith("! the journal is restored")
    assert "Spools low: pla-1 (PLA black, 20 g free)" in lines[-1]


async def test_what_is_to_be_shipped_is_an_alarm_until_that_is_said(
    context: Context, cleared: Digest, monkeypatch
) -> None:
    todo = f"`infill-agent shipped 0x{cleared.hex()[:8]} --carrier"

    def asked(found: dict[str, Any]) -> list[str]:
        return [alarm for alarm in found["alarms"] if todo in alarm]

    assert asked(await read(context)) == [], "with `printed` nobody is asked"
    policy = replace(context.config.policy, deliver=Delivery.SHIPPED)
    ships = replace(context, config=replace(context.config, policy=policy))
    found = await read(ships)
    assert todo in drawn(found, 200).splitlines()[1]
    assert "to be shipped" in drawn(found, 120)
    due = found["makings"][0]["deadline"]["at"]
    for left, said in ((200_000, "is made, 2 days 8 h left"), (7200, "only 2 h left"), (0, "IS OVER")):
        clock = SimpleNamespace(time=lambda left=left: due - left)
        monkeypatch.setattr("provider_agent.board.reading.time", clock)
        (alarm,) = asked(await read(ships))
        assert said in alarm
    monkeypatch.undo()
    statement_add(context.journal, "1", cleared, Kind.SHIPPED, {"carrier": "DHL", "tracking": "1"})
    assert asked(await read(ships)) == []


@pytest.mark.parametrize("width", [80, 100, 120, 200])
async def test_it_fits_its_terminal_whatever_a_designer_wrote(printing: Context, width: int) -> None:
    bid_journal(printing.journal, Digest(bytes([9]) * 32))
    found = await read(printing)
    for entry in (*found["makings"], *found["bids_open"]):
        entry["title"] = TITLE
    found["printers"][0]["prints"]["title"] = TITLE
    lines = drawn(found, width).splitlines()
    assert max(map(len, lines)) <= width
    assert "\x1b" not in "".join(lines)
    assert sum("[red]A" in line for line in lines) == 3, "markup is shown, not followed"
    assert len(lines) < 24


def test_without_a_terminal_watching_prints_once(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "password").write_text("secret\n")
    monkeypatch.setenv("INFILL_AGENT_PASSWORD_FILE", str(tmp_path / "password"))
    assert run(tmp_path / "home", *INIT).exit_code == 0
    journal_open(tmp_path / "home" / "journal.sqlite3").close()
    result = run(tmp_path / "home", "status", "--watch")
    assert result.exit_code == 0
    assert len(re.findall(r"^Provider 0x", result.stdout, re.MULTILINE)) == 1
