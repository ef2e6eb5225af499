"""Samples under Merkle roots, stills of a camera, and pauses: what a print leaves as evidence while it runs."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from marketplace.evidence.rules import RECORDS_LIMIT
from protocol.canonical import json_digest, keccak
from protocol.errors import ProofInvalid
from protocol.evidence import Kind
from protocol.merkle import MerkleTree, SampleLeaf, proof_check
from protocol.statuses import PrinterStatus
from protocol.units import digest_of, hex_of
from provider_agent.camera import MOST_BYTES, still_take
from provider_agent.drivers.base import AttemptFate, Reconciled, Snapshot, StartReply
from provider_agent.errors import CameraFailed
from provider_agent.fleet import SAMPLE_SECONDS, sample_of
from provider_agent.journal.attempts import attempt_intend, sample_add, samples_of
from provider_agent.journal.records import record_count, record_find
from provider_agent.making.forgetting import making_forget
from provider_agent.making.printing import produce
from provider_agent.making.stills import STILL_SECONDS, Stills
from provider_agent.making.telemetry import SEGMENT_SAMPLES, Samples, segments_close
from tests.processes import free_port
from tests.provider_agent.desk import ScriptedPrinter, making

JPEG = b"\xff\xd8\xff\xe0" + bytes(range(200)) * 3


@contextmanager
def camera(status: int = 200, body: bytes = JPEG) -> Iterator[str]:
    """The address of a camera that always gives this."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with serving(Answer) as url:
        yield url


@contextmanager
def serving(answer: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), answer)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/still"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (200, b"", "neither a JPEG"),
        (200, b"<html>", "neither a JPEG"),
        (404, JPEG, "answered 404"),
        (200, JPEG + bytes(MOST_BYTES), "more than"),
    ],
)
async def test_what_is_no_still_is_refused(status: int, body: bytes, why: str) -> None:
    with camera(status, body) as url, pytest.raises(CameraFailed, match=why):
        await still_take(url)


