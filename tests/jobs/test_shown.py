"""How much of its designs a job shows to those who may bid: the designer says so, one function decides."""

from __future__ import annotations

import pytest
from django.utils import timezone

from marketplace.designs import store
from marketplace.designs.models import Design
from marketplace.designs.rules import Shown, What
from marketplace.jobs import services
from marketplace.jobs.models import Job
from marketplace.jobs.selectors import job_models, job_shows
from protocol.units import hex_of

pytestmark = pytest.mark.django_db
AGREEMENT = "0x" + "11" * 32


@pytest.fixture
def showing(post, bracket, ada):
    """Ada's open job that shows so much."""

    def make(shown: Shown) -> Job:
        made = Job.objects.get(pk=post(ada, bracket.pk, shown=shown.value).json()["id"])
        services.jobs_settle(now=timezone.now())
        made.refresh_from_db()
        return made

    return make


def picture(client, job):
    return client.get(f"/api/v1/jobs/{job.pk}/picture").status_code


def preview(client, job):
    return client.get(f"/api/v1/jobs/{job.pk}/preview").status_code


def test_what_there_is_not_to_show_is_refused(post, bracket, ada):
    answer = post(ada, bracket.pk, shown="everything")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["shown"])


@pytest.mark.parametrize("shown", Shown)
def test_a_bidder_sees_what_the_job_shows_and_a_stranger_nothing(
    shown, showing, client_of, registered, bo, charlie
):
    registered(bo)
    job = showing(shown)
    kept = {"preview": hex_of(store.bytes_save(b"glTF")), "light": hex_of(store.bytes_save(b"glTF coarse"))}
    Design.objects.update(**kept)
    assert picture(client_of(charlie), job) == 404
    assert picture(client_of(bo), job) == (404 if shown == Shown.MEASUREMENTS else 200)
    assert preview(client_of(charlie), job) == 404
    assert preview(client_of(bo), job) == (200 if shown == Shown.PREVIEW else 404)
    assert not job_shows(job, bo.address, What.ORIGINAL)
    if shown == Shown.PREVIEW:
        assert client_of(bo).get(f"/api/v1/jobs/{job.pk}/preview").content == b"glTF coarse"
    told = client_of(bo).get(f"/api/v1/jobs/{job.pk}").json()
    assert (told["shown"], told["parts"][0]["size_um"]) == (shown.value, [70_000, 56_000, 14_000])


def test_its_designer_and_its_winner_see_the_picture_of_a_confidential_job(
    showing, client_of, registered, ada, bo
):
    registered(bo)
    job = showing(Shown.MEASUREMENTS)
    assert picture(client_of(ada), job) == 200
    services.job_grant(job=job, provider=bo.address, agreement=AGREEMENT)
    assert picture(client_of(bo), job) == 200


def test_pictures_are_shown_unless_something_else_is_asked_for(opened, client_of, registered, bo):
    registered(bo)
    assert (opened.shown, picture(client_of(bo), opened)) == (Shown.PICTURES, 200)


def test_the_design_of_a_job_that_is_not_over_is_not_deleted(opened, bracket, client_of, ada):
    answer = client_of(ada).delete(f"/api/v1/designs/{bracket.pk}")
    assert (answer.status_code, answer.json()["code"]) == (409, "design-in-use")
    assert "“Shelf bracket” is OPEN" in answer.json()["detail"]


def test_once_the_job_is_over_the_design_goes_and_the_job_still_reads(
    opened, bracket, client_of, registered, ada, bo
):
    registered(bo)
    services.job_withdraw(designer=ada.address, job=opened.pk)
    assert client_of(ada).delete(f"/api/v1/designs/{bracket.pk}").status_code == 204
    assert (picture(client_of(ada), opened), picture(client_of(bo), opened)) == (404, 404)
    spec = client_of(ada).get(f"/api/v1/jobs/{opened.pk}/spec").json()["spec"]
    assert spec == opened.spec
    assert client_of(ada).get(f"/api/v1/jobs/{opened.pk}").json()["parts"][0]["status"] == "DELETED"


def test_a_deleted_design_is_none_to_post_a_job_of(opened, bracket, post, client_of, ada):
    services.job_withdraw(designer=ada.address, job=opened.pk)
    client_of(ada).delete(f"/api/v1/designs/{bracket.pk}")
    answer = post(ada, bracket.pk)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["parts.0.design"])


def test_the_same_file_in_two_jobs_has_two_public_digests(showing):
    first, second = showing(Shown.PICTURES), showing(Shown.PICTURES)
    digests = {job.frozen_spec.parts[0].model for job in (first, second)}
    assert len(digests | {part.design.digest for part in first.parts.all()}) == 3
    assert first.job_digest != second.job_digest


def test_a_job_that_takes_no_bids_shows_providers_no_pictures(showing, client_of, registered, ada, bo):
    registered(bo)
    job = showing(Shown.PREVIEW)
    assert picture(client_of(bo), job) == 200
    services.job_withdraw(designer=ada.address, job=job.pk)
    assert (picture(client_of(bo), job), picture(client_of(ada), job)) == (404, 200)


@pytest.mark.parametrize(
    ("file", "told"),
    [("turbine.STL", "part 1.stl"), ("turbine.step", "part 1.step"), ("a.secret", "part 1.stl")],
)
def test_a_confidential_job_does_not_tell_how_its_files_are_called(
    file, told, showing, bracket, client_of, registered, ada, bo
):
    registered(bo)
    Design.objects.update(name=file)
    job = showing(Shown.MEASUREMENTS)
    assert job.frozen_spec.parts[0].name == told
    for who, name in ((bo, told), (ada, file)):
        assert client_of(who).get(f"/api/v1/jobs/{job.pk}").json()["parts"][0]["name"] == name
    assert showing(Shown.PICTURES).frozen_spec.parts[0].name == file


def test_what_was_awarded_before_version_2_of_specs_is_still_fetched(opened, client_of, ada, bo):
    """Its page opens too: nothing answers such a spec any more, and nothing breaks at it."""
    old = opened.spec | {"version": 1}
    Job.objects.update(spec=old, status="AWARDED")
    job = Job.objects.get()
    assert job.frozen_spec is None
    (model,) = job_models(job)
    assert (model.model, model.bytes) == (old["parts"][0]["model"], old["parts"][0]["bytes"])
    assert client_of(ada).get(f"/api/v1/jobs/{job.pk}/spec").json()["spec"] == old
    assert client_of(ada).get(f"/api/v1/jobs/{job.pk}/matches").json()["code"] == "job-not-opened"
    assert client_of(ada).get(f"/jobs/{job.pk}").status_code == 200
