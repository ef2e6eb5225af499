"""What is known of these printers from those who speak to them, and would fool a driver that believes what it is
told."""

from __future__ import annotations

import asyncio
import ssl
import time

import pytest

from protocol.statuses import PrinterStatus
from provider_agent.drivers import common
from provider_agent.drivers.bambu import line
from provider_agent.drivers.bambu.answers import UNSEEN
from provider_agent.drivers.bambu.tls import fingerprint
from provider_agent.drivers.base import Accepted, AttemptFate, Refused, Started, Unknown
from provider_agent.drivers.errors import PrinterForbids, PrinterUnreachable, UploadDamaged
from tests.provider_agent.drivers.bambu.conftest import BambuRig
from tests.provider_agent.drivers.bambu.printer import CANCELLED
from tests.provider_agent.drivers.bambu.server import CODE
from tests.provider_agent.drivers.contract import printing, reach, status
from tests.provider_agent.drivers.rigs import IMPATIENT_S

pytestmark = pytest.mark.printers


async def test_another_certificate_is_refused_before_the_access_code_is_said(rig: BambuRig) -> None:
    heard: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read())
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0, ssl=tls(rig))
    async with (
        server,
        rig.another(
            url=f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}", certificate="00" * 32
        ) as driver,
    ):
        now = await driver.snapshot()
        assert now.status is PrinterStatus.UNKNOWN
        assert rig.server.certificate in (now.reason or "")
        assert isinstance(await driver.start("a.gcode", "a-1"), Refused)
    assert CODE.encode() not in b"".join(heard)


async def test_without_a_pinned_certificate_the_one_shown_is_told_and_nothing_is_said(rig: BambuRig) -> None:
    async with rig.another(certificate=None) as driver:
        with pytest.raises(PrinterForbids, match=f'certificate = "{rig.server.certificate}"'):
            await driver.identify()


async def test_pairing_reads_the_certificate_and_capitals_with_colons_do_as_well(rig: BambuRig) -> None:
    shown = await asyncio.to_thread(fingerprint, "127.0.0.1", rig.server.port, 5.0)
    assert shown == rig.server.certificate
    colons = ":".join(shown[at : at + 2] for at in range(0, 64, 2)).upper()
    async with rig.another(certificate=colons) as driver:
        assert (await driver.snapshot()).status is PrinterStatus.READY


async def test_a_wrong_access_code_opens_no_files_either(rig: BambuRig) -> None:
    async with rig.another(secret="wrong") as driver:
        with pytest.raises(PrinterForbids):
            await driver._files.names()


async def test_another_printers_number_is_never_answered(rig: BambuRig) -> None:
    async with rig.another(device="01S00OTHER", timeout_s=IMPATIENT_S) as driver:
        assert (await driver.snapshot()).status is PrinterStatus.UNREACHABLE


async def test_reports_tell_only_what_has_changed_and_are_merged(rig: BambuRig) -> None:
    await rig.driver.snapshot()
    rig.printer.change(bed_temper=61.5)
    now = await reach(rig.driver, lambda now: now.bed_c == 61.5)
    assert (now.status, now.nozzle_c) == (PrinterStatus.READY, 24.0)


async def test_the_whole_report_is_asked_for_once_a_connection(rig: BambuRig) -> None:
    await printing(rig)
    await reach(rig.driver, lambda now: (now.nozzle_c or 0) > 200)
    assert len(rig.printer.asked("pushall")) == 1
    await rig.server_down()
    assert (await rig.driver.snapshot()).status is PrinterStatus.UNREACHABLE
    rig.server.up()
    assert (await rig.driver.snapshot()).status is PrinterStatus.READY
    assert len(rig.printer.asked("pushall")) == 1


async def test_requests_carry_numbers_that_are_not_used_again(rig: BambuRig) -> None:
    await printing(rig)
    await rig.driver.pause()
    await reach(rig.driver, status(PrinterStatus.PAUSED))
    await rig.driver.resume()
    numbers = [body["sequence_id"] for body in rig.printer.asked("pause") + rig.printer.asked("resume")]
    assert len(set(numbers)) == 2


