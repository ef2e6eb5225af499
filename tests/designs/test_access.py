"""Who may see a design and who may fetch its file."""

import uuid

import pyrage
import pytest
from pyrage.x25519 import Identity

from marketplace.activity.selectors import activity_of
from marketplace.designs.access import requests_for_originals
from marketplace.designs.deliveries import design_deliver
from marketplace.designs.models import Delivery, StoredFile
from marketplace.designs.rules import DesignNotGranted, RecipientRefused, Shown, Standing, What, may_have
from marketplace.designs.services import design_grant_create, design_grant_revoke
from marketplace.designs.store import sealed_delete
from tests.factories.models import BRACKET, box, stl

pytestmark = pytest.mark.django_db
ME = Identity.generate()
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


def delivered(design, provider, agreement=AGREEMENT, me=ME):
    """What is encrypted to a provider's agent, as it is fetched."""
    asked = {"design": design.pk, "provider": provider.address, "agreement": agreement}
    return design_deliver(**asked, recipient=str(me.to_public()), statement="0x")


def fetch(client, delivery, **headers):
    return client.get(f"/api/v1/deliveries/{delivery.pk}/file", **headers)


def test_the_plain_file_is_for_nobody_but_the_designer(design, client_of, bo, ada):
    design_grant_create(design=design.pk, provider=bo.address, agreement=AGREEMENT)
    answer = get(client_of(bo), design, "/file")
    assert (answer.status_code, answer.json()["code"]) == (403, "delivery-needed")
    answer = get(client_of(ada), design, "/file")
    assert b"".join(answer.streaming_content) == BRACKET.read_bytes()
    assert answer["Content-Disposition"] == 'attachment; filename="bracket.stl"'
    assert answer["Cache-Control"] == "private, no-store"


def test_the_winner_fetches_the_very_bytes_and_a_loser_still_cannot(design, client_of, ada, bo, charlie):
    design_grant_create(design=design.pk, provider=bo.address, agreement=AGREEMENT)
    delivery = delivered(design, bo)
    for other in (charlie, ada):
        answer = fetch(client_of(other), delivery)
        assert (answer.status_code, answer.json()["code"]) == (403, "design-not-granted")
    sealed = b"".join(fetch(client_of(bo), delivery).streaming_content)
    assert BRACKET.read_bytes()[100:200] not in sealed
    assert pyrage.decrypt(sealed, [ME]) == BRACKET.read_bytes()
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(sealed, [Identity.generate()])


def test_a_delivery_goes_on_where_it_stopped_and_is_made_once(design, client_of, bo):
    design_grant_create(design=design.pk, provider=bo.address, agreement=AGREEMENT)
    first, again = delivered(design, bo), delivered(design, bo)
    assert (first, first.digest) == (again, again.digest)
    start = b"".join(fetch(client_of(bo), first, HTTP_RANGE="bytes=0-99").streaming_content)
    rest = fetch(client_of(bo), again, HTTP_RANGE="bytes=100-")
    assert rest.status_code == 206
    assert pyrage.decrypt(start + b"".join(rest.streaming_content), [ME]) == BRACKET.read_bytes()


def test_every_request_for_an_original_is_recorded_allowed_or_not(design, client_of, ada, bo, charlie):
    get(client_of(charlie), design, "/file")
    design_grant_create(design=design.pk, provider=bo.address, agreement=AGREEMENT)
    get(client_of(bo), design, "/file")
    fetch(client_of(bo), delivered(design, bo))
    get(client_of(ada), design, "/file")
    told = [(row.kind, row.actor, row.data["as"]) for row in reversed(requests_for_originals(design))]
    assert told == [
        ("design.fetch_refused", charlie.address, "stranger"),
        ("design.fetch_refused", bo.address, "winner"),
        ("design.fetched", bo.address, "winner"),
        ("design.fetched", ada.address, "designer"),
    ]


