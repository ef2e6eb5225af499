"""Slicing in the background: claimed row by row; whatever fails, estimates go on by geometry."""

import shutil
from datetime import timedelta

import pytest
from django.utils import timezone

from marketplace.activity.models import Activity
from marketplace.designs import slicings
from marketplace.designs.mesh.estimate import Settings, estimate
from marketplace.designs.mesh.fitted import ERRORS, FACTORS
from marketplace.designs.mesh.materials import MaterialClass
from marketplace.designs.models import Slicing
from marketplace.designs.rules import ATTEMPT_LIMIT, LEASE, SLICINGS_LIMIT
from marketplace.designs.selectors import is_being_sliced, wanted_of
from marketplace.designs.slicing import slicer
from marketplace.designs.slicing.outcome import SliceFailed, SliceOutcome, SliceSettings
from marketplace.designs.slicing.slicer import SliceLimits
from marketplace.designs.slicings import slicing_claim, slicing_next, slicing_want
from marketplace.designs.tasks import slice_waiting
from slicers import prusa
from tests.factories.models import box, stl

pytestmark = pytest.mark.django_db
needs_prusa = pytest.mark.skipif(
    not shutil.which("prusa-slicer"), reason="prusa-slicer is not installed: make test-printers"
)


@pytest.fixture
def waiting(measured, ada):
    """A measured design whose slice waits."""
    design = measured(ada, stl(box(20, 20, 10)))
    slicing_want(design=design)
    return design


def says(monkeypatch, said):
    def slice_(model, how, limits, beat):
        assert model.read_bytes().startswith(b"Infill")
        if isinstance(said, Exception):
            raise said
        return said

    monkeypatch.setattr(slicer, "slice_standard", slice_)


def outcome(seconds=5000, mm3=2000.0, name="prusa-slicer"):
    return SliceOutcome(seconds=seconds, extruded_mm3=mm3, slicer=name, version="2", profile="p 1")


def test_nothing_waiting_claims_nothing():
    assert slicing_claim(now=timezone.now()) is None
    assert slice_waiting() == 0


