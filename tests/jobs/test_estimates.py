"""An open job's estimate follows the slices that arrive; what is signed and frozen stays as it is."""

import pytest
from django.utils import timezone

from marketplace.activity.selectors import activity_of
from marketplace.config.celery import app
from marketplace.designs import slicings
from marketplace.designs.models import Slicing
from marketplace.designs.rules import SLICINGS_LIMIT
from marketplace.designs.slicing.outcome import SliceOutcome, SliceSettings
from marketplace.designs.slicings import slicing_want
from marketplace.jobs.models import Job
from marketplace.jobs.tasks import estimate, settle
from protocol.jobspec import JobSpec, job_digest
from protocol.statuses import JobStatus
from protocol.units import bytes_of, hex_of
from tests.jobs.factories import part

pytestmark = pytest.mark.django_db
OWN = {"layer_um": 120, "infill_percent": 35, "material": "TPU"}


def sliced(seconds=7777, **which):
    """Slices arrive."""
    found = Slicing.objects.filter(**which)
    assert found.update(
        status="SLICED",
        seconds=seconds,
        extruded_mm3=3000.0,
        slicer="prusa-slicer 2.5.0",
        sliced_at=timezone.now(),
    )


@pytest.fixture
def own(post, bracket, ada) -> Job:
    """Ada's open job with settings of its own."""
    job = post(ada, parts=[part(bracket.pk, **OWN)], quantity=1).json()["id"]
    assert settle() == 1
    return Job.objects.get(pk=job)


def frozen(job):
    job.refresh_from_db()
    return job.spec, bytes(job.salt), job.job_digest, [bytes(each.salt) for each in job.parts.all()]


def test_without_news_nothing_is_estimated_anew(own):
    assert estimate() == 0
    assert own.estimate["rests_on"] == "geometry"


def test_opening_asks_for_the_very_settings_once(own, post, bracket, ada):
    post(ada, parts=[part(bracket.pk, **OWN), part(bracket.pk, **OWN)])
    assert settle() == 1
    rows = Slicing.objects.filter(design=bracket).values_list("layer_um", "infill_percent", "material_class")
    assert sorted(rows) == [(120, 35, "flexible"), (200, 20, "ordinary")]


@pytest.mark.parametrize("status", [status for status in JobStatus if status is not JobStatus.OPEN])
def test_a_job_that_is_not_open_keeps_its_estimate(own, status):
    Job.objects.update(status=status)
    sliced()
    assert estimate() == 0
    own.refresh_from_db()
    assert own.estimate["rests_on"] == "geometry"


def test_a_slice_with_other_settings_corrects_and_its_own_replaces(own):
    before, geometry = frozen(own), own.estimate
    sliced(layer_um=200)
    assert (estimate(), estimate()) == (1, 0)
    own.refresh_from_db()
    assert own.estimate["rests_on"] == "scaled"
    sliced(layer_um=120)
    assert (estimate(), estimate()) == (1, 0)
    assert frozen(own) == before
    assert (own.estimate["rests_on"], own.estimate["print_seconds"]) == ("sliced", 7777 + 150)
    assert own.parts.get().estimate == own.estimate != geometry


def test_the_digest_is_still_that_of_the_spec(own, client_of, registered, ada, bo):
    registered(bo)
    told = client_of(bo).get(f"/api/v1/jobs/{own.pk}/spec").json()
    sliced()
    assert estimate() == 1
    assert client_of(bo).get(f"/api/v1/jobs/{own.pk}/spec").json() == told
    spec = JobSpec.from_json(told["spec"])
    assert hex_of(job_digest(spec, bytes_of(told["salt"]))) == told["job_digest"] == own.job_digest
    assert client_of(ada).get(f"/api/v1/jobs/{own.pk}").json()["estimate"]["rests_on"] == "sliced"


def test_it_is_told_once_and_only_what_changed(own):
    sliced(layer_um=120)
    estimate()
    Job.objects.update(slices_used=0)
    estimate()
    assert [row.kind for row in activity_of(own.subject)] == ["job.posted", "job.opened", "job.estimated"]


def test_of_a_design_sliced_often_enough_the_job_opens_all_the_same(post, bracket, ada):
    for layer in range(101, 101 + SLICINGS_LIMIT):
        slicing_want(design=bracket, how=SliceSettings(layer, 20))
    sliced()
    post(ada, parts=[part(bracket.pk, **OWN)])
    assert settle() == 1
    assert Job.objects.get().estimate["rests_on"] == "scaled"
    assert Slicing.objects.count() == SLICINGS_LIMIT


def test_a_slice_that_arrives_wakes_the_estimate(own, django_capture_on_commit_callbacks, monkeypatch):
    said = SliceOutcome(4321, 2000.0, "cura-wasm", "1.5", "infill-standard-cura x")
    monkeypatch.setattr(slicings, "_slice", lambda slicing, limits: said)
    app.conf.task_always_eager = True
    try:
        with django_capture_on_commit_callbacks(execute=True):
            while slicings.slicing_next():
                pass
    finally:
        app.conf.task_always_eager = False
    own.refresh_from_db()
    assert own.estimate["rests_on"] == "sliced"
