"""Evidence that is broken, of another, out of time, or not what was committed: on a real chain."""

import json
from dataclasses import replace

import pytest

from auditor.findings import Verdict
from auditor.timeline import timeline_of
from protocol.evidence import Kind
from protocol.jobspec import job_digest
from protocol.units import hex_of
from tests.auditor.conftest import Told, told_of
from tests.factories.bundle import GCODE, JOB_SALT, Scene, resealed

PROVIDER = "evidence/provider.json"


def rearranged(told: Told, order: list[int]) -> set[str]:
    records = json.loads(told.files[PROVIDER])
    return told.holding(resealed(told.files, **{PROVIDER: [records[n] for n in order]})).codes()


def test_reordered_or_repeated_records_are_named(clean):
    assert {"evidence-seq", "evidence-previous"} <= rearranged(clean, [0, 2, 1, *range(3, 7)])
    assert {"evidence-seq", "evidence-previous"} <= rearranged(clean, [0, *range(7)])


def test_a_dropped_record_is_named_wherever_it_stood(clean):
    assert "evidence-seq" in rearranged(clean, [*range(1, 7)])
    assert "evidence-previous" in rearranged(clean, [0, 1, *range(3, 7)])
    assert "evidence-head" in rearranged(clean, [*range(6)])
    assert "evidence-head" in rearranged(clean, [])


def test_the_other_partys_log_in_its_place_is_named(clean):
    designer = json.loads(clean.files["evidence/designer.json"])
    codes = clean.holding(resealed(clean.files, **{PROVIDER: designer})).codes()
    assert {"evidence-actor", "evidence-kind", "evidence-signature", "evidence-head"} <= codes


def after(scene: Scene, *, head: bool = True) -> set[str]:
    """Codes of the findings once what the provider recorded is delivered."""
    if head:
        scene.deliver()
    return told_of(scene).codes()


def test_a_strangers_signature_is_named(scene, charlie):
    scene.award()
    scene.print()
    record = scene.provider_log[-1].record
    forged = bytes(charlie.unsafe_sign_hash(record.digest(scene.infill)).signature)
    scene.provider_log[-1] = replace(scene.provider_log[-1], signature=forged)
    assert after(scene) == {"evidence-signature"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"agreement": b"\x09" * 32}, "evidence-agreement"),
        ({"seq": 99}, "evidence-seq"),
        ({"previous": b"\x09" * 32}, "evidence-previous"),
        ({"payload": b"\x09" * 32}, "evidence-payload"),
        ({"kind": "received"}, "evidence-kind"),
        ({"kind": "sung about"}, "evidence-kind"),
        ({"observed_at": 1}, "evidence-time"),
    ],
)
def test_a_signed_record_that_does_not_fit_is_named(scene, changes, code):
    scene.award()
    scene.print()
    scene.record(scene.bo, Kind.PHOTO, **changes)
    assert after(scene) == {code}


def test_a_record_of_another_actor_is_named(scene, ada):
    scene.award()
    scene.print()
    scene.record(scene.bo, Kind.PHOTO, actor=ada.address)
    assert after(scene) == {"evidence-actor"}


def test_a_payload_without_salt_is_named(scene):
    scene.award()
    scene.print()
    scene.provider_log[-1].payload.pop("salt")
    assert after(scene) == {"evidence-salt"}


def test_a_providers_clock_may_be_a_little_ahead(scene):
    scene.award()
    scene.print()
    scene.record(scene.bo, Kind.PHOTO, observed_at=scene.anvil.now() + 100)
    assert after(scene) == set()


def test_observed_beyond_the_clocks_tolerance_is_named(scene):
    scene.award()
    scene.print()
    scene.record(scene.bo, Kind.PHOTO, observed_at=scene.anvil.now() + 1000)
    assert after(scene) == {"evidence-late"}


def test_delivered_without_evidence_is_named(scene):
    scene.award()
    assert after(scene) == {"evidence-none", "model-not-received", "prints-lacking"}


@pytest.mark.parametrize("lacking", [Kind.MODEL_RECEIVED, Kind.PRINT_STARTED, Kind.PRINT_FINISHED])
def test_a_print_that_is_not_evidenced_is_named(scene, lacking):
    scene.award()
    scene.print(lacking=(lacking,))
    assert "evidence-lacking" in after(scene)