async def test_success_is_not_a_start(rig: BambuRig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some answer success and print nothing."""
    monkeypatch.setattr(common, "START_SECONDS", 0.5)
    rig.printer.habits.add("forgets")
    await rig.driver.upload(rig.short_print, "a.gcode")
    assert isinstance(await rig.driver.start("a.gcode", "a-1"), Unknown)
    assert isinstance(await rig.driver.start("a.gcode", "a-1"), Unknown)
    assert (await rig.driver.reconcile("a-1")).reason == UNSEEN
    assert len(rig.printer.asked("project_file")) == 1


async def test_a_start_that_the_printer_refuses_leaves_no_attempt(rig: BambuRig) -> None:
    rig.printer.habits.add("refuses")
    await rig.driver.upload(rig.short_print, "a.gcode")
    reply = await rig.driver.start("a.gcode", "a-1")
    assert isinstance(reply, Refused)
    assert reply.retryable
    assert (await rig.driver.reconcile("a-1")).fate is AttemptFate.NOT_STARTED
    rig.printer.habits.clear()
    assert await rig.driver.start("a.gcode", "a-1") == Started("a-1")


async def test_what_is_printed_is_a_package_with_the_gcode_as_its_plate(rig: BambuRig) -> None:
    await printing(rig)
    (asked,) = rig.printer.asked("project_file")
    assert (asked["url"], asked["param"]) == ("ftp:///a-1.gcode.3mf", "Metadata/plate_1.gcode")
    assert asked["use_ams"] is False


async def test_what_arrived_otherwise_than_sent_is_taken_away_again(
    rig: BambuRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = rig.driver._files.send

    async def cut(path, name):
        path.write_bytes(path.read_bytes()[:-9])
        await whole(path, name)

    monkeypatch.setattr(rig.driver._files, "send", cut)
    with pytest.raises(UploadDamaged):
        await rig.driver.upload(rig.short_print, "a.gcode")
    assert list(rig.server.card.iterdir()) == []


async def test_failed_is_a_cancelling_by_its_error_and_still_when_that_is_gone(rig: BambuRig) -> None:
    await printing(rig)
    rig.printer.change(gcode_state="FAILED", print_error=CANCELLED)
    now = await reach(rig.driver, status(PrinterStatus.FINISHED_UNCLEARED))
    assert now.reason == "error 0300-400C"
    assert (await rig.driver.reconcile("a-1")).fate is AttemptFate.CANCELLED
    rig.printer.change(print_error=0)
    await reach(rig.driver, lambda now: now.reason == "the printer says FAILED")
    assert (await rig.driver.reconcile("a-1")).fate is AttemptFate.CANCELLED


async def test_a_fault_that_a_person_confirmed_stays_a_failed_attempt(rig: BambuRig) -> None:
    await printing(rig)
    await rig.break_printer()
    await reach(rig.driver, status(PrinterStatus.FAULT))
    assert (await rig.driver.reconcile("a-1")).fate is AttemptFate.FAILED
    assert isinstance(await rig.driver.recover(), Refused)
    rig.printer.change(print_error=0)
    await reach(rig.driver, status(PrinterStatus.FINISHED_UNCLEARED))
    assert (await rig.driver.reconcile("a-1")).fate is AttemptFate.FAILED
    assert isinstance(await rig.driver.clear(), Accepted)


async def test_finish_is_told_until_the_next_print_and_a_cleared_plate_outlives_the_connection(
    rig: BambuRig,
) -> None:
    await rig.driver.upload(rig.short_print, "a.gcode")
    await rig.driver.start("a.gcode", "a-1")
    await reach(rig.driver, status(PrinterStatus.FINISHED_UNCLEARED))
    assert isinstance(await rig.driver.clear(), Accepted)
    async with rig.another() as later:
        assert (await later.snapshot()).status is PrinterStatus.READY
        assert (await later.reconcile("a-1")).fate is AttemptFate.FINISHED
        await later.upload(rig.long_print, "b.gcode")
        assert await later.start("b.gcode", "b-1") == Started("b-1")


async def test_the_end_of_somebody_elses_print_is_cleared_for_this_connection_only(rig: BambuRig) -> None:
    rig.printer.change(gcode_state="FINISH", subtask_name="vase")
    await reach(rig.driver, status(PrinterStatus.FINISHED_UNCLEARED))
    assert isinstance(await rig.driver.clear(), Accepted)
    now = await rig.driver.snapshot()
    assert (now.status, now.attempt, now.job) == (PrinterStatus.READY, None, "vase")
    rig.printer.change(gcode_state="RUNNING", subtask_name="vase")
    await reach(rig.driver, status(PrinterStatus.PRINTING))
    rig.printer.change(gcode_state="FINISH")
    await reach(rig.driver, status(PrinterStatus.FINISHED_UNCLEARED))
    async with rig.another() as later:
        assert (await later.snapshot()).status is PrinterStatus.FINISHED_UNCLEARED


async def test_a_printer_that_says_nothing_is_asked_anew_and_then_unreachable(
    rig: BambuRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rig.another(timeout_s=5.0) as driver:
        assert (await driver.snapshot()).status is PrinterStatus.READY
        rig.printer.habits.add("mute")
        assert (await driver.snapshot()).status is PrinterStatus.READY
        monkeypatch.setattr(line, "STALE_S", 0.0)
        assert (await driver.snapshot()).status is PrinterStatus.UNREACHABLE


async def test_a_clock_that_was_ahead_for_a_moment_keeps_no_dead_line(
    rig: BambuRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    true, ahead = time.time, 400 * 86_400
    async with rig.another(timeout_s=5.0) as driver:
        with monkeypatch.context() as patch:
            patch.setattr(time, "time", lambda: true() + ahead)
            await reach(driver, lambda now: now.observed_at > true() + ahead / 2)
        rig.printer.habits.add("mute")
        monkeypatch.setattr(line, "STALE_S", 0.0)
        assert (await driver.snapshot()).status is PrinterStatus.UNREACHABLE


async def test_a_command_that_is_not_answered_is_unknown(rig: BambuRig) -> None:
    async with rig.another(timeout_s=5.0) as driver:
        await driver.upload(rig.long_print, "a.gcode")
        await driver.start("a.gcode", "a-1")
        await reach(driver, status(PrinterStatus.PRINTING))
        rig.printer.habits.add("mute")
        assert isinstance(await driver.pause(), Unknown)


async def test_an_end_while_nobody_was_connected_is_found_again(rig: BambuRig) -> None:
    async with rig.another() as first:
        await first.upload(rig.short_print, "a.gcode")
        await first.start("a.gcode", "a-1")
    await reach(rig.driver, status(PrinterStatus.FINISHED_UNCLEARED))
    assert (await rig.driver.reconcile("a-1")).fate is AttemptFate.FINISHED


async def test_storage_that_is_away_takes_no_upload_and_starts_nothing(rig: BambuRig) -> None:
    async with rig.another() as driver:
        driver._files._peer = type(driver._files._peer)("127.0.0.1", 1, CODE, rig.server.certificate, 1.0)
        with pytest.raises(PrinterUnreachable):
            await driver.upload(rig.short_print, "a.gcode")
        assert isinstance(await driver.start("a.gcode", "a-1"), Refused)
    assert rig.printer.asked("project_file") == []


async def test_observed_at_is_when_the_printer_spoke(rig: BambuRig) -> None:
    await rig.driver.snapshot()
    rig.printer.say_last(bed_temper=61.5)
    first = (await reach(rig.driver, lambda now: now.bed_c == 61.5)).observed_at
    assert first <= time.time()
    assert (await rig.driver.snapshot()).observed_at == first


def tls(rig: BambuRig) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(rig.server.home / "certificate.pem", rig.server.home / "key.pem")
    return context
