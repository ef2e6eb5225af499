"""What was measured at the real Moonraker and Klipper host and would fool a driver that believes what it is
told."""

from __future__ import annotations

import hashlib

import pytest

from protocol.statuses import PrinterStatus
from provider_agent.drivers.base import Accepted, AttemptFate, Definition, Refused, Started, Unknown
from provider_agent.drivers.moonraker.answers import LOST
from provider_agent.drivers.moonraker.driver import HOST_AWAY
from tests.processes import eventually
from tests.provider_agent.drivers.contract import printing, reach, settled, status
from tests.provider_agent.drivers.moonraker.conftest import MoonrakerRig

pytestmark = pytest.mark.printers


async def test_a_2xx_for_a_print_starts_nothing_while_busy(rig: MoonrakerRig) -> None:
    await printing(rig)
    with rig.short_print.open("rb") as file:
        reply = rig.server.request(
            "POST", "server/files/upload", files={"file": file}, data={"print": "true"}
        )
    assert (reply.status_code, reply.json()["print_started"]) == (201, False)
    assert (await rig.driver.snapshot()).job == "a-1.gcode"


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ("http://192.0.2.7/still", None),
        ("/webcam/?action=snapshot", "http://127.0.0.1/webcam/?action=snapshot"),
        ("http://localhost:8080/still", "http://127.0.0.1:8080/still"),
    ],
)
async def test_a_camera_is_believed_on_its_own_host_alone(
    rig: MoonrakerRig, told: str, found: str | None
) -> None:
    camera = {"name": "bed", "snapshot_url": told, "stream_url": "/webcam/?action=stream"}
    rig.server.request("POST", "server/webcams/item", json=camera).raise_for_status()
    try:
        assert await rig.driver.camera() == found
    finally:
        rig.server.request("DELETE", "server/webcams/item?name=bed").raise_for_status()
    assert await rig.driver.camera() is None


@pytest.mark.parametrize("command", ["pause", "resume", "cancel"])
async def test_an_idle_printer_says_ok_to_everything(rig: MoonrakerRig, command: str) -> None:
    assert rig.server.post(f"printer/print/{command}").status_code == 200
    assert isinstance(await getattr(rig.driver, command)(), Refused)


async def test_a_wrong_checksum_is_refused_and_leaves_nothing(rig: MoonrakerRig) -> None:
    sent = {
        "files": {"file": ("a.gcode", "G28\n")},
        "data": {"checksum": hashlib.sha256(b"G29\n").hexdigest()},
    }
    assert rig.server.request("POST", "server/files/upload", **sent).status_code == 422
    assert rig.server.get("server/files/list") == []


async def test_an_upload_that_was_cut_off_leaves_nothing_and_can_be_sent_again(rig: MoonrakerRig) -> None:
    rig.server.cut_off(
        "POST /server/files/upload HTTP/1.1\r\nContent-Length: 100000\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
        '--b\r\nContent-Disposition: form-data; name="file"; filename="a.gcode"\r\n\r\nG28\n'
    )
    assert rig.server.request("HEAD", "server/files/gcodes/a.gcode").status_code == 404
    assert (await rig.driver.upload(rig.short_print, "a.gcode")).verified


async def test_after_a_controller_fault_the_print_says_paused_and_the_driver_fault(rig: MoonrakerRig) -> None:
    await printing(rig)
    rig.server.weather("hot")
    now = await reach(rig.driver, status(PrinterStatus.FAULT))
    assert rig.server.print_state() in ("paused", "printing")
    assert "ADC out of range" in (now.reason or "")
    assert isinstance(await rig.driver.resume(), Refused)


async def test_a_controller_that_falls_silent_shuts_the_host_down(rig: MoonrakerRig) -> None:
    await printing(rig)
    rig.server.weather("hang")
    now = await reach(rig.driver, status(PrinterStatus.FAULT))
    assert "Lost communication" in (now.reason or "")
    assert (await settled(rig.driver)).fate is AttemptFate.FAILED
    rig.server.kill()


async def test_complete_stays_until_cleared_and_belongs_to_the_attempt_that_it_was(rig: MoonrakerRig) -> None:
    await rig.driver.upload(rig.short_print, "a.gcode")
    await rig.driver.start("a.gcode", "a-1")
    await reach(rig.driver, status(PrinterStatus.FINISHED_UNCLEARED))
    assert rig.server.print_state() == "complete"
    assert (await settled(rig.driver)).fate is AttemptFate.FINISHED
    await rig.driver.upload(rig.long_print, "b.gcode")
    assert isinstance(await rig.driver.start("b.gcode", "b-1"), Refused)
    assert (await rig.driver.reconcile("b-1")).fate is AttemptFate.NOT_STARTED
    await rig.driver.clear()
    assert isinstance(await rig.driver.start("b.gcode", "b-1"), Started)
    assert (await rig.driver.reconcile("b-1")).fate is AttemptFate.RUNNING


async def test_the_host_killed_in_a_print_is_not_ready_and_the_history_says_how_it_ended(
    rig: MoonrakerRig,
) -> None:
    await printing(rig)
    rig.server.kill("kalico")
    await reach(rig.driver, status(PrinterStatus.DISCONNECTED))
    found = await settled(rig.driver)
    assert (found.fate, found.reason) == (AttemptFate.FAILED, "klippy_disconnect")
    assert isinstance(await rig.driver.start("a-1.gcode", "b-1"), Refused)
    rig.server.up()
    assert await rig.driver.start("a-1.gcode", "a-1") == Started("a-1", repeated=True)
    assert (await rig.driver.snapshot()).job is None