def test_a_print_finished_after_delivery_is_named(scene):
    scene.award()
    scene.print(lacking=(Kind.PRINT_FINISHED,))
    scene.deliver()
    finished = {"printer": scene.profile.serial, "gcode": hex_of(GCODE)}
    for copy in range(scene.units):
        scene.record(scene.bo, Kind.PRINT_FINISHED, {**finished, "attempt": f"attempt-{copy}"})
    assert after(scene, head=False) == {"evidence-lacking", "prints-lacking"}


def test_fewer_prints_than_ordered_are_named(scene):
    scene.award()
    scene.print(print_finished={"attempt": "the same one"})
    assert after(scene) == {"prints-lacking"}


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"job_spec": {"units": 1}}, {"spec-other"}),
        ({"job_spec": {"bid": "0x" + "08" * 32}}, {"spec-other"}),
        ({"job_spec": {"job_digest": "0x" + "08" * 32}}, {"spec-other"}),
        ({"job_spec": {"printer": "0x" + "08" * 32}}, {"spec-other"}),
        ({"sliced": {"model": "0x" + "08" * 32}}, {"sliced-other", "prints-lacking"}),
        ({"sliced": {"gcode": "0x" + "08" * 32}}, {"printed-other", "prints-lacking"}),
        ({"print_started": {"gcode": "0x" + "08" * 32}}, {"printed-other"}),
        ({"print_finished": {"gcode": "0x" + "08" * 32}}, {"printed-other", "prints-lacking"}),
        ({"print_finished": {"printer": "another"}}, {"printed-elsewhere"}),
        (
            {"model_received": {"model": "0x" + "08" * 32}},
            {"model-other", "model-not-received", "sliced-other"},
        ),
    ],
)
def test_evidence_of_another_print_is_named(scene, changes, codes):
    scene.award()
    scene.print(**changes)
    assert after(scene) == codes


def test_another_file_than_ordered_is_named(clean):
    assert replace(clean, model=clean.model + b"!").codes() == {"model-file"}
    assert replace(clean, model=b"").codes() == {"model-file"}


def test_records_after_the_head_are_noted_and_clean(scene):
    scene.story()
    scene.record(scene.bo, Kind.SHIPPED)
    audit = told_of(scene).audit()
    assert audit.verdict is Verdict.CLEAN
    assert any("1 of 8 provider records" in note for note in audit.notes)


def test_the_timeline_names_carrier_and_number_whatever_they_hold(scene):
    scene.story()
    scene.record(scene.bo, Kind.SHIPPED, {"carrier": "DHL", "tracking": "JJD 1"})
    scene.record(scene.bo, Kind.SHIPPED, {"carrier": "a\x1b[2J" + "b" * 99, "tracking": ["JJD"]})
    scene.record(scene.bo, Kind.SHIPPED)
    audit = told_of(scene).audit()
    assert audit.verdict is Verdict.CLEAN
    told = [entry.what for entry in timeline_of(audit.case) if entry.what.startswith("shipped")]
    assert told == ["shipped: DHL, JJD 1", "shipped: a[2J" + "b" * 60, "shipped"]


def test_another_printer_or_its_capability_is_named(scene):
    scene.award()
    scene.profile = replace(scene.profile, serial="MK4-0043")
    assert told_of(scene).codes() == {"printer-digest"}
    scene.capability = replace(scene.capability, nozzle_um=800)
    assert told_of(scene).codes() == {"printer-digest", "printer-capability"}


def test_a_printer_of_a_stranger_is_named(scene, charlie):
    scene.profile = replace(scene.profile, provider=charlie.address)
    scene.terms(printer=scene.profile.digest(scene.infill))
    scene.award()
    assert told_of(scene).codes() == {"printer-provider"}


def test_a_job_of_a_stranger_is_named(scene, charlie):
    scene.spec = replace(scene.spec, designer=charlie.address)
    scene.terms(job_digest=job_digest(scene.spec, JOB_SALT))
    scene.award()
    assert told_of(scene).codes() == {"job-designer"}


def test_more_units_than_the_job_asks_for_are_named(scene):
    scene.units = 3
    scene.award()
    assert told_of(scene).codes() == {"job-quantity"}
