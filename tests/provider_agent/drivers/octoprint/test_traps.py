"""What was measured at the real OctoPrint and would fool a driver that believes what it is told."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse

from protocol.statuses import PrinterStatus
from provider_agent.drivers.base import Accepted, AttemptFate, Driver, Refused, Started, Unknown
from provider_agent.drivers.octoprint.answers import LOST
from tests.processes import eventually
from tests.provider_agent.drivers.contract import printing, quiet, reach, settled, status
from tests.provider_agent.drivers.octoprint.conftest import OctoPrintRig
from tests.provider_agent.drivers.octoprint.server import OctoPrint

pytestmark = pytest.mark.printers


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ("http://192.0.2.7/still", None),
        ("http://localhost:8080/?action=snapshot", "http://127.0.0.1:8080/?action=snapshot"),
    ],
)
async def test_a_camera_is_believed_on_its_own_host_alone(
    rig: OctoPrintRig, told: str, found: str | None
) -> None:
    def snapshot(url: str) -> None:
        settings = {"plugins": {"classicwebcam": {"snapshot": url}}}
        rig.server.post("api/settings", **settings).raise_for_status()

    snapshot(told)
    try:
        assert await rig.driver.camera() == found
    finally:
        snapshot("")
    assert await rig.driver.camera() is None


async def test_a_201_for_a_print_starts_nothing_while_busy(rig: OctoPrintRig) -> None:
    await printing(rig)
    with rig.short_print.open("rb") as file:
        reply = rig.server.request("POST", "api/files/local", files={"file": file}, data={"print": "true"})
    assert (reply.status_code, reply.json()["effectivePrint"]) == (201, False)
    assert (await rig.driver.snapshot()).attempt == "a-1"


async def test_the_digest_octoprint_keeps_is_sha1(rig: OctoPrintRig) -> None:
    await rig.driver.upload(rig.short_print, "a.gcode")
    ours = hashlib.sha1(rig.short_print.read_bytes()).hexdigest()
    assert rig.server.get("api/files/local/a.gcode")["hash"] == ours


async def test_an_upload_that_was_cut_off_leaves_nothing_and_can_be_sent_again(rig: OctoPrintRig) -> None:
    rig.server.cut_off(
        "POST /api/files/local HTTP/1.1\r\nContent-Length: 100000\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
        '--b\r\nContent-Disposition: form-data; name="file"; filename="a.gcode"\r\n\r\nG28\n'
    )
    assert rig.server.request("GET", "api/files/local/a.gcode").status_code == 404
    assert (await rig.driver.upload(rig.short_print, "a.gcode")).verified


async def test_killed_in_a_print_it_comes_back_as_if_nothing_had_been_and_nothing_prints_twice(
    rig: OctoPrintRig,
) -> None:
    await printing(rig)
    rig.server.kill()
    rig.server.up()
    job = rig.server.get("api/job")
    assert (job["state"], job["job"]["file"]["path"]) == ("Operational", None)
    found = await settled(rig.driver)
    assert (found.fate, found.reason) == (AttemptFate.FAILED, LOST)
    assert isinstance(await rig.driver.start("a-1.gcode", "a-1"), Unknown)
    assert (await rig.driver.snapshot()).status is PrinterStatus.READY


async def test_a_lost_serial_line_has_a_reason_though_the_printers_error_is_empty(rig: OctoPrintRig) -> None:
    await printing(rig)
    rig.server.send("!!DEBUG:drop_connection")
    now = await reach(rig.driver, status(PrinterStatus.FAULT))
    assert rig.server.get("api/printer/error") == {"error": "", "reason": ""}
    assert "Serial" in (now.reason or "")
    eventually(lambda: rig.server.get("api/files/local/attempt-a-1/a-1.gcode").get("prints"))
    assert (await settled(rig.driver)).fate is AttemptFate.FAILED


@pytest.mark.parametrize("fault", ["trigger_fatal_error_marlin", "maxtemp_error"])
async def test_a_firmware_fault_is_told_in_its_own_words(rig: OctoPrintRig, fault: str) -> None:
    await printing(rig)
    rig.server.send(f"!!DEBUG:{fault}")
    now = await reach(rig.driver, status(PrinterStatus.FAULT))
    assert now.reason == rig.server.get("api/job")["error"]


async def test_disconnected_is_not_ready_and_recover_connects(rig: OctoPrintRig) -> None:
    rig.server.post("api/connection", command="disconnect")
    await reach(rig.driver, status(PrinterStatus.DISCONNECTED))
    assert rig.server.request("GET", "api/printer").status_code == 409
    with rig.short_print.open("rb") as file:
        reply = rig.server.request("POST", "api/files/local", files={"file": file}, data={"print": "true"})
    assert (reply.status_code, reply.json()["effectivePrint"]) == (201, False)
    await rig.driver.upload(rig.short_print, "a.gcode")
    assert isinstance(await rig.driver.start("a.gcode", "a-1"), Refused)
    assert isinstance(await rig.driver.recover(), Accepted)
    await reach(rig.driver, status(PrinterStatus.READY))
    assert (await rig.driver.reconcile("a-1")).fate is AttemptFate.NOT_STARTED


async def test_a_silent_printer_stays_printing_and_only_the_watchdog_knows(rig: OctoPrintRig) -> None:
    await printing(rig)
    rig.server.send("!!DEBUG:go_awol")
    await reach(rig.driver, quiet(50))
    assert (await rig.driver.snapshot()).status is PrinterStatus.PRINTING
    rig.server.kill()


async def test_pausing_twice_does_not_resume(rig: OctoPrintRig) -> None:
    await printing(rig)
    assert isinstance(await rig.driver.pause(), Accepted)
    await reach(rig.driver, status(PrinterStatus.PAUSED))
    assert isinstance(await rig.driver.pause(), Accepted)
    assert (await rig.driver.snapshot()).status is PrinterStatus.PAUSED


async def test_a_pause_by_the_printer_itself_is_seen(rig: OctoPrintRig) -> None:
    await printing(rig)
    rig.server.send("!!DEBUG:action_pause")
    await reach(rig.driver, status(PrinterStatus.PAUSED))


async def test_a_printer_that_disconnects_itself_has_failed_the_attempt(rig: OctoPrintRig) -> None:
    await printing(rig)
    rig.server.send("!!DEBUG:action_disconnect")
    await reach(rig.driver, status(PrinterStatus.DISCONNECTED, PrinterStatus.FAULT))
    assert (await settled(rig.driver)).fate is AttemptFate.FAILED


async def test_a_file_that_somebody_chose_by_hand_keeps_the_printer_from_us(rig: OctoPrintRig) -> None:
    await rig.driver.upload(rig.short_print, "a.gcode")
    rig.server.post("api/files/local/a.gcode", command="select")
    assert (await rig.driver.snapshot()).status is PrinterStatus.FINISHED_UNCLEARED
    assert isinstance(await rig.driver.start("a.gcode", "a-1"), Refused)
    assert isinstance(await rig.driver.clear(), Accepted)
    assert isinstance(await rig.driver.start("a.gcode", "a-1"), Started)


async def test_progress_of_a_failed_print_is_a_fraction_on_error_and_a_percent_on_cancel(
    rig: OctoPrintRig,
) -> None:
    """Told in pushed messages, which this driver therefore does not read: it takes /api/job's alone."""
    async with pushed(rig.server) as messages:
        await printing(rig, "a-1")
        await progressed(rig.driver)
        await rig.driver.cancel()
        cancelled = await failure(messages)
        await reach(rig.driver, status(PrinterStatus.FINISHED_UNCLEARED))
        await rig.driver.clear()
        await printing(rig, "b-1")
        await progressed(rig.driver)
        await rig.break_printer()
        broken = await failure(messages)
    assert cancelled["reason"] == "cancelled"
    assert cancelled["progress"] >= 1
    assert broken["reason"] == "error"
    assert 0 < broken["progress"] < 1


async def progressed(driver: Driver) -> None:
    """Until more than one and less than a hundred percent are through."""
    now = await reach(driver, lambda now: (now.progress or 0) > 0.015)
    assert now.progress is not None
    assert now.progress < 0.5


@asynccontextmanager
async def pushed(server: OctoPrint) -> AsyncIterator[ClientWebSocketResponse]:
    login = server.post("api/login", passive=True).json()
    async with (
        ClientSession() as session,
        session.ws_connect(f"{server.url}/sockjs/websocket") as line,
    ):
        await line.send_str(json.dumps({"auth": f"{login['name']}:{login['session']}"}))
        yield line


async def failure(messages: ClientWebSocketResponse) -> dict:
    while True:
        event = (await messages.receive_json(timeout=60)).get("event", {})
        if event.get("type") == "PrintFailed":
            return event["payload"]
