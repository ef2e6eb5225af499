"""Reading Moonraker's answers, those too that are hard to provoke."""

from __future__ import annotations

from typing import Any

import pytest

from protocol.statuses import PrinterStatus
from provider_agent.drivers.base import AttemptFate, Definition
from provider_agent.drivers.errors import PrinterMisspoke
from provider_agent.drivers.moonraker.answers import (
    LOST,
    Intent,
    away,
    camera_of,
    definition_of,
    host_of,
    intent_of,
    jobs_of,
    reconciled_of,
    snapshot_of,
    unlisted_of,
)

LIST = "http://10.0.0.9:7125"
INTENT = Intent("a.gcode", "000001")


def objects(state: str = "printing", host: str = "ready", message: str = "") -> dict[str, Any]:
    told = {
        "webhooks": {"state": host, "state_message": "stopped"},
        "print_stats": {"state": state, "filename": "a.gcode", "message": message},
        "virtual_sdcard": {"progress": 0.5},
        "toolhead": {"position": [1.0, 2.0, 0.2004, 9.0]},
    }
    return {"result": {"status": told}}


def job(number: str, **changes: Any) -> dict[str, Any]:
    known = {"status": "completed", "start_time": 1.0, "end_time": 2.0, "total_duration": 1.0}
    return {"job_id": number, "filename": "a.gcode", "filament_used": 3.0} | known | changes


@pytest.mark.parametrize("read", [host_of, intent_of, jobs_of, lambda answer: snapshot_of(answer, 1.0)])
@pytest.mark.parametrize("answer", [{}, {"result": []}, {"result": {"klippy_state": "ready", "value": []}}])
def test_answers_of_something_else_are_named(read: Any, answer: dict[str, Any]) -> None:
    with pytest.raises(PrinterMisspoke):
        read(answer)


def test_a_job_without_its_members_is_named() -> None:
    with pytest.raises(PrinterMisspoke):
        reconciled_of("a-1", INTENT, [{"job_id": "2", "filename": "a.gcode"}])


def test_a_state_of_another_version_is_unknown_and_told() -> None:
    now = snapshot_of(objects("dancing"), 1.0)
    assert (now.status, now.reason) == (PrinterStatus.UNKNOWN, "dancing")
    assert away("sleeping", 1.0).status is PrinterStatus.UNKNOWN


@pytest.mark.parametrize("host", ["shutdown", "error"])
@pytest.mark.parametrize("state", ["paused", "printing", "complete"])
def test_the_host_outranks_the_print(host: str, state: str) -> None:
    now = snapshot_of(objects(state, host), 1.0)
    assert (now.status, now.reason) == (PrinterStatus.FAULT, "stopped")


def test_positions_are_in_micrometres() -> None:
    assert snapshot_of(objects(), 1.0).position_um == (1000, 2000, 200)


def test_a_job_before_the_intent_is_another_attempts() -> None:
    assert reconciled_of("a-1", INTENT, [job("000001")]).reason == LOST


def test_the_first_job_after_the_intent_is_the_attempts() -> None:
    jobs = [job("000003"), job("000002", status="cancelled"), job("000001")]
    assert reconciled_of("a-1", INTENT, jobs).fate is AttemptFate.CANCELLED


@pytest.mark.parametrize("status", ["error", "klippy_shutdown", "klippy_disconnect", "server_exit", "new"])
def test_an_end_that_is_neither_done_nor_cancelled_has_failed(status: str) -> None:
    found = reconciled_of("a-1", INTENT, [job("000002", status=status)])
    assert (found.fate, found.reason) == (AttemptFate.FAILED, status)


@pytest.mark.parametrize(
    ("state", "fate"),
    [
        ("printing", AttemptFate.RUNNING),
        ("paused", AttemptFate.RUNNING),
        ("complete", AttemptFate.FINISHED),
        ("cancelled", AttemptFate.CANCELLED),
        ("error", AttemptFate.FAILED),
    ],
)
def test_what_the_history_missed_the_host_tells(state: str, fate: AttemptFate) -> None:
    assert unlisted_of("a-1", snapshot_of(objects(state), 1.0)).fate is fate


def test_a_complete_print_on_a_host_that_stopped_is_not_finished() -> None:
    assert unlisted_of("a-1", snapshot_of(objects("complete", "shutdown"), 1.0)).fate is AttemptFate.FAILED


def klipper(
    kinematics: Any = "corexy", low: Any = (0, -10.0, 0, 0), high: Any = (350, 350.0, 340, 0)
) -> Definition:
    settings = {"printer": {"kinematics": kinematics}, "extruder": {"nozzle_diameter": 0.4}}
    toolhead = {"axis_minimum": low, "axis_maximum": high}
    return definition_of({"result": {"status": {"toolhead": toolhead, "configfile": {"settings": settings}}}})


@pytest.mark.parametrize(
    "answer", [{}, {"result": {"status": {}}}, {"result": {"status": {"toolhead": 1, "configfile": 2}}}]
)
def test_settings_that_are_none_are_named(answer: dict[str, Any]) -> None:
    with pytest.raises(PrinterMisspoke):
        definition_of(answer)


@pytest.mark.parametrize("high", [(350,), None, ("a", 1, 2)])
def test_a_reach_that_is_none_is_named(high: Any) -> None:
    with pytest.raises(PrinterMisspoke):
        klipper(high=high)


def test_an_unhomed_reach_of_nothing_is_not_told() -> None:
    assert klipper(high=(0, 0, 0, 0)).bed_um is None


def test_kinematics_without_straight_axes_tell_no_box() -> None:
    assert klipper("delta") == Definition(None, 400)


def test_straight_axes_reach_from_zero_and_not_from_where_they_park() -> None:
    assert klipper() == Definition((350_000, 350_000, 340_000), 400)


@pytest.mark.parametrize(
    "answer", [{}, {"result": None}, {"result": {"webcams": [7]}}, {"result": {"webcams": 7}}]
)
def test_webcams_that_are_none_are_named(answer: dict[str, Any]) -> None:
    with pytest.raises(PrinterMisspoke):
        camera_of(answer, LIST)


@pytest.mark.parametrize(
    ("webcams", "found"),
    [
        ([], None),
        ([{"snapshot_url": ""}, {"stream_url": "/webcam/?action=stream"}], None),
        ([{"snapshot_url": "/still", "enabled": False}], None),
        (
            [{"snapshot_url": "http://10.0.0.8/still"}, {"snapshot_url": "webcam/still"}],
            "http://10.0.0.9/webcam/still",
        ),
        ([{"snapshot_url": "http://127.0.0.1:8080/still"}], "http://10.0.0.9:8080/still"),
    ],
)
def test_the_first_camera_on_the_own_host_is_taken(webcams: list[dict[str, Any]], found: str | None) -> None:
    assert camera_of({"result": {"webcams": webcams}}, LIST) == found