def test_a_grant_shows_the_design_but_not_as_ones_own(design, client_of, bo):
    design_grant_create(design=design.pk, provider=bo.address, agreement=AGREEMENT)
    assert get(client_of(bo), design).status_code == 200
    assert get(client_of(bo), design, "/picture").status_code == 200
    assert get(client_of(bo), design, "/estimate").status_code == 404
    assert client_of(bo).get("/api/v1/designs").json() == []


def test_a_revoked_grant_ends_fetching_and_may_revive(design, client_of, bo):
    design_grant_create(design=design.pk, provider=bo.address, agreement=AGREEMENT)
    delivery = delivered(design, bo)
    kept = StoredFile.objects.count()
    assert design_grant_revoke(agreement=AGREEMENT) == 1
    assert design_grant_revoke(agreement=AGREEMENT) == 0
    assert StoredFile.objects.count() == kept - 1, "what was encrypted for it is gone"
    assert fetch(client_of(bo), delivery).json()["code"] == "design-not-granted"
    with pytest.raises(DesignNotGranted):
        delivered(design, bo)
    design_grant_create(design=design.pk, provider=bo.address, agreement=AGREEMENT)
    assert delivered(design, bo) == delivery
    assert fetch(client_of(bo), delivery).status_code == 200


def test_revoking_one_agreement_leaves_another_alone(design, client_of, bo):
    for agreement in (AGREEMENT, OTHER):
        design_grant_create(design=design.pk, provider=bo.address, agreement=agreement)
    kept, ended = delivered(design, bo), delivered(design, bo, OTHER)
    design_grant_revoke(agreement=OTHER)
    assert fetch(client_of(bo), kept).status_code == 200
    assert fetch(client_of(bo), ended).status_code == 403


@pytest.mark.parametrize("recipient", ["age1", "age1qqqq", "AGE-SECRET-KEY-1QQQQ", "ssh-ed25519 AAAA"])
def test_what_is_no_age_key_gets_nothing(recipient, design, bo):
    design_grant_create(design=design.pk, provider=bo.address, agreement=AGREEMENT)
    asked = {"design": design.pk, "provider": bo.address, "agreement": AGREEMENT}
    with pytest.raises(RecipientRefused):
        design_deliver(**asked, recipient=recipient, statement="0x")
    assert not Delivery.objects.exists()


def test_a_delivery_that_the_store_lost_is_made_anew(design, client_of, bo):
    design_grant_create(design=design.pk, provider=bo.address, agreement=AGREEMENT)
    lost = delivered(design, bo)
    sealed_delete(StoredFile.objects.get(pk=lost.sealed).name)
    made = delivered(design, bo)
    assert (made.pk, made.digest != lost.digest) == (lost.pk, True)
    assert (
        pyrage.decrypt(b"".join(fetch(client_of(bo), made).streaming_content), [ME]) == BRACKET.read_bytes()
    )
    assert not StoredFile.objects.filter(pk=lost.sealed).exists()


def test_granting_twice_is_granting_once(design, bo):
    first = design_grant_create(design=design.pk, provider=bo.address, agreement=AGREEMENT)
    again = design_grant_create(design=design.pk, provider=bo.address, agreement=AGREEMENT)
    assert first == again
    assert activity_of(design.subject).filter(kind="design.granted").count() == 1


@pytest.mark.parametrize("standing", Standing)
@pytest.mark.parametrize("shown", Shown)
@pytest.mark.parametrize("what", What)
def test_a_bidder_has_what_the_job_shows_and_never_the_original(standing, shown, what):
    least = {What.MEASUREMENTS: 0, What.PICTURE: 1, What.PREVIEW: 2, What.ORIGINAL: 9}[what]
    rights = {
        Standing.DESIGNER: True,
        Standing.WINNER: True,
        Standing.BIDDER: list(Shown).index(shown) >= least,
        Standing.STRANGER: False,
    }
    assert may_have(standing, what, shown) is rights[standing]


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