async def test_only_moonraker_killed_in_a_print_finds_the_print_going_on(rig: MoonrakerRig) -> None:
    """Its history calls the job interrupted, or has lost it."""
    await printing(rig)
    rig.server.kill("moonraker")
    assert (await rig.driver.snapshot()).status is PrinterStatus.UNREACHABLE
    rig.server.up()
    await reach(rig.driver, status(PrinterStatus.PRINTING))
    jobs = rig.server.get("server/history/list")["jobs"]
    assert "in_progress" not in [job["status"] for job in jobs]
    assert (await rig.driver.reconcile("a-1")).fate is AttemptFate.RUNNING
    assert await rig.driver.start("a-1.gcode", "a-1") == Started("a-1", repeated=True)
    await rig.driver.cancel()
    await reach(rig.driver, status(PrinterStatus.FINISHED_UNCLEARED))
    assert (await settled(rig.driver)).fate is AttemptFate.CANCELLED


async def test_a_moonraker_that_has_not_found_its_host_again_gives_no_print_up(rig: MoonrakerRig) -> None:
    """Its history calls the job interrupted, and the host goes on with it."""
    await printing(rig)
    rig.server.kill("moonraker")
    with rig.server.host_hidden():
        rig.server.serve()
        assert (await rig.driver.snapshot()).status is PrinterStatus.DISCONNECTED
        found = await rig.driver.reconcile("a-1")
        assert (found.fate, found.reason) == (AttemptFate.UNKNOWN, HOST_AWAY)
        assert isinstance(await rig.driver.start("a-1.gcode", "a-1"), Unknown)
    rig.server.up()
    assert (await settled(rig.driver)).fate is AttemptFate.RUNNING


async def test_a_print_begun_just_after_a_restart_is_found_though_the_history_may_lack_it(
    rig: MoonrakerRig,
) -> None:
    await rig.driver.upload(rig.long_print, "a.gcode")
    rig.server.post("printer/firmware_restart")
    await reach(rig.driver, status(PrinterStatus.DISCONNECTED, PrinterStatus.READY))
    await reach(rig.driver, status(PrinterStatus.READY))
    assert isinstance(await rig.driver.start("a.gcode", "a-1"), Started)
    assert (await rig.driver.reconcile("a-1")).fate is AttemptFate.RUNNING
    await rig.driver.cancel()
    await reach(rig.driver, status(PrinterStatus.FINISHED_UNCLEARED))
    eventually(lambda: rig.server.print_state() == "cancelled")
    assert (await settled(rig.driver)).fate is AttemptFate.CANCELLED


async def test_a_print_waits_until_moonraker_misses_nothing_of_its_host(
    rig: MoonrakerRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    await rig.driver.upload(rig.short_print, "a.gcode")
    rig.server.kill("moonraker")
    rig.server.up()
    assert await rig.driver.start("a.gcode", "a-1") == Started("a-1")
    listed = rig.server.get("server/history/list?limit=1")["jobs"]
    assert [(job["filename"], job["status"]) for job in listed] == [("a.gcode", "in_progress")]


async def test_a_start_that_left_nothing_behind_is_lost_and_never_repeated(rig: MoonrakerRig) -> None:
    """The note is written, and the power goes before the print begins."""
    await rig.driver.upload(rig.short_print, "a.gcode")
    newest = rig.server.get("server/history/list?limit=1")["jobs"]
    before = newest[0]["job_id"] if newest else None
    note = {"namespace": "infill", "key": "a-1", "value": {"file": "a.gcode", "before": before}}
    rig.server.request("POST", "server/database/item", json=note).raise_for_status()
    found = await settled(rig.driver)
    assert (found.fate, found.reason) == (AttemptFate.FAILED, LOST)
    assert isinstance(await rig.driver.start("a.gcode", "a-1"), Unknown)
    assert (await rig.driver.snapshot()).status is PrinterStatus.READY


async def test_an_emergency_stop_needs_the_firmware_restarted(rig: MoonrakerRig) -> None:
    await printing(rig)
    await rig.driver.emergency_stop()
    await reach(rig.driver, status(PrinterStatus.FAULT))
    assert isinstance(await rig.driver.recover(), Accepted)
    await reach(rig.driver, status(PrinterStatus.READY))
    assert (await settled(rig.driver)).reason == "klippy_shutdown"


async def test_a_host_that_is_starting_is_not_started_again(rig: MoonrakerRig) -> None:
    """Told to recover every second or two, it would never be ready."""
    rig.server.weather("hang")
    await reach(rig.driver, status(PrinterStatus.FAULT))
    assert isinstance(await rig.driver.recover(), Accepted)
    eventually(lambda: rig.server.state() == "startup")
    reply = await rig.driver.recover()
    assert isinstance(reply, Refused)
    assert (reply.reason, reply.retryable) == ("the Klipper host is startup", True)
    rig.server.kill()


async def test_klippers_settings_tell_the_nozzle_and_no_kinematics_no_bed(rig: MoonrakerRig) -> None:
    assert await rig.driver.definition() == Definition(None, 400)
