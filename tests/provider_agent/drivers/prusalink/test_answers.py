"""Reading PrusaLink's answers, those too that are hard to provoke."""

from __future__ import annotations

from typing import Any

import pytest

from protocol.statuses import PrinterStatus
from provider_agent.drivers.base import AttemptFate
from provider_agent.drivers.errors import PrinterMisspoke
from provider_agent.drivers.prusalink.answers import (
    UNSEEN,
    Notes,
    Work,
    has_camera,
    notes_of,
    reconciled_of,
    snapshot_of,
    storage_of,
    work_of,
)

OURS = Notes("a.gcode", 7, None)
JOB = {"file": {"display_name": "a.gcode"}, "id": 7}


def work(state: str, job: int | None = None, file: str | None = None, **printer: Any) -> Work:
    told = {} if job is None else {"job": {"id": job, "progress": 44.0}}
    named = {"file": {"display_name": file}} if job is not None and file else {}
    chosen = {"job": {"file": {"name": file}}} if job is None else {}
    return work_of({"printer": {"state": state} | printer, **told}, named, chosen)


@pytest.mark.parametrize("status", [{}, {"printer": []}, {"printer": {"state": "IDLE", "temp_bed": "hot"}}])
def test_a_status_that_is_none_is_named(status: dict[str, Any]) -> None:
    with pytest.raises(PrinterMisspoke, match="status"):
        work_of(status, {}, {})


@pytest.mark.parametrize("children", [[], [None], [{"name": "of-a.gcode"}, {"name": "ended-DANCED"}]])
def test_an_attempts_folder_that_is_none_is_named(children: list[Any]) -> None:
    with pytest.raises(PrinterMisspoke, match="folder"):
        notes_of({"children": children})


@pytest.mark.parametrize("answer", [{}, {"storage_list": [1]}])
def test_storages_that_are_none_are_named(answer: dict[str, Any]) -> None:
    with pytest.raises(PrinterMisspoke, match="storage"):
        storage_of(answer)


def test_a_printer_without_a_storage_for_files_is_named() -> None:
    with pytest.raises(PrinterMisspoke, match="USB drive"):
        storage_of({"storage_list": [{"path": "/sdcard", "available": True, "read_only": True}]})


def test_a_state_of_another_version_is_unknown_and_told() -> None:
    now = snapshot_of(work("DANCING"), 1.0)
    assert now.status is PrinterStatus.UNKNOWN
    assert "DANCING" in (now.reason or "")
    assert reconciled_of("a-1", OURS, work("DANCING")).fate is AttemptFate.UNKNOWN


@pytest.mark.parametrize(
    ("state", "with_job", "without"),
    [
        ("ATTENTION", PrinterStatus.PAUSED, PrinterStatus.FAULT),
        ("BUSY", PrinterStatus.STARTING, PrinterStatus.UNKNOWN),
        ("IDLE", PrinterStatus.FINISHED_UNCLEARED, PrinterStatus.READY),
    ],
)
def test_states_that_do_not_tell_are_told_apart_by_the_job(
    state: str, with_job: PrinterStatus, without: PrinterStatus
) -> None:
    assert work(state, 7, "a.gcode").status is with_job
    assert work(state).status is without


def test_the_same_file_in_a_later_job_is_not_this_attempt() -> None:
    assert reconciled_of("a-1", OURS, work("PRINTING", 7, "a.gcode")).fate is AttemptFate.RUNNING
    assert reconciled_of("a-1", OURS, work("PRINTING", 8, "a.gcode")).reason == UNSEEN


def test_the_end_of_another_print_is_not_this_attempts() -> None:
    assert reconciled_of("a-1", OURS, work("FINISHED", file="b.gcode")).fate is AttemptFate.FAILED
    assert reconciled_of("a-1", OURS, work("FINISHED", file="a.gcode")).fate is AttemptFate.FINISHED


def test_a_fault_without_words_has_a_reason_all_the_same() -> None:
    assert snapshot_of(work("ERROR"), 1.0).reason == "PrusaLink says ERROR"
    told = work("ERROR", status_printer={"ok": False, "message": "no printer"})
    assert snapshot_of(told, 1.0).reason == "ERROR: no printer"


@pytest.mark.parametrize("answer", [{}, {"camera_list": None}, {"camera_list": [{}]}, {"camera_list": [7]}])
def test_cameras_that_are_none_are_named(answer: dict[str, Any]) -> None:
    with pytest.raises(PrinterMisspoke):
        has_camera(answer)
