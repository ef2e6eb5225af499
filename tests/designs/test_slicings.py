"""Slicing in the background: claimed row by row; whatever fails, estimates go on by geometry."""

import shutil
from datetime import timedelta

import pytest
from django.utils import timezone

from marketplace.designs import slicings
from marketplace.designs.mesh.estimate import Settings, estimate
from marketplace.designs.models import Slicing
from marketplace.designs.rules import ATTEMPT_LIMIT, LEASE
from marketplace.designs.selectors import is_being_sliced, wanted_of
from marketplace.designs.slicing import prusa
from marketplace.designs.slicing.children import SliceLimits, run
from marketplace.designs.slicing.outcome import SliceFailed, SliceOutcome
from marketplace.designs.slicings import slicing_claim, slicing_next, slicing_want
from marketplace.designs.tasks import slice_waiting
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
    monkeypatch.setattr(prusa, "installed", lambda: "/bin/prusa-slicer")

    def slice_(binary, model, how, limits, beat):
        assert model.read_bytes().startswith(b"Infill")
        if isinstance(said, Exception):
            raise said
        return said

    monkeypatch.setattr(prusa, "slice_with_prusa", slice_)


def test_nothing_waiting_claims_nothing():
    assert slicing_claim(now=timezone.now()) is None
    assert slice_waiting() == 0


def test_without_a_slicer_it_fails_with_what_to_do(waiting, monkeypatch):
    monkeypatch.setattr(prusa, "installed", lambda: None)
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
    says(monkeypatch, SliceOutcome(seconds=5000, extruded_mm3=2000.0, slicer="prusa-slicer", version="2"))
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


@pytest.mark.parametrize(
    ("command", "limits"),
    [
        (["sh", "-c", "exit 3"], SliceLimits()),
        (["sh", "-c", "while :; do :; done"], SliceLimits(cpu_seconds=1)),
        (["sleep", "60"], SliceLimits(wall_seconds=1)),
    ],
)
def test_children_end_at_their_limits(command, limits, tmp_path):
    with pytest.raises(SliceFailed):
        run(command, tmp_path, limits, lambda: None)


@needs_prusa
def test_a_real_slice(waiting):
    found = slicing_next()
    assert (found.status, found.reason) == ("SLICED", "")
    assert 300 < found.seconds < 3000
    assert 1000 < found.extruded_mm3 < 4000
    assert found.profile.startswith("infill-standard ")
