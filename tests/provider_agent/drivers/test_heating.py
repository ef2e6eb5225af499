"""What heaters are told, and flow, as each printer software says it; None where it does not."""

from __future__ import annotations

from provider_agent.drivers.bambu import answers as bambu
from provider_agent.drivers.base import Snapshot
from provider_agent.drivers.moonraker import answers as moonraker
from provider_agent.drivers.octoprint import answers as octoprint
from provider_agent.drivers.prusalink import answers as prusalink


def told(snapshot: Snapshot) -> tuple[float | None, ...]:
    return (
        snapshot.nozzle_target_c,
        snapshot.bed_target_c,
        snapshot.nozzle_power,
        snapshot.bed_power,
        snapshot.flow,
    )


def klipper(**objects: object) -> Snapshot:
    status = {"webhooks": {"state": "ready"}, "print_stats": PRINTING, **objects}
    return moonraker.snapshot_of({"result": {"status": status}}, 0.0)


PRINTING = {"state": "printing", "filename": "a.gcode", "message": ""}


def test_klipper_says_all_of_it() -> None:
    snapshot = klipper(
        extruder={"temperature": 209.8, "target": 210, "power": 0.4},
        heater_bed={"temperature": 60, "target": 60, "power": 0},
        gcode_move={"extrude_factor": 0.95},
    )
    assert told(snapshot) == (210, 60, 0.4, 0, 0.95)


def test_a_klipper_without_a_bed_says_what_it_has() -> None:
    assert told(klipper(extruder={"target": 210})) == (210, None, None, None, None)


def test_octoprint_says_targets() -> None:
    file = {"name": None, "path": None}
    job = octoprint.job_of({"state": "Printing", "job": {"file": file}, "progress": {"completion": None}})
    heat = {"tool0": {"actual": 209.8, "target": 210}, "bed": {"actual": 60, "target": None}}
    snapshot = octoprint.snapshot_of(job, {"temperature": heat}, 0.0)
    assert told(snapshot) == (210, None, None, None, None)
    assert told(octoprint.snapshot_of(job, {}, 0.0)) == (None,) * 5


def test_prusalink_says_targets_and_flow_in_percent() -> None:
    printer = {"state": "PRINTING", "target_nozzle": 215.0, "target_bed": 60.0, "flow": 95}
    work = prusalink.work_of({"printer": printer}, {}, {})
    assert told(prusalink.snapshot_of(work, 0.0)) == (215, 60, None, None, 0.95)


def test_bambu_says_targets() -> None:
    report = {"gcode_state": "RUNNING", "nozzle_target_temper": 220, "bed_target_temper": 65}
    snapshot = bambu.snapshot_of(bambu.work_of(report), 0.0, cleared=False)
    assert told(snapshot) == (220, 65, None, None, None)
