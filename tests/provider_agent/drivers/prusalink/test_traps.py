"""What was measured at the real PrusaLink and would fool a driver that believes what it is told."""

from __future__ import annotations

import socket

import pytest

from protocol.statuses import PrinterStatus
from provider_agent.drivers import driver_for
from provider_agent.drivers.base import Accepted, AttemptFate, Definition, Refused, Started, Unknown
from provider_agent.drivers.errors import PrinterForbids, UploadDamaged, UploadRefused
from provider_agent.drivers.prusalink.answers import UNSAID, UNSEEN
from tests.processes import eventually
from tests.provider_agent.drivers.contract import printing, reach, status
from tests.provider_agent.drivers.prusalink.conftest import PrusaLinkRig
from tests.provider_agent.drivers.prusalink.server import KEY, PASSWORD, USER

pytestmark = pytest.mark.printers


@pytest.mark.parametrize("secret", ["wrong", f"{USER}:wrong", None])
async def test_a_wrong_secret_is_named_and_starts_nothing(rig: PrusaLinkRig, secret: str | None) -> None:
    async with driver_for("prusalink", rig.server.url, secret=secret) as driver:
        now = await driver.snapshot()
        assert now.status is PrinterStatus.UNKNOWN
        assert "secret" in (now.reason or "")
        assert isinstance(await driver.start("a.gcode", "a-1"), Refused)
        assert isinstance(await driver.cancel(), Refused)
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
    host, port = rig.server.url.removeprefix("http://").split(":")
    head = (
        "PUT /api/v1/files/local/a.gcode HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n"
        f"X-Api-Key: {KEY}\r\nContent-Type: text/x.gcode\r\n\r\nG28\n"
    )
    with socket.create_connection((host, int(port))) as line:
        line.sendall(head.encode())
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
    """Without percents in the file PrusaLink counts lines sent, and a few are all of it."""
    await rig.driver.upload(rig.while_print, "a.gcode")
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
    eventually(lambda: rig.server.state() == "IDLE", 20)
    assert (await rig.driver.snapshot()).status is PrinterStatus.FINISHED_UNCLEARED
    assert (await rig.driver.reconcile("a-1")).fate is AttemptFate.FINISHED


async def test_an_end_that_nobody_saw_has_failed_and_is_never_started_again(rig: PrusaLinkRig) -> None:
    await rig.driver.upload(rig.while_print, "a.gcode")
    await rig.driver.start("a.gcode", "a-1")
    eventually(lambda: rig.server.state() == "FINISHED", 40)
    eventually(lambda: rig.server.state() == "IDLE", 20)
    found = await rig.driver.reconcile("a-1")
    assert (found.fate, found.reason) == (AttemptFate.FAILED, UNSEEN)
    assert isinstance(await rig.driver.clear(), Accepted)
    assert isinstance(await rig.driver.start("a.gcode", "a-1"), Unknown)
    assert (await rig.driver.snapshot()).status is PrinterStatus.READY


async def test_finished_before_a_kill_stays_finished(rig: PrusaLinkRig) -> None:
    await rig.driver.upload(rig.short_print, "a.gcode")
    await rig.driver.start("a.gcode", "a-1")
    await reach(rig.driver, status(PrinterStatus.FINISHED_UNCLEARED))
    await rig.driver.reconcile("a-1")
    rig.server.kill()
    rig.server.up()
    assert (await rig.driver.reconcile("a-1")).fate is AttemptFate.FINISHED
    assert await rig.driver.start("a.gcode", "a-1") == Started("a-1", repeated=True)


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
    await reach(rig.driver, status(PrinterStatus.READY, PrinterStatus.FINISHED_UNCLEARED), 60)
    assert (await rig.driver.reconcile("a-1")).fate is AttemptFate.FAILED


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
    assert rig.server.request("POST", "api/v1/files/local/other.gcode").status_code == 204
    await rig.driver.upload(rig.short_print, "a.gcode")
    assert isinstance(await rig.driver.start("a.gcode", "a-1"), Refused)
    assert (await rig.driver.reconcile("a-1")).fate is AttemptFate.NOT_STARTED
    assert (await rig.driver.snapshot()).job == "other.gcode"


async def test_the_model_tells_the_bed(rig: PrusaLinkRig) -> None:
    assert await rig.driver.definition() == Definition((250_000, 210_000, 210_000), 400)
