"""A job's way through its statuses: every step by conditional UPDATE, told of once, none taken twice."""

from datetime import timedelta

import pytest
from django.utils import timezone

from marketplace.activity.selectors import activity_of
from marketplace.designs import store
from marketplace.designs.models import Design, StoredFile
from marketplace.designs.services import design_measure_next
from marketplace.jobs import services
from marketplace.jobs.models import Job
from marketplace.jobs.selectors import job_models, jobs_by_digest, jobs_open
from marketplace.jobs.tasks import expire, settle
from protocol.canonical import salted_digest
from protocol.errors import TransitionRefused
from protocol.jobspec import JobSpec, job_digest, requirement_of
from protocol.statuses import TRANSITIONS, JobStatus
from protocol.units import bytes_of, hex_of
from tests.factories.models import BRACKET, box, stl
from tests.jobs.factories import part

pytestmark = pytest.mark.django_db


def kinds(job: Job) -> list[str]:
    return [row.kind for row in activity_of(job.subject)]


@pytest.mark.parametrize("current", JobStatus)
@pytest.mark.parametrize("new", JobStatus)
def test_no_service_takes_an_unlisted_step(current, new, opened):
    Job.objects.filter(pk=opened.pk).update(status=current)
    opened.refresh_from_db()
    if new in TRANSITIONS[JobStatus][current]:
        assert services._move(opened, new, "job.moved")
        assert opened.status == new
    else:
        with pytest.raises(TransitionRefused):
            services._move(opened, new, "job.moved")


def test_a_job_whose_design_is_refused_is_refused_with_the_reason(post, upload, ada):
    design = upload(ada, b"no model at all", "prose.stl").json()["id"]
    job = Job.objects.get(pk=post(ada, design).json()["id"])
    assert settle() == 0
    design_measure_next()
    assert settle() == 1
    job.refresh_from_db()
    assert job.status == "REFUSED"
    assert job.reasons[0]["code"] == "not-a-model"
    assert job.reasons[0]["message"].startswith("prose.stl: This is not a model")
    assert kinds(job) == ["job.posted", "job.refused"]


def test_a_job_waits_until_its_last_design_is_measured(post, upload, measured, ada):
    first = measured(ada, stl(box(9, 9, 9)))
    second = upload(ada, stl(box(5, 5, 5))).json()["id"]
    post(ada, first.pk, second)
    assert settle() == 0
    design_measure_next()
    assert settle() == 1
    assert Job.objects.get().status == "OPEN"


def test_a_job_that_cannot_be_opened_holds_no_other_up(post, measured, ada, caplog):
    lost, whole = measured(ada, stl(box(9, 9, 9))), measured(ada, stl(box(5, 5, 5)))
    for design in (lost, whole):
        post(ada, design.pk)
    store.sealed_delete(StoredFile.objects.get(pk=lost.digest).name)
    assert settle() == 1
    assert list(Job.objects.order_by("posted_at").values_list("status", flat=True)) == ["MEASURING", "OPEN"]
    assert "FileLost" in caplog.text


def test_a_job_measured_after_its_deadline_is_refused(post, bracket, ada):
    post(ada, bracket.pk)
    Job.objects.update(deadline=timezone.now() - timedelta(seconds=1))
    assert settle() == 1
    assert Job.objects.get().reasons[0]["code"] == "deadline-passed"


def test_opening_freezes_a_spec_that_proves_its_files(opened, bracket, ada):
    spec = JobSpec.from_json(opened.spec)
    assert opened.job_digest == hex_of(job_digest(spec, bytes_of(opened.salt_text)))
    assert jobs_by_digest([opened.job_digest, "0x"]) == {opened.job_digest: opened}
    assert (spec.title, spec.designer, spec.quantity) == ("Shelf bracket", ada.address, 2)
    assert requirement_of(spec.parts[0]).size_um == (70_000, 56_000, 14_000)
    [model] = job_models(opened)
    assert model.model == hex_of(salted_digest(bytes_of(model.salt), BRACKET.read_bytes()))
    assert hex_of(spec.parts[0].model) == model.model
    assert (model.design, model.name, model.copies) == (bracket.pk, "bracket.stl", 1)
    assert opened.estimate["grams"] > 10
    assert kinds(opened) == ["job.posted", "job.opened"]


