"""What was measured at the real PrusaLink and would fool a driver that believes what it is told."""

from __future__ import annotations

import asyncio

import pytest

from protocol.statuses import PrinterStatus
from provider_agent.drivers import driver_for
from provider_agent.drivers.base import (
    Accepted,
    AttemptFate,
    CommandReply,
    Definition,
    Refused,
    Started,
    Unknown,
)
from provider_agent.drivers.errors import PrinterForbids, UploadDamaged, UploadRefused
from provider_agent.drivers.http import Reply
from provider_agent.drivers.prusalink.answers import UNSAID, UNSEEN
from tests.processes import eventually
from tests.provider_agent.drivers.contract import printing, quiet, reach, status
from tests.provider_agent.drivers.prusalink.conftest import PrusaLinkRig
from tests.provider_agent.drivers.prusalink.server import PASSWORD, USER

pytestmark = pytest.mark.printers


@pytest.mark.parametrize("secret", [f"{USER}:wrong", None])
async def test_a_wrong_password_or_none_is_named_as_a_wrong_key_is(
    rig: PrusaLinkRig, secret: str | None
) -> None:
    async with driver_for("prusalink", rig.server.url, secret=secret) as driver:
        assert "secret" in ((await driver.snapshot()).reason or "")
        with pytest.raises(PrinterForbids):
            await driver.identify()


async def test_user_and_password_do_as_well_as_a_key(rig: PrusaLinkRig) -> None:
    async with driver_for("prusalink", rig.server.url, secret=f"{USER}:{PASSWORD}") as driver:
        assert (await driver.upload(rig.short_print, "a.gcode")).verified
        assert isinstance(await driver.start("a.gcode", "a-1"), Started)


async def test_another_file_of_the_same_size_under_the_name_is_told_apart(rig: PrusaLinkRig) -> None:
    """PrusaLink tells a size and no digest."""
    await rig.driver.upload(rig.short_print, "a.gcode")
    text = rig.short_print.read_text()
    rig.short_print.write_text(text.replace("X10", "X11"))
    told = rig.server.get("api/v1/files/local/a.gcode")
    assert told["size"] == rig.short_print.stat().st_size
    assert "hash" not in told
    with pytest.raises(UploadRefused, match="name"):
        await rig.driver.upload(rig.short_print, "a.gcode")


async def test_an_upload_that_was_cut_off_leaves_nothing_and_can_be_sent_again(rig: PrusaLinkRig) -> None:
    rig.server.cut_off(
        "PUT /api/v1/files/local/a.gcode HTTP/1.1\r\nContent-Length: 100000\r\n"
        "Content-Type: text/x.gcode\r\n\r\nG28\n"
    )
    assert rig.server.request("GET", "api/v1/files/local/a.gcode").status_code == 404
    eventually(lambda: rig.server.request("GET", "api/v1/transfer").status_code == 204)
    assert (await rig.driver.upload(rig.short_print, "a.gcode")).verified


