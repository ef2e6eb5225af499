"""Reading reports, those too that are hard to provoke, and wrapping G-code."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.statuses import PrinterStatus
from provider_agent.drivers.bambu.answers import (
    UNSEEN,
    Work,
    reconciled_of,
    snapshot_of,
    task_of,
    task_parts,
    work_of,
)
from provider_agent.drivers.bambu.line import merged
from provider_agent.drivers.bambu.package import PLATE, wrap
from provider_agent.drivers.base import AttemptFate
from provider_agent.drivers.errors import PrinterMisspoke

JSON = st.dictionaries(
    st.sampled_from("abc"), st.one_of(st.integers(), st.dictionaries(st.sampled_from("xy"), st.integers()))
)


def work(state: str, task: str = "a-1@a.gcode", **members: Any) -> Work:
    return work_of({"gcode_state": state, "subtask_name": task, **members})


@pytest.mark.parametrize("report", [{}, {"gcode_state": "IDLE", "bed_temper": "hot"}])
def test_a_report_that_is_none_is_named(report: dict[str, Any]) -> None:
    with pytest.raises(PrinterMisspoke, match="report"):
        work_of(report)


def test_a_state_of_another_version_is_unknown_and_told() -> None:
    now = snapshot_of(work("DANCING"), 1.0, cleared=False)
    assert (now.status, now.reason) == (PrinterStatus.UNKNOWN, "the printer says DANCING")
    assert reconciled_of("a-1", None, work("DANCING")).fate is AttemptFate.UNKNOWN


@pytest.mark.parametrize("state", ["PREPARE", "SLICING", "RUNNING", "PAUSE"])
def test_an_attempt_at_work_is_running(state: str) -> None:
    assert reconciled_of("a-1", None, work(state)).fate is AttemptFate.RUNNING


@pytest.mark.parametrize(
    "found", [work("IDLE", ""), work("FINISH", "b-1@a.gcode"), work("RUNNING", "a.gcode"), work("IDLE")]
)
def test_an_attempt_that_the_printer_does_not_name_has_failed_unseen(found: Work) -> None:
    assert reconciled_of("a-1", None, found).reason == UNSEEN


def test_a_noted_end_outranks_what_is_reported_now() -> None:
    assert (
        reconciled_of("a-1", AttemptFate.FINISHED, work("RUNNING", "b-1@b.gcode")).fate
        is AttemptFate.FINISHED
    )


def test_a_pause_for_an_error_tells_it() -> None:
    now = snapshot_of(work("PAUSE", print_error=0x0700_8001), 1.0, cleared=False)
    assert (now.status, now.reason) == (PrinterStatus.PAUSED, "error 0700-8001")


def test_a_broken_printer_is_not_made_ready_by_clearing() -> None:
    assert snapshot_of(work("FAILED", print_error=1), 1.0, cleared=True).status is PrinterStatus.FAULT


@given(st.from_regex(r"[a-z0-9-]{1,40}", fullmatch=True), st.from_regex(r"[a-z0-9.-]{1,40}", fullmatch=True))
def test_the_name_of_a_print_holds_attempt_and_file(attempt: str, file: str) -> None:
    assert task_parts(task_of(attempt, file)) == (attempt, file)


@given(JSON, JSON)
def test_merging_keeps_what_did_not_change_and_takes_what_did(before: dict, changes: dict) -> None:
    found = merged(before, changes)
    assert set(found) == set(before) | set(changes)
    for key, value in changes.items():
        if isinstance(value, dict):
            assert found[key].items() >= value.items()
        else:
            assert found[key] == value
    assert {key: found[key] for key in before.keys() - changes.keys()} == {
        key: before[key] for key in before.keys() - changes.keys()
    }


def test_the_same_gcode_gives_the_same_package_at_any_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gcode = tmp_path / "a.gcode"
    gcode.write_bytes(b"G28\n" * 1000)
    wrap(gcode, tmp_path / "1.3mf")
    monkeypatch.setattr(time, "time", lambda: 2e9)
    wrap(gcode, tmp_path / "2.3mf")
    assert (tmp_path / "1.3mf").read_bytes() == (tmp_path / "2.3mf").read_bytes()
    with ZipFile(tmp_path / "1.3mf") as package:
        assert package.testzip() is None
        assert package.read(PLATE) == gcode.read_bytes()
        told = package.read(f"{PLATE}.md5").decode()
    assert told == hashlib.md5(gcode.read_bytes()).hexdigest().upper()


def test_a_hundred_percent_is_not_the_end() -> None:
    now = work("RUNNING", mc_percent=100)
    assert now.status is PrinterStatus.PRINTING
    assert reconciled_of("a-1", None, now).fate is AttemptFate.RUNNING