@contextmanager
def leading(to: str) -> Iterator[str]:
    """The address of a camera that sends on."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302)
            self.send_header("Location", to)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with serving(Answer) as url:
        yield url


@pytest.mark.parametrize(
    ("to", "why"),
    [
        ("http://localhost:1/secret", "leads elsewhere"),
        ("ftp://127.0.0.1/still", "leads elsewhere"),
        ("file:///etc/passwd", "leads elsewhere"),
        ("/still", "round and round"),
    ],
)
async def test_a_camera_leads_nobody_elsewhere(to: str, why: str) -> None:
    with leading(to) as url, pytest.raises(CameraFailed, match=why):
        await still_take(url)


async def test_a_camera_may_send_on_within_its_own_host() -> None:
    with camera() as there, leading(there) as url:
        assert await still_take(url) == (JPEG, ".jpg")


async def test_a_camera_that_is_off_is_an_error_of_ours() -> None:
    with pytest.raises(CameraFailed, match="no still"):
        await still_take(f"http://127.0.0.1:{free_port()}/still")


async def test_a_still_comes_as_the_camera_gives_it() -> None:
    with camera() as url:
        assert await still_take(url) == (JPEG, ".jpg")


def stills(context, attempt, url: str | None) -> Stills:
    folder = context.folder(attempt.agreement)
    return Stills(context.journal, context.log_of(attempt.agreement), attempt, camera=url, folder=folder)


async def test_a_print_has_a_still_at_its_start_and_at_its_end(context, queued) -> None:
    attempt = attempt_intend(context.journal, queued, 0, "p1", ".gcode")
    with camera() as url:
        async with stills(context, attempt, url):
            while not record_count(context.journal, queued, "photo:"):
                await asyncio.sleep(0.01)
    assert record_count(context.journal, queued, "photo:") == 2
    record = record_find(context.journal, queued, f"photo:{attempt.id}:1")
    (name,) = context.folder(queued).glob(f"still-{attempt.id}-1.jpg")
    assert name.read_bytes() == JPEG
    assert record.record.kind == Kind.PHOTO
    told = {key: value for key, value in record.payload.items() if key != "salt"}
    assert told == {
        "attempt": attempt.id,
        "number": 1,
        "photo": hex_of(keccak(JPEG)),
        "sha256": hashlib.sha256(JPEG).hexdigest(),
        "bytes": len(JPEG),
    }


async def test_after_a_kill_between_picture_and_record_the_next_picture_takes_its_place(
    context, queued, monkeypatch
) -> None:
    attempt = attempt_intend(context.journal, queued, 0, "p1", ".gcode")
    (context.folder(queued) / f"still-{attempt.id}-0.jpg").write_bytes(b"of before")
    with camera() as url:
        async with stills(context, attempt, url):
            pass
    record = record_find(context.journal, queued, f"photo:{attempt.id}:0")
    kept = (context.folder(queued) / f"still-{attempt.id}-0.jpg").read_bytes()
    assert record.payload["photo"] == hex_of(keccak(kept))


async def test_a_watch_that_breaks_off_again_and_again_takes_no_still_each_time(context, queued) -> None:
    attempt = attempt_intend(context.journal, queued, 0, "p1", ".gcode")
    with camera() as url:
        for _ in range(5):
            with pytest.raises(ConnectionError):  # noqa: PT012 - the watch is what breaks off
                async with stills(context, attempt, url):
                    while not record_count(context.journal, queued, "photo:"):
                        await asyncio.sleep(0.01)
                    await asyncio.sleep(0.05)
                    raise ConnectionError
    assert record_count(context.journal, queued, "photo:") == 1


@pytest.mark.parametrize("url", [None, "http://127.0.0.1:1/still"])
async def test_without_a_picture_the_print_goes_on_and_nothing_is_recorded(
    context, queued, url, monkeypatch
) -> None:
    (own,) = context.fleet.all()
    monkeypatch.setattr(own, "config", own.config.__class__(**{**vars(own.config), "camera": url}))
    await produce(context, making(context, queued))
    assert making(context, queued).status == "CLEARED"
    assert record_count(context.journal, queued, "photo:") == 0


async def test_a_print_on_a_printer_with_a_camera_has_stills_that_go_with_the_design(
    context, queued, monkeypatch
) -> None:
    (own,) = context.fleet.all()
    with camera() as url:
        monkeypatch.setattr(own, "config", own.config.__class__(**{**vars(own.config), "camera": url}))
        await produce(context, making(context, queued))
    assert record_count(context.journal, queued, "photo:") >= 1
    assert list(context.folder(queued).glob("still-*.jpg"))
    await making_forget(context, making(context, queued))
    assert not list(context.folder(queued).glob("still-*"))


def test_a_week_of_stills_and_telemetry_fits_the_log_a_marketplace_takes() -> None:
    week = 7 * 86400
    records = week / SAMPLE_SECONDS / SEGMENT_SAMPLES + week / STILL_SECONDS
    assert records < RECORDS_LIMIT * 0.75


def sample(**shown) -> dict[str, object]:
    return sample_of(Snapshot(PrinterStatus.PRINTING, 1.0, nozzle_c=210.5, flow=0.95, **shown))


async def test_each_sample_is_proved_under_the_root_of_its_segment(context, queued) -> None:
    """Also where two of them say the same."""
    attempt = attempt_intend(context.journal, queued, 0, "p1", ".gcode")
    log = context.log_of(queued)
    samples = Samples(context.journal, log, attempt)
    for _ in range(SEGMENT_SAMPLES + 5):
        samples.keep(sample(position_um=(1, 2, 3), nozzle_target_c=210.0))
    segments_close(context.journal, log, attempt)
    kept = samples_of(context.journal, attempt.id)
    assert {key for key, value in kept[0].items() if value is not None} >= {"nozzle_c", "position_um", "flow"}
    for segment, count in ((0, SEGMENT_SAMPLES), (1, 5)):
        payload = record_find(context.journal, queued, f"telemetry:{attempt.id}:{segment}").payload
        first = payload["first"]
        assert (first, payload["samples"]) == (segment * SEGMENT_SAMPLES, count)
        leaves = [
            SampleLeaf(attempt.id, number, json_digest(kept[number]))
            for number in range(first, first + count)
        ]
        tree = MerkleTree([leaf.digest() for leaf in leaves])
        root = digest_of(payload["merkle_root"])
        for place in (0, count - 1):
            proof_check(leaves[place], tree.proof(place), root)
        forged = SampleLeaf(attempt.id, first, json_digest(sample(bed_c=60.0)))
        with pytest.raises(ProofInvalid):
            proof_check(forged, tree.proof(0), root)


async def test_a_segment_that_a_kill_left_unrecorded_is_recorded_with_the_next_sample(
    context, queued
) -> None:
    attempt = attempt_intend(context.journal, queued, 0, "p1", ".gcode")
    log = context.log_of(queued)
    for _ in range(SEGMENT_SAMPLES):
        sample_add(context.journal, attempt.id, 1, sample())
    samples = Samples(context.journal, log, attempt)
    assert record_count(context.journal, queued, "telemetry:") == 0
    for _ in range(SEGMENT_SAMPLES):
        samples.keep(sample())
    assert record_count(context.journal, queued, "telemetry:") == 2


async def test_keeping_a_sample_reads_none_of_those_kept_before(context, queued) -> None:
    attempt = attempt_intend(context.journal, queued, 0, "p1", ".gcode")
    samples = Samples(context.journal, context.log_of(queued), attempt)
    asked: list[str] = []
    context.journal._connection.set_trace_callback(asked.append)
    samples.keep(sample())
    assert not [statement for statement in asked if statement.startswith("SELECT")]


@dataclass
class Pausing(ScriptedPrinter):
    """Pauses for want of filament once it has started, until somebody lets it go on."""

    resumed: bool = False
    looks: int = 0
    seen: list[str] = field(default_factory=list)

    async def start(self, remote_name: str, attempt: str) -> StartReply:
        reply = await super().start(remote_name, attempt)
        self.fates[attempt] = Reconciled(attempt, AttemptFate.RUNNING)
        self.status = PrinterStatus.PAUSED
        return reply

    async def snapshot(self) -> Snapshot:
        self.looks += 1
        if self.resumed and self.status is PrinterStatus.PAUSED:
            self.status = PrinterStatus.FINISHED_UNCLEARED
            self.fates[self.started[-1]] = Reconciled(self.started[-1], AttemptFate.FINISHED)
        paused = self.status is PrinterStatus.PAUSED
        return Snapshot(self.status, 0.0, reason="filament runout" if paused else None, progress=0.5)


@pytest.fixture
def driver(request) -> Pausing:
    """Tests of stills and samples print without a pause."""
    return Pausing(resumed="pause" not in request.node.name)


async def looked_again(driver: Pausing, context, agreement) -> None:
    """A few samples later."""
    while not record_count(context.journal, agreement, "paused:"):
        await asyncio.sleep(0.01)
    before = driver.looks
    while driver.looks < before + 5:
        await asyncio.sleep(0.01)


async def test_a_pause_is_recorded_once_with_its_cause_also_over_a_restart(context, queued, driver) -> None:
    for _ in range(2):
        work = asyncio.create_task(produce(context, making(context, queued)))
        await looked_again(driver, context, queued)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
    assert record_count(context.journal, queued, "paused:") == 1
    driver.resumed = True
    await produce(context, making(context, queued))
    (attempt,) = driver.started
    assert record_find(context.journal, queued, f"paused:{attempt}:0").payload["reason"] == "filament runout"
    assert record_find(context.journal, queued, f"finished:{attempt}") is not None
    assert len(driver.started) == 1