async def test_what_arrived_otherwise_than_sent_is_taken_away_again(
    rig: PrusaLinkRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def altered(*_: object) -> str:
        return "0" * 64

    monkeypatch.setattr(rig.driver, "_digest", altered)
    with pytest.raises(UploadDamaged):
        await rig.driver.upload(rig.short_print, "a.gcode")
    eventually(lambda: rig.server.request("GET", "api/v1/files/local/a.gcode").status_code == 404)


async def test_a_hundred_percent_is_not_the_end(rig: PrusaLinkRig) -> None:
    """Without percents in the file PrusaLink counts lines sent, and ten before the last are all of it."""
    rig.short_print.write_text("G28\n" + "G4 P100\n" * 10 + "G4 P4000\n" * 10)
    await rig.driver.upload(rig.short_print, "a.gcode")
    await rig.driver.start("a.gcode", "a-1")
    now = await reach(rig.driver, lambda now: now.progress == 1.0)
    assert now.status is PrinterStatus.PRINTING
    assert (await rig.driver.reconcile("a-1")).fate is AttemptFate.RUNNING


async def test_the_job_is_gone_as_soon_as_it_is_finished_and_finished_lasts_seconds(
    rig: PrusaLinkRig,
) -> None:
    await rig.driver.upload(rig.short_print, "a.gcode")
    await rig.driver.start("a.gcode", "a-1")
    await reach(rig.driver, status(PrinterStatus.FINISHED_UNCLEARED))
    assert rig.server.request("GET", "api/v1/job").status_code == 204
    assert (await rig.driver.reconcile("a-1")).fate is AttemptFate.FINISHED
    eventually(rig.server.is_idle, 60)
    assert (await rig.driver.snapshot()).status is PrinterStatus.FINISHED_UNCLEARED
    assert (await rig.driver.reconcile("a-1")).fate is AttemptFate.FINISHED


async def test_an_end_that_nobody_saw_has_failed_and_is_never_started_again(rig: PrusaLinkRig) -> None:
    rig.short_print.write_text("G28\n" + "G4 P500\n" * 12)
    rig.server.press("hold")
    await rig.driver.upload(rig.short_print, "a.gcode")
    assert await rig.driver.start("a.gcode", "a-1") == Started("a-1")
    rig.server.press("release")
    eventually(lambda: rig.server.state() == "FINISHED", 60)
    eventually(rig.server.is_idle, 60)
    found = await rig.driver.reconcile("a-1")
    assert (found.fate, found.reason) == (AttemptFate.FAILED, UNSEEN)
    assert isinstance(await rig.driver.clear(), Accepted)
    assert isinstance(await rig.driver.start("a.gcode", "a-1"), Unknown)
    assert (await rig.driver.snapshot()).status is PrinterStatus.READY


async def test_the_job_vanishes_in_a_fault_and_the_reason_with_it(rig: PrusaLinkRig) -> None:
    await printing(rig)
    rig.server.press("runaway")
    now = await reach(rig.driver, status(PrinterStatus.FAULT))
    assert rig.server.request("GET", "api/v1/job").status_code == 204
    assert "ERROR" in (now.reason or "")
    assert (await rig.driver.reconcile("a-1")).reason == now.reason
    assert (await rig.driver.reconcile("a-1")).reason == UNSAID
    assert isinstance(await rig.driver.cancel(), Refused)
    assert isinstance(await rig.driver.recover(), Refused)
    rig.server.press("reset")
    await reach(rig.driver, status(PrinterStatus.READY, PrinterStatus.FINISHED_UNCLEARED))
    assert (await rig.driver.reconcile("a-1")).fate is AttemptFate.FAILED


async def test_a_silent_printer_stays_printing_and_only_the_watchdog_knows(rig: PrusaLinkRig) -> None:
    await printing(rig)
    rig.server.press("hold")
    await reach(rig.driver, quiet(50))
    assert (await rig.driver.snapshot()).status is PrinterStatus.PRINTING


@pytest.mark.parametrize("button", ["pause", "cancel"])
async def test_what_a_person_does_at_the_printer_is_seen(rig: PrusaLinkRig, button: str) -> None:
    await printing(rig)
    rig.server.press(button)
    wanted = {"pause": PrinterStatus.PAUSED, "cancel": PrinterStatus.FINISHED_UNCLEARED}[button]
    await reach(rig.driver, status(wanted))
    fate = {"pause": AttemptFate.RUNNING, "cancel": AttemptFate.CANCELLED}[button]
    assert (await rig.driver.reconcile("a-1")).fate is fate


async def test_for_seconds_after_an_end_a_start_is_refused_even_with_the_file_let_go(
    rig: PrusaLinkRig,
) -> None:
    await printing(rig)
    await rig.driver.cancel()
    await reach(rig.driver, status(PrinterStatus.FINISHED_UNCLEARED))
    rig.server.request("POST", "api/job", json={"command": "cancel"})
    refused = rig.server.request("POST", "api/v1/files/local/a-1.gcode")
    assert refused.status_code == 409
    reply = await rig.driver.start("a-1.gcode", "b-1")
    assert isinstance(reply, Refused)
    assert reply.retryable
    assert (await rig.driver.reconcile("b-1")).fate is AttemptFate.NOT_STARTED
    assert isinstance(await rig.driver.clear(), Accepted)
    assert await rig.driver.start("a-1.gcode", "b-1") == Started("b-1")


async def test_a_file_is_chosen_before_its_start(rig: PrusaLinkRig, monkeypatch: pytest.MonkeyPatch) -> None:
    """PrusaLink's thread that sends dies of a first line that goes out before any file was: it says PRINTING and
    prints nothing, for ever."""
    ask, chosen = rig.driver._http.ask, []

    async def watched(method: str, path: str, **options: object) -> object:
        if (method, path) == ("POST", "api/v1/files/local/a.gcode"):
            chosen.append(rig.server.chosen())
        return await ask(method, path, **options)

    monkeypatch.setattr(rig.driver._http, "ask", watched)
    await rig.driver.upload(rig.long_print, "a.gcode")
    assert rig.server.chosen() is None
    assert await rig.driver.start("a.gcode", "a-1") == Started("a-1")
    assert chosen == ["a.gcode"]


async def test_a_start_that_is_refused_lets_go_of_the_file(
    rig: PrusaLinkRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    await rig.driver.upload(rig.long_print, "a.gcode")
    ask = rig.driver._http.ask

    async def refused(method: str, path: str, **options: object) -> object:
        real = (method, path) != ("POST", "api/v1/files/local/a.gcode")
        return await ask(method, path, **options) if real else Reply(409, {"title": "not now"})

    monkeypatch.setattr(rig.driver._http, "ask", refused)
    assert isinstance(await rig.driver.start("a.gcode", "a-1"), Refused)
    assert (await rig.driver.snapshot()).status is PrinterStatus.READY
    assert (await rig.driver.reconcile("a-1")).fate is AttemptFate.NOT_STARTED


async def test_a_cancel_before_the_first_line_takes_hold_all_the_same(rig: PrusaLinkRig) -> None:
    """PrusaLink's thread that prints dies of it, and PRINTING stays for a while."""
    cancelling = await cancelled_early(rig)
    rig.server.press("release")
    assert isinstance(await cancelling, Accepted)
    assert (await rig.driver.snapshot()).status is PrinterStatus.FINISHED_UNCLEARED
    assert (await rig.driver.reconcile("a-1")).fate is AttemptFate.CANCELLED


async def test_a_server_that_goes_while_it_cancels_leaves_that_unknown(rig: PrusaLinkRig) -> None:
    """A PrusaLink that runs as a service starts itself anew after such an error."""
    cancelling = await cancelled_early(rig)
    rig.server.kill()
    assert isinstance(await cancelling, Unknown)
    rig.server.up()
    assert (await rig.driver.reconcile("a-1")).reason == UNSEEN


async def cancelled_early(rig: PrusaLinkRig) -> asyncio.Task[CommandReply]:
    """A cancel that came before PrusaLink could send the first line."""
    await rig.driver.upload(rig.long_print, "a.gcode")
    rig.server.press("hold")
    assert await rig.driver.start("a.gcode", "a-1") == Started("a-1")
    before = rig.server.said("FileNotFoundError")
    cancelling = asyncio.create_task(rig.driver.cancel())
    while rig.server.said("FileNotFoundError") == before:
        await asyncio.sleep(0.05)
    return cancelling


async def test_a_start_that_left_nothing_behind_is_never_repeated(rig: PrusaLinkRig) -> None:
    """The folder is made, and the power goes before the print begins."""
    await rig.driver.upload(rig.short_print, "a.gcode")
    (rig.server.gcodes / "attempt-a-1" / "of-a.gcode").mkdir(parents=True)
    eventually(lambda: rig.server.request("GET", "api/v1/files/local/attempt-a-1").ok)
    assert (await rig.driver.reconcile("a-1")).reason == UNSEEN
    assert isinstance(await rig.driver.start("a.gcode", "a-1"), Unknown)
    assert (await rig.driver.snapshot()).status is PrinterStatus.READY


async def test_a_file_that_somebody_else_prints_is_not_ours(rig: PrusaLinkRig) -> None:
    await rig.driver.upload(rig.long_print, "other.gcode")
    rig.server.begin("other.gcode")
    await rig.driver.upload(rig.short_print, "a.gcode")
    assert isinstance(await rig.driver.start("a.gcode", "a-1"), Refused)
    assert (await rig.driver.reconcile("a-1")).fate is AttemptFate.NOT_STARTED
    assert (await rig.driver.snapshot()).job == "other.gcode"


async def test_the_model_tells_the_bed(rig: PrusaLinkRig) -> None:
    assert await rig.driver.definition() == Definition((250_000, 210_000, 210_000), 400)