def test_without_a_slicer_it_fails_with_what_to_do(waiting, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    found = slicing_next()
    assert (found.status, "install prusa-slicer" in found.reason) == ("FAILED", True)
    assert not is_being_sliced(waiting)


def test_what_the_slicer_refuses_leaves_geometry(waiting, monkeypatch):
    says(monkeypatch, SliceFailed("nothing to print"))
    assert slicing_next().status == "FAILED"
    assert estimate([wanted_of(waiting, Settings("PLA", 200, 20))], 1).rests_on == "geometry"


def test_a_claim_is_nobody_elses_until_its_lease_ends(waiting):
    now = timezone.now()
    first = slicing_claim(now=now)
    assert (first.status, first.attempts) == ("SLICING", 1)
    assert slicing_claim(now=now + LEASE / 2) is None
    assert slicing_claim(now=now + LEASE * 2).attempts == 2


def test_what_kills_workers_is_not_tried_for_ever(waiting):
    Slicing.objects.update(status="SLICING", attempts=ATTEMPT_LIMIT, claimed_until=timezone.now() - LEASE)
    found = slicing_next()
    assert (found.status, "cut off" in found.reason) == ("FAILED", True)


def test_a_working_slicer_keeps_its_claim(waiting):
    held = slicing_claim(now=timezone.now() - LEASE)
    slicings.QUEUE.renew(held)
    assert slicing_claim(now=timezone.now()) is None


def test_who_comes_late_writes_nothing(waiting):
    late = slicing_claim(now=timezone.now() - timedelta(hours=1))
    slicing_claim(now=timezone.now())
    slicings._settle(late, "SLICED", seconds=1, extruded_mm3=1.0)
    assert Slicing.objects.values_list("status", "seconds").get() == ("SLICING", None)


def test_a_slice_becomes_the_estimate(waiting, monkeypatch):
    says(monkeypatch, outcome())
    assert is_being_sliced(waiting)
    assert slice_waiting() == 1
    found = estimate([wanted_of(waiting, Settings("PETG", 200, 20))], 2)
    assert (found.rests_on, found.print_seconds, found.grams) == ("sliced", 2 * 5150, 5.08)
    other = estimate([wanted_of(waiting, Settings("PLA", 100, 20))], 1)
    assert other.rests_on == "scaled"
    assert other.print_seconds > found.print_seconds / 2


def test_the_same_settings_are_sliced_once(waiting):
    assert slicing_want(design=waiting) == slicing_want(design=waiting)
    assert Slicing.objects.count() == 1


def test_measuring_asks_for_a_slice(upload, ada):
    from marketplace.designs.services import design_measure_next

    upload(ada)
    design_measure_next()
    assert Slicing.objects.values_list("layer_um", "infill_percent", "status").get() == (200, 20, "WAITING")


@pytest.mark.parametrize("name", ["cura-wasm", pytest.param("prusa-slicer", marks=needs_prusa)])
@pytest.mark.parametrize("limits", [SliceLimits(cpu_seconds=0), SliceLimits(memory_bytes=1_000_000)])
def test_a_slicer_beyond_its_limits_leaves_geometry(waiting, monkeypatch, limits, name):
    if name == "cura-wasm":
        monkeypatch.setattr(prusa, "installed", lambda: None)
    found = slicing_next(limits=limits)
    assert found.status == "FAILED"
    assert found.reason


def test_another_class_of_material_is_another_slice(waiting):
    flexible = SliceSettings(200, 20, MaterialClass.FLEXIBLE)
    assert slicing_want(design=waiting, how=flexible) != slicing_want(design=waiting)
    assert slicing_want(design=waiting, how=flexible) == slicing_want(design=waiting, how=flexible)


def test_a_design_has_so_many_slicings_and_no_more(waiting):
    for layer in range(101, 101 + SLICINGS_LIMIT + 3):
        slicing_want(design=waiting, how=SliceSettings(layer, 20))
    assert Slicing.objects.count() == SLICINGS_LIMIT
    assert slicing_want(design=waiting) is not None
    assert slicing_want(design=waiting, how=SliceSettings(333, 33)) is None


def test_what_is_asked_and_what_came_of_it_is_told(waiting, monkeypatch):
    says(monkeypatch, outcome())
    slicing_next()
    kinds = Activity.objects.filter(subject=waiting.subject).values_list("kind", flat=True)
    assert [kind for kind in kinds if "slice" in kind] == ["design.slice_wanted", "design.slice_sliced"]


def test_a_slicer_that_nobody_measured_changes_nothing(waiting, monkeypatch):
    says(monkeypatch, outcome(name="breadknife"))
    assert slicing_next().status == "SLICED"
    assert estimate([wanted_of(waiting, Settings("PLA", 200, 20))], 1).rests_on == "geometry"


def test_the_row_and_the_range_are_the_slicers_that_made_it(waiting, monkeypatch):
    says(monkeypatch, outcome(name="cura-wasm"))
    assert slicing_next().slicer == "cura-wasm 2"
    factor, error = FACTORS["cura-wasm"], ERRORS["cura-wasm"]["sliced"]["plain"]
    found = estimate([wanted_of(waiting, Settings("PLA", 200, 20))], 1)
    assert found.rests_on == "sliced"
    assert found.print_seconds == round(5000 * factor.time + 150)
    assert found.error_percent == round(100 * error.time_mean, 1)
    assert found.error_percent > 100 * ERRORS["prusa-slicer"]["sliced"]["plain"].time_mean


@needs_prusa
def test_a_real_slice(waiting):
    found = slicing_next()
    assert (found.status, found.reason) == ("SLICED", "")
    assert 300 < found.seconds < 3000
    assert 1000 < found.extruded_mm3 < 4000
    assert found.profile.startswith("infill-standard ")
    assert found.slicer.startswith("prusa-slicer 2")


def test_without_prusa_slicer_cura_slices(waiting, monkeypatch):
    monkeypatch.setattr(prusa, "installed", lambda: None)
    found = slicing_next()
    assert (found.status, found.reason) == ("SLICED", "")
    assert found.slicer.startswith("cura-wasm ")
    assert found.profile.startswith("infill-standard-cura ")
    assert 300 < found.seconds < 3000
    assert 1000 < found.extruded_mm3 < 4000


@needs_prusa
def test_what_is_soft_is_printed_slowly(waiting):
    usual = slicing_next()
    slicing_want(design=waiting, how=SliceSettings(200, 20, MaterialClass.FLEXIBLE))
    soft = slicing_next()
    assert soft.seconds > 1.1 * usual.seconds
    assert soft.extruded_mm3 == pytest.approx(usual.extruded_mm3, rel=0.02)
