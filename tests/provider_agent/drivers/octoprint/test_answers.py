"""Reading OctoPrint's answers, those too that are hard to provoke."""

from __future__ import annotations

from typing import Any

import pytest

from protocol.statuses import PrinterStatus
from provider_agent.drivers.base import AttemptFate, Definition, Refused
from provider_agent.drivers.errors import PrinterMisspoke
from provider_agent.drivers.octoprint.answers import (
    LOST,
    UNSAID,
    Job,
    attempt_of,
    camera_of,
    definition_of,
    job_of,
    reconciled_of,
    snapshot_of,
)
from provider_agent.drivers.octoprint.driver import OctoPrintDriver

OURS = "attempt-a-1/a.gcode"


def job(state: str = "Operational", path: str | None = OURS, completion: float | None = None) -> Any:
    file = {"path": path, "name": path and path.rpartition("/")[2]}
    return job_of({"state": state, "job": {"file": file}, "progress": {"completion": completion}})


def ended(**last: Any) -> list[dict[str, Any]]:
    return [{"path": OURS, "prints": {"last": {"date": 1000.0, "success": True, "printTime": 60} | last}}]


def test_settings_without_a_webcam_are_none() -> None:
    with pytest.raises(PrinterMisspoke):
        camera_of({}, "http://octopi.local")


@pytest.mark.parametrize(
    ("webcam", "found"),
    [
        ({}, None),
        ({"snapshotUrl": None, "webcams": None}, None),
        ({"snapshotUrl": 7, "webcams": 7}, None),
        ({"snapshotUrl": "http://127.0.0.1:8080/?action=snapshot", "webcamEnabled": False}, None),
        ({"snapshotUrl": "http://127.0.0.1:8080/?action=snapshot"}, "http://octopi.local:8080/?action=snapshot"),
        (
            {
                "snapshotUrl": "http://127.0.0.1/first",
                "snapshotWebcam": "second",
                "webcams": [
                    {"name": "first", "compat": {"snapshot": "http://127.0.0.1/first"}},
                    {"name": "second", "compat": {"snapshot": "http://octopi.local/second"}},
                ],
            },
            "http://octopi.local/second",
        ),
        ({"snapshotUrl": "http://127.0.0.1/a", "snapshotWebcam": "x", "webcams": [{"name": "x"}]}, "http://octopi.local/a"),
    ],
)  # fmt: skip
def test_the_camera_is_the_one_for_snapshots(webcam: dict[str, Any], found: str | None) -> None:
    assert camera_of({"webcam": webcam}, "http://octopi.local") == found


@pytest.mark.parametrize(
    "answer", [{}, {"state": "x", "job": None}, {"state": "x", "job": {"file": {}}, "progress": {}}]
)
def test_a_job_that_is_none_is_named(answer: dict[str, Any]) -> None:
    with pytest.raises(PrinterMisspoke):
        job_of(answer)


@pytest.mark.parametrize("printer", [{"temperature": []}, {"temperature": {"bed": {"actual": "hot"}}}])
def test_temperatures_that_are_none_are_named(printer: dict[str, Any]) -> None:
    with pytest.raises(PrinterMisspoke):
        snapshot_of(job(), printer, 1.0)


@pytest.mark.parametrize("children", [[{"prints": [1]}], [{"prints": {"last": {}}}], [None]])
def test_a_record_that_is_none_is_named(children: list[Any]) -> None:
    with pytest.raises(PrinterMisspoke, match="record"):
        reconciled_of("a-1", job(), children)


def test_a_state_of_another_version_is_unknown_and_told() -> None:
    now = snapshot_of(job("Dancing"), {}, 1.0)
    assert (now.status, now.reason) == (PrinterStatus.UNKNOWN, "Dancing")
    assert reconciled_of("a-1", job("Dancing", None), [{}]).fate is AttemptFate.UNKNOWN


