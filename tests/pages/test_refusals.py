"""Designs are secret until awarded: what strangers must not see, do or be led to."""

from __future__ import annotations

import pytest
from django.utils import timezone

from marketplace.accounts.models import Person
from marketplace.accounts.selectors import tokens_of
from marketplace.accounts.services import token_create
from marketplace.jobs.models import Job
from protocol.statuses import JobStatus
from tests.factories.market import bid_on, received, registered
from tests.factories.place import place  # noqa: F401

pytestmark = pytest.mark.usefixtures("place")
SECTIONS = ("status", "bids", "agreements", "facts")
SECRETS = ("Secret bracket", "part.stl", "PLA", "black", "20 × 20", "0.0123", "/picture")


def secrets_in(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]


@pytest.mark.parametrize("who", [None, "charlie"])
def test_a_stranger_learns_digest_and_status_alone(posted, browse, who, request):
    job, browser = posted(), browse(who and request.getfixturevalue(who))
    for path in (f"/jobs/{job.pk}", "/jobs", "/", "/now"):
        html = browser.client.get(path).content.decode()
        assert secrets_in(html) == [], path
    page = browser.get(f"/jobs/{job.pk}")
    assert job.job_digest in page.text
    assert "Open for bids" in page.text
    assert job.designer_id not in browser.client.get(f"/jobs/{job.pk}").content.decode()


def test_a_stranger_gets_no_section(posted, browse, charlie, bo):
    job = posted()
    received(bo, job, registered(bo))
    for section in SECTIONS:
        browse(charlie).get(f"/jobs/{job.pk}/{section}", 404)


@pytest.mark.parametrize("path", ["bids", "status", "agreements", "facts"])
def test_nobody_is_asked_to_sign_in_for_a_section(posted, browse, path):
    assert browse().leads(f"/jobs/{posted().pk}/{path}").startswith("/sign-in?next=")


@pytest.mark.parametrize("path", ["/account", "/designs/new", "/jobs/new", "/agreements/0x" + "11" * 32])
def test_what_is_personal_asks_to_sign_in(browse, path):
    assert browse().leads(path) == f"/sign-in?next={path}"


@pytest.mark.parametrize("status", [JobStatus.MEASURING, JobStatus.REFUSED])
def test_what_was_never_open_is_its_designers_own(posted, browse, ada, bo, charlie, status):
    job = posted()
    registered(bo)
    Job.objects.filter(pk=job.pk).update(status=status, spec=None, job_digest=None, estimate=None)
    for account in (None, bo, charlie):
        browse(account).get(f"/jobs/{job.pk}", 404)
        assert str(job.pk) not in browse(account).client.get("/jobs").content.decode()
    assert "Secret bracket" in browse(ada).get(f"/jobs/{job.pk}").text


def test_a_provider_sees_no_budget_and_no_rivals(posted, browse, bo, charlie):
    job = posted()
    received(bo, job, registered(bo))
    registered(charlie)
    html = browse(charlie).client.get(f"/jobs/{job.pk}").content.decode()
    assert "Secret bracket" in html
    assert f"/api/v1/jobs/{job.pk}/picture" in html
    assert "20 × 20 × 20 mm" in html
    assert "0.0123" not in html
    assert bo.address not in html
    assert "/award" not in html
    assert "ws-connect" not in html


def test_anothers_design_is_not_there(measured, browse, ada, charlie):
    design = measured(ada)
    for path in (
        f"/jobs/new?design={design.pk}",
        f"/designs/{design.pk}/card",
        f"/jobs/new/estimate?design={design.pk}&quantity=1",
        f"/jobs/new/parts?design={design.pk}",
        f"/jobs/new/models/{design.pk}",
    ):
        browse(charlie).get(path, 404)
    answer = browse(charlie).client.post(f"/jobs/new?design={design.pk}", {"title": "Mine now"})
    assert answer.status_code == 404


def test_only_the_designer_withdraws(posted, browse, ada, charlie):
    job = posted()
    assert browse(charlie).client.post(f"/jobs/{job.pk}/withdraw").status_code == 404
    assert browse(ada).client.get(f"/jobs/{job.pk}/withdraw").status_code == 405
    browse(ada).client.post(f"/jobs/{job.pk}/withdraw")
    job.refresh_from_db()
    assert job.status == JobStatus.WITHDRAWN
    again = browse(ada).client.post(f"/jobs/{job.pk}/withdraw", follow=True)
    assert "cannot become WITHDRAWN" in again.content.decode()


def test_only_ones_own_tokens_are_revoked(browse, ada, charlie):
    owner, _ = Person.objects.get_or_create(address=ada.address)
    token, _ = token_create(person=owner, name="agent", scopes=["read"], days=1)
    path = f"/account/tokens/{token.pk}/revoke"
    assert browse(charlie).client.post(path).status_code == 404
    assert tokens_of(owner).count() == 1
    assert "agent" in browse(ada).get("/account").text
    browse(ada).client.post(path)
    assert tokens_of(owner).count() == 0


@pytest.mark.parametrize(
    "after", ["//evil.example/x", "https://evil.example", "javascript:alert(1)", r"\\evil.example"]
)
def test_signing_in_leads_nowhere_else(browse, ada, after):
    assert browse(ada).leads(f"/sign-in?next={after}") == "/"
    assert "evil" not in browse().client.get(f"/sign-in?next={after}").content.decode()


def test_forms_of_other_sites_are_refused(posted, ada):
    from django.test import Client

    job = posted()
    client = Client(enforce_csrf_checks=True)
    client.force_login(Person.objects.get(address=ada.address))
    answer = client.post(f"/jobs/{job.pk}/withdraw")
    assert answer.status_code == 403
    assert "open for too long" in answer.content.decode()


def test_the_nodes_address_is_told_to_the_demo_alone(browse, settings):
    settings.DEMO_WALLET, settings.RPC_URL = False, "http://10.1.2.3:8545"
    html = browse().client.get("/sign-in").content.decode()
    assert "10.1.2.3" not in html
    assert "Ada" not in html


def test_bids_that_cannot_be_awarded_have_no_button(posted, browse, ada, bo):
    job = posted()
    printer = registered(bo)
    received(bo, job, printer)
    assert "Award the bid" in browse(ada).client.get(f"/jobs/{job.pk}").content.decode()
    job.bids.update(valid_until=timezone.now())
    html = browse(ada).client.get(f"/jobs/{job.pk}").content.decode()
    assert "Award the bid" not in html
    assert "Expired" in html
    assert bid_on(job, printer).unit_price == 10**16
