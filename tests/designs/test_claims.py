"""Measuring is claimed row by row; a worker that dies loses its claim, not the design."""

from itertools import product

import pytest
from django.utils import timezone

from marketplace.activity.selectors import activity_of
from marketplace.designs import services
from marketplace.designs.models import Design
from marketplace.designs.rules import ATTEMPT_LIMIT, LEASE, TRANSITIONS, check_transition
from marketplace.designs.services import design_claim, design_measure_next
from marketplace.designs.tasks import measure
from protocol.errors import TransitionRefused
from tests.factories.models import box, stl

pytestmark = pytest.mark.django_db


PAIRS = [pair for kind in TRANSITIONS for pair in product(kind, kind)]


@pytest.mark.parametrize(("current", "new"), PAIRS)
def test_only_listed_transitions_are_taken(current, new):
    if new in TRANSITIONS[type(current)][current]:
        check_transition(current, new)
    else:
        with pytest.raises(TransitionRefused):
            check_transition(current, new)


def test_nothing_waiting_claims_nothing(db):
    assert design_claim(now=timezone.now()) is None
    assert measure() == 0


def test_a_claimed_design_is_nobody_elses_until_the_lease_ends(upload, ada):
    upload(ada)
    now = timezone.now()
    first = design_claim(now=now)
    assert (first.status, first.attempts) == ("MEASURING", 1)
    assert design_claim(now=now + LEASE / 2) is None
    again = design_claim(now=now + LEASE * 2)
    assert (again.pk, again.attempts) == (first.pk, 2)


def test_the_oldest_waits_least(upload, ada):
    first = upload(ada).json()["id"]
    upload(ada, stl(box(5, 5, 5)))
    assert str(design_claim(now=timezone.now()).pk) == first


def test_a_working_measurer_keeps_its_claim(upload, ada, monkeypatch):
    upload(ada)
    until = []

    def slow(model, picture, limits, beat, unit, **how):
        until.append(Design.objects.get().claimed_until)
        beat()
        until.append(Design.objects.get().claimed_until)
        return measured_really(model, picture, limits, beat, unit, **how)

    measured_really = services.measure_in_child
    monkeypatch.setattr(services, "measure_in_child", slow)
    assert design_measure_next().status == "MEASURED"
    assert until[0] < until[1]


def test_a_late_worker_does_not_overwrite_who_took_over(upload, ada, monkeypatch):
    upload(ada)

    def overtaken(*args, **how):
        Design.objects.update(attempts=2, reasons=[{"code": "kept", "message": "Kept."}])
        return measured_really(*args, **how)

    measured_really = services.measure_in_child
    monkeypatch.setattr(services, "measure_in_child", overtaken)
    design = design_measure_next()
    assert (design.status, design.measurement, design.source) == ("MEASURING", None, None)
    assert not activity_of(design.subject).filter(kind="design.measured").exists()


def test_a_design_that_keeps_killing_workers_is_given_up(upload, ada):
    upload(ada)
    long_ago = timezone.now() - LEASE * 10
    for attempt in range(ATTEMPT_LIMIT):
        assert design_claim(now=long_ago + LEASE * 2 * attempt)
    design = design_measure_next()
    assert design.status == "REFUSED"
    assert design.reasons[0]["code"] == "measuring-failed"


def test_the_task_measures_all_that_waits_and_tells_of_each(upload, ada):
    sizes = [5, 10, 15]
    for size in sizes:
        upload(ada, stl(box(size, size, size)))
    assert measure() == 3
    for design in Design.objects.all():
        assert design.status == "MEASURED"
        told = [row.kind for row in activity_of(design.subject)]
        assert told == ["design.uploaded", "design.measured", "design.slice_wanted"]
    volumes = sorted(design.measured.volume_mm3 for design in Design.objects.all())
    assert volumes == pytest.approx([125, 1000, 3375])


def test_a_committed_upload_wakes_the_measurer(upload, ada, settings, django_capture_on_commit_callbacks):
    from marketplace.config.celery import app

    app.conf.task_always_eager = True
    try:
        with django_capture_on_commit_callbacks(execute=True):
            upload(ada)
    finally:
        app.conf.task_always_eager = False
    assert Design.objects.get().status == "MEASURED"