@pytest.mark.parametrize("state", ["Opening serial connection", "Detecting serial connection", "Connecting"])
async def test_a_connection_that_is_being_made_is_not_begun_anew(
    state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Told to recover every second or two, it would never be made."""

    async def connecting() -> Job:
        return job(state, None)

    async with OctoPrintDriver("http://127.0.0.1:1") as driver:
        monkeypatch.setattr(driver, "_job", connecting)
        reply = await driver.recover()
    assert isinstance(reply, Refused)
    assert (reply.reason, reply.retryable) == (f"OctoPrint is at it: {state}", True)


def test_an_end_that_is_not_on_record_yet_is_unknown() -> None:
    """OctoPrint writes it from a thread of its own, after the status has changed."""
    assert reconciled_of("a-1", job(), [{"path": OURS}]).fate is AttemptFate.UNKNOWN


def test_neither_printing_nor_chosen_nor_on_record_is_lost() -> None:
    assert reconciled_of("a-1", job(path=None), [{"path": OURS}]).reason == LOST


def test_a_folder_without_the_copy_was_never_started() -> None:
    assert reconciled_of("a-1", job(path=None), []).fate is AttemptFate.NOT_STARTED


def test_an_end_without_success_is_a_cancelling_only_while_the_file_stays_chosen() -> None:
    failed = ended(success=False, printTime=None)
    assert reconciled_of("a-1", job(), failed).fate is AttemptFate.CANCELLED
    assert reconciled_of("a-1", job(path=None), failed).fate is AttemptFate.FAILED


def test_why_an_attempt_failed_is_told_while_the_fault_lasts() -> None:
    failed = ended(success=False)
    broken = {"state": "Error", "error": "Heater decoupled", "job": {"file": {"path": None, "name": None}}}
    now = job_of(broken | {"progress": {"completion": None}})
    assert reconciled_of("a-1", now, failed).reason == "Heater decoupled"
    assert reconciled_of("a-1", job(path=None), failed).reason == UNSAID


def test_a_finished_print_has_its_times() -> None:
    found = reconciled_of("a-1", job(), ended())
    assert (found.started_at, found.finished_at, found.print_seconds) == (940.0, 1000.0, 60.0)


@pytest.mark.parametrize("path", [None, "a.gcode", "attempt-1.gcode", "other/attempt-1/a.gcode"])
def test_files_of_other_people_are_no_attempts(path: str | None) -> None:
    assert attempt_of(path) is None


def test_percent_become_a_fraction() -> None:
    assert snapshot_of(job("Printing", completion=44.0), {}, 1.0).progress == 0.44


def definition(volume: Any, nozzle: Any = 0.4) -> Definition:
    profile = {"volume": volume, "extruder": {"nozzleDiameter": nozzle}}
    return definition_of({"current": {"printerProfile": "mine"}}, {"profiles": {"mine": profile}})


@pytest.mark.parametrize(
    ("connection", "profiles"),
    [
        ({}, {}),
        ({"current": {"printerProfile": "gone"}}, {"profiles": {}}),
        ({"current": {"printerProfile": "p"}}, {"profiles": {"p": {"volume": 5, "extruder": {}}}}),
    ],
)
def test_a_profile_that_is_none_is_named(connection: dict[str, Any], profiles: dict[str, Any]) -> None:
    with pytest.raises(PrinterMisspoke, match="printer profile"):
        definition_of(connection, profiles)


@pytest.mark.parametrize("width", [0, -1, "wide", None, True, 1e9, float("nan")])
def test_a_width_that_cannot_be_is_not_told(width: Any) -> None:
    told = definition({"width": width, "depth": 210.0, "height": 200.0})
    assert told == Definition(None, 400)


def test_the_profile_in_use_tells_bed_and_nozzle() -> None:
    told = definition({"width": 250.0, "depth": 210, "height": 200.5, "formFactor": "rectangular"}, 0.6)
    assert told == Definition((250_000, 210_000, 200_500), 600)


def test_of_a_round_bed_the_square_on_it_is_told() -> None:
    told = definition({"width": 200.0, "depth": 200.0, "height": 300.0, "formFactor": "circular"})
    assert told.bed_um == (141_421, 141_421, 300_000)
