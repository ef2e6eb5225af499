"""Who may see what of a job, and who may end it."""

import uuid

import pytest

from marketplace.jobs import services
from marketplace.jobs.models import Job

pytestmark = pytest.mark.django_db
AGREEMENT = "0x" + "11" * 32
READ_ROUTES = ("", "/spec", "/picture", "/preview")


def get(client, job, route=""):
    return client.get(f"/api/v1/jobs/{job.pk}{route}")


@pytest.mark.parametrize("route", READ_ROUTES)
def test_nobody_signed_in_sees_nothing(route, opened, client_of):
    assert get(client_of(), opened, route).status_code == 401


@pytest.mark.parametrize("route", READ_ROUTES)
def test_a_stranger_sees_nothing(route, opened, client_of, charlie):
    assert get(client_of(charlie), opened, route).status_code == 404


@pytest.mark.parametrize("route", READ_ROUTES)
def test_a_job_that_is_not_there_is_not_found(route, client_of, ada):
    assert client_of(ada).get(f"/api/v1/jobs/{uuid.uuid4()}{route}").status_code == 404


@pytest.mark.parametrize("who", ["nobody", "stranger", "provider"])
def test_only_the_designer_withdraws(who, opened, client_of, registered, bo, charlie):
    registered(bo)
    client = client_of({"nobody": None, "stranger": charlie, "provider": bo}[who])
    assert client.post(f"/api/v1/jobs/{opened.pk}/withdraw").status_code in {401, 404}
    assert Job.objects.get().status == "OPEN"


def test_a_job_is_withdrawn_once_and_only_while_open(opened, client_of, ada):
    withdraw = f"/api/v1/jobs/{opened.pk}/withdraw"
    assert client_of(ada).post(withdraw).json()["status"] == "WITHDRAWN"
    again = client_of(ada).post(withdraw)
    assert (again.status_code, again.json()["code"]) == (409, "job-status-conflict")


def test_a_measuring_job_is_its_designers_alone(post, bracket, client_of, registered, ada, bo):
    registered(bo)
    job = Job.objects.get(pk=post(ada, bracket.pk).json()["id"])
    assert get(client_of(bo), job).status_code == 404
    assert get(client_of(ada), job).status_code == 200
    refused = get(client_of(ada), job, "/spec")
    assert (refused.status_code, refused.json()["code"]) == (409, "job-not-opened")


def test_a_provider_sees_an_open_job_but_neither_budget_nor_design(opened, client_of, registered, bo):
    registered(bo)
    shown = get(client_of(bo), opened).json()
    assert shown["budget"] is None
    assert shown["parts"][0]["design"] is None
    assert shown["parts"][0]["size_um"] == [70_000, 56_000, 14_000]
    assert get(client_of(bo), opened, "/picture")["Content-Type"] == "image/png"


def test_the_designer_sees_all_of_it(opened, bracket, client_of, ada):
    shown = get(client_of(ada), opened).json()
    assert shown["budget"] == "5000000000000000"
    assert shown["parts"][0]["design"] == str(bracket.pk)
    assert shown["job_digest"] == opened.job_digest
    assert int(shown["estimate"]["price_low"]) > 0


def test_the_spec_goes_to_providers_while_the_job_is_open_and_then_to_its_winner(
    opened, client_of, registered, ada, bo, charlie
):
    for account in (bo, charlie):
        registered(account)
    for account in (ada, bo, charlie):
        found = get(client_of(account), opened, "/spec").json()
        assert found == {
            "job": str(opened.pk),
            "spec": opened.spec,
            "salt": opened.salt_text,
            "job_digest": opened.job_digest,
            "shown": "pictures",
        }
    services.job_award(job=opened)
    services.job_grant(job=opened, provider=bo.address, agreement=AGREEMENT)
    assert get(client_of(ada), opened, "/spec").status_code == 200
    assert get(client_of(bo), opened, "/spec").status_code == 200
    refused = get(client_of(charlie), opened, "/spec")
    assert (refused.status_code, refused.json()["code"]) == (403, "job-spec-closed")


def test_winning_one_job_opens_no_other_of_the_same_design(
    opened, post, bracket, client_of, registered, ada, bo
):
    registered(bo)
    other = Job.objects.get(pk=post(ada, bracket.pk).json()["id"])
    services.jobs_settle(now=other.posted_at)
    other.refresh_from_db()
    services.job_grant(job=opened, provider=bo.address, agreement=AGREEMENT)
    services.job_award(job=other)
    assert get(client_of(bo), other, "/spec").status_code == 403


def test_the_winner_may_fetch_the_file_and_the_loser_not(opened, bracket, client_of, registered, bo, charlie):
    for account in (bo, charlie):
        registered(account)
        assert client_of(account).get(f"/api/v1/designs/{bracket.pk}/file").status_code == 403
    services.job_grant(job=opened, provider=bo.address, agreement=AGREEMENT)
    answer = client_of(bo).get(f"/api/v1/designs/{bracket.pk}/file")
    assert (answer.status_code, answer.json()["code"]) == (403, "delivery-needed")
    assert client_of(charlie).get(f"/api/v1/designs/{bracket.pk}/file").status_code == 403


def test_lists_show_what_one_may_know(opened, post, bracket, client_of, registered, ada, bo, charlie):
    registered(bo)
    waiting = post(ada, bracket.pk).json()["id"]

    def listed(account, query=""):
        return {job["id"] for job in client_of(account).get(f"/api/v1/jobs{query}").json()}

    assert listed(ada) == {str(opened.pk), waiting}
    assert listed(ada, "?status=OPEN") == {str(opened.pk)}
    assert listed(bo) == {str(opened.pk)}
    assert listed(bo, "?mine=1") == set()
    assert listed(charlie) == set()
    assert client_of().get("/api/v1/jobs").status_code == 401


def test_a_list_costs_as_many_queries_for_ten_jobs_as_for_one(
    opened, post, bracket, client_of, ada, django_assert_max_num_queries
):
    for _ in range(9):
        post(ada, bracket.pk)
    client = client_of(ada)
    with django_assert_max_num_queries(9):
        assert len(client.get("/api/v1/jobs").json()) == 10


def test_a_picture_is_not_there_before_its_design_is_measured(post, upload, client_of, ada):
    job = post(ada, upload(ada).json()["id"]).json()["id"]
    assert client_of(ada).get(f"/api/v1/jobs/{job}/picture").status_code == 404