def test_opening_freezes_each_part_with_its_settings_and_its_estimate(post, measured, bracket, ada):
    lid = measured(ada, stl(box(30, 30, 4)), "lid.stl")
    posted = post(
        ada,
        parts=[
            part(bracket.pk, copies=4, material="PETG", colour="black", infill_percent=40),
            part(lid.pk, colour="white", layer_um=150, infill_percent=15),
        ],
    )
    assert settle() == 1
    job = Job.objects.get(pk=posted.json()["id"])
    spec = JobSpec.from_json(job.spec)
    assert [(p.copies, p.filament, p.layer_um, p.infill_percent) for p in spec.parts] == [
        (4, "PETG black", 200, 40),
        (1, "PLA white", 150, 15),
    ]
    assert job.filaments == "PETG black, PLA white"
    each = [one.estimate for one in job.parts.all()]
    assert each[0]["grams"] > each[1]["grams"] > 0
    for name in ("print_seconds", "grams"):
        assert sum(one[name] for one in each) == pytest.approx(job.estimate[name], abs=1)
    for name in ("price_low", "price_high"):
        assert sum(int(one[name]) for one in each) == pytest.approx(int(job.estimate[name]), rel=1e-3)


def test_the_same_file_has_another_digest_in_every_job(post, bracket, ada):
    for _ in range(2):
        post(ada, bracket.pk)
    assert settle() == 2
    one, other = Job.objects.all()
    assert one.job_digest != other.job_digest
    assert job_models(one)[0].model != job_models(other)[0].model
    assert bracket.digest not in {model.model for job in (one, other) for model in job_models(job)}


def test_opening_twice_opens_once(opened, post, bracket, ada):
    stale = Job.objects.get(pk=opened.pk)
    stale.status = JobStatus.MEASURING
    assert services.job_settle(job=stale, now=timezone.now()) is False
    assert kinds(opened) == ["job.posted", "job.opened"]
    assert settle() == 0


def test_a_finished_measurement_wakes_the_job(post, upload, ada, store, django_capture_on_commit_callbacks):
    from marketplace.config.celery import app

    post(ada, upload(ada).json()["id"])
    app.conf.task_always_eager = True
    try:
        with django_capture_on_commit_callbacks(execute=True):
            design_measure_next()
    finally:
        app.conf.task_always_eager = False
    assert Job.objects.get().status == "OPEN"


def test_open_jobs_expire_with_their_deadline_and_no_others(opened, post, bracket, ada):
    post(ada, bracket.pk)
    assert expire() == 0
    Job.objects.update(deadline=timezone.now() - timedelta(seconds=1))
    assert expire() == 1
    assert {job.status for job in Job.objects.all()} == {"EXPIRED", "MEASURING"}
    assert expire() == 0


def test_a_job_past_its_bidding_is_not_listed_for_bidders(opened):
    assert list(jobs_open(timezone.now())) == [opened]
    assert list(jobs_open(opened.bids_close_at)) == []


def test_awards_reopenings_and_the_close_follow_each_other(opened):
    assert services.job_close(job=opened) is False
    assert services.job_award(job=opened) is True
    assert services.job_award(job=opened) is False
    assert services.job_reopen(job=opened) is True
    assert services.job_reopen(job=opened) is False
    assert services.job_award(job=opened) is True
    assert services.job_close(job=opened) is True
    assert services.job_reopen(job=opened) is False
    assert kinds(opened)[2:] == ["job.awarded", "job.reopened", "job.awarded", "job.closed"]


def test_who_comes_late_changes_nothing(opened):
    late = Job.objects.get(pk=opened.pk)
    assert services.job_award(job=opened)
    assert services.job_expire(job=late) is False
    assert (late.status, Design.objects.get().status) == ("AWARDED", "MEASURED")


def test_counts_are_what_bidding_says(opened, client_of, ada):
    services.job_counts_set(job=opened.pk, bids=3, declines=1)
    shown = client_of(ada).get(f"/api/v1/jobs/{opened.pk}").json()
    assert shown["counts"] == {"bids": 3, "declines": 1}
