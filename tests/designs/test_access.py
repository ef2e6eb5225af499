"""Who may see a design and who may fetch its file."""

import uuid

import pytest

from marketplace.activity.selectors import activity_of
from marketplace.designs.services import design_grant_create, design_grant_revoke
from tests.factories.models import BRACKET, box, stl

pytestmark = pytest.mark.django_db
AGREEMENT, OTHER = "0x" + "11" * 32, "0x" + "22" * 32
ROUTES = ("", "/picture", "/file", "/estimate")


@pytest.fixture
def design(measured, ada):
    return measured(ada, BRACKET.read_bytes(), "bracket.stl")


def get(client, design, route=""):
    return client.get(f"/api/v1/designs/{design.pk}{route}")


@pytest.mark.parametrize("route", ROUTES)
def test_nobody_signed_in_gets_nothing(route, design, client_of):
    assert get(client_of(), design, route).status_code == 401


@pytest.mark.parametrize("route", ROUTES)
def test_a_stranger_gets_nothing(route, design, client_of, charlie):
    answer = get(client_of(charlie), design, route)
    assert (answer.status_code, answer.json()["code"]) in {(404, "not-found"), (403, "design-not-granted")}


@pytest.mark.parametrize("route", ROUTES)
def test_a_design_that_is_not_there_is_not_found(route, client_of, ada):
    assert client_of(ada).get(f"/api/v1/designs/{uuid.uuid4()}{route}").status_code == 404


def test_lists_hold_ones_own_alone(design, client_of, ada, charlie):
    assert [each["id"] for each in client_of(ada).get("/api/v1/designs").json()] == [str(design.pk)]
    assert client_of(charlie).get("/api/v1/designs").json() == []
    assert client_of().get("/api/v1/designs").status_code == 401


def test_a_provider_without_a_grant_is_refused_even_with_a_printer(design, client_of, registered, bo):
    registered(bo)
    answer = get(client_of(bo), design, "/file")
    assert (answer.status_code, answer.json()["code"]) == (403, "design-not-granted")
    assert "final" in answer.json()["detail"]


def test_the_winner_fetches_the_very_bytes_and_a_loser_still_cannot(design, client_of, bo, charlie):
    design_grant_create(design=design.pk, provider=bo.address, agreement=AGREEMENT)
    answer = get(client_of(bo), design, "/file")
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content) == BRACKET.read_bytes()
    assert answer["Content-Disposition"] == 'attachment; filename="bracket.stl"'
    assert answer["Cache-Control"] == "private, no-store"
    assert get(client_of(charlie), design, "/file").status_code == 403
    fetched = activity_of(design.subject).filter(kind="design.fetched").get()
    assert fetched.actor == bo.address


def test_a_grant_shows_the_design_but_not_as_ones_own(design, client_of, bo):
    design_grant_create(design=design.pk, provider=bo.address, agreement=AGREEMENT)
    assert get(client_of(bo), design).status_code == 200
    assert get(client_of(bo), design, "/picture").status_code == 200
    assert get(client_of(bo), design, "/estimate").status_code == 404
    assert client_of(bo).get("/api/v1/designs").json() == []


def test_a_revoked_grant_ends_fetching_and_may_revive(design, client_of, bo):
    design_grant_create(design=design.pk, provider=bo.address, agreement=AGREEMENT)
    assert design_grant_revoke(agreement=AGREEMENT) == 1
    assert design_grant_revoke(agreement=AGREEMENT) == 0
    assert get(client_of(bo), design, "/file").status_code == 403
    design_grant_create(design=design.pk, provider=bo.address, agreement=AGREEMENT)
    assert get(client_of(bo), design, "/file").status_code == 200


def test_revoking_one_agreement_leaves_another_alone(design, client_of, bo):
    for agreement in (AGREEMENT, OTHER):
        design_grant_create(design=design.pk, provider=bo.address, agreement=agreement)
    design_grant_revoke(agreement=OTHER)
    assert get(client_of(bo), design, "/file").status_code == 200


def test_granting_twice_is_granting_once(design, bo):
    first = design_grant_create(design=design.pk, provider=bo.address, agreement=AGREEMENT)
    again = design_grant_create(design=design.pk, provider=bo.address, agreement=AGREEMENT)
    assert first == again
    assert activity_of(design.subject).filter(kind="design.granted").count() == 1


def test_the_owner_may_always_fetch_and_that_is_no_news(design, client_of, ada):
    assert get(client_of(ada), design, "/file").status_code == 200
    assert not activity_of(design.subject).filter(kind="design.fetched").exists()


@pytest.mark.parametrize(
    ("wanted", "start", "stop"),
    [
        ("bytes=0-99", 0, 100),
        ("bytes=100-", 100, None),
        ("bytes=-50", -50, None),
        ("bytes=600-99999", 600, None),
    ],
)
def test_a_broken_download_goes_on_where_it_stopped(wanted, start, stop, measured, client_of, ada):
    design, data = measured(ada), stl(box())
    answer = client_of(ada).get(f"/api/v1/designs/{design.pk}/file", HTTP_RANGE=wanted)
    part = data[start:stop]
    assert answer.status_code == 206
    assert b"".join(answer.streaming_content) == part
    assert answer["Content-Length"] == str(len(part))
    first = len(data) + start if start < 0 else start
    assert answer["Content-Range"] == f"bytes {first}-{first + len(part) - 1}/{len(data)}"


@pytest.mark.parametrize("wanted", ["bytes=0-1,5-6", "bytes=9-3", "lines=1-2", "bytes=-", ""])
def test_ranges_not_understood_get_the_whole_file(wanted, measured, client_of, ada):
    design = measured(ada)
    answer = client_of(ada).get(f"/api/v1/designs/{design.pk}/file", HTTP_RANGE=wanted)
    assert (answer.status_code, b"".join(answer.streaming_content)) == (200, stl(box()))


def test_a_range_beyond_the_end_is_refused(measured, client_of, ada):
    design = measured(ada)
    answer = client_of(ada).get(f"/api/v1/designs/{design.pk}/file", HTTP_RANGE="bytes=684-")
    assert (answer.status_code, answer["Content-Range"]) == (416, "bytes */684")
