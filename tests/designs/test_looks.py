"""Who saw a design's pictures: counted once a person and day, allowed or not; gone with the design."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from marketplace.activity.selectors import activity_of
from marketplace.designs import access
from marketplace.designs.access import looks_at
from marketplace.designs.models import Design, Viewing
from marketplace.designs.services import design_delete, design_grant_create
from marketplace.designs.store import bytes_save
from protocol.units import hex_of
from tests.factories.models import BRACKET

pytestmark = pytest.mark.django_db
AGREEMENT = "0x" + "11" * 32


@pytest.fixture
def design(measured, ada) -> Design:
    made = measured(ada, BRACKET.read_bytes(), "bracket.stl")
    Design.objects.update(preview=hex_of(bytes_save(b"glTF")))
    return made


def look(client, design, what="picture"):
    return client.get(f"/api/v1/designs/{design.pk}/{what}").status_code


def rows(design) -> list[tuple]:
    return [(one.viewer, one.standing, one.what, one.given, one.count) for one in looks_at(design)]


def test_who_may_not_see_it_is_counted_as_refused(design, client_of, charlie):
    assert [look(client_of(charlie), design) for _ in range(3)] == [404] * 3
    assert rows(design) == [(charlie.address, "stranger", "picture", False, 3)]


def test_nobody_signed_in_and_nothing_there_is_no_row(design, client_of, charlie):
    assert look(client_of(), design) == 401
    assert client_of(charlie).get(f"/api/v1/designs/{design.pk}/picture?angle=inside").status_code == 400
    Design.objects.update(preview="")
    assert look(client_of(charlie), design, "preview") == 404
    assert rows(design) == []


def test_the_designers_own_looks_are_nobodys_business(design, client_of, ada):
    assert (look(client_of(ada), design), look(client_of(ada), design, "preview")) == (200, 200)
    assert rows(design) == []


def test_a_day_is_a_row_and_so_is_what_was_seen(design, client_of, bo, monkeypatch):
    design_grant_create(design=design.pk, provider=bo.address, agreement=AGREEMENT)
    assert [look(client_of(bo), design) for _ in range(2)] == [200, 200]
    assert look(client_of(bo), design, "preview") == 200
    assert rows(design) == [
        (bo.address, "winner", "preview", True, 1),
        (bo.address, "winner", "picture", True, 2),
    ]
    tomorrow = timezone.now() + timedelta(days=1)
    monkeypatch.setattr(access.timezone, "now", lambda: tomorrow)
    look(client_of(bo), design)
    assert [one.day for one in looks_at(design)] == [tomorrow.date(), *[Viewing.objects.first().day] * 2]


def test_what_was_seen_goes_with_the_design_and_that_it_was_deleted_stays(
    design, client_of, ada, bo, charlie
):
    subject = design.subject
    design_grant_create(design=design.pk, provider=bo.address, agreement=AGREEMENT)
    look(client_of(bo), design)
    look(client_of(charlie), design)
    design_delete(owner=ada.address, design=design.pk)
    assert not Viewing.objects.exists()
    deleted = activity_of(subject).get(kind="design.deleted")
    assert (deleted.actor, deleted.data) == (ada.address, {"owner": ada.address, "seen_by": 1})
    assert [look(client_of(person), design) for person in (ada, bo, charlie)] == [404] * 3
    assert not Viewing.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_design_that_is_deleted_as_somebody_looks_is_not_there(design, client_of, charlie, monkeypatch):
    known = access._standing

    def deleted(*args, **kwargs):
        design_delete(owner=design.owner_id, design=design.pk)
        return known(*args, **kwargs)

    monkeypatch.setattr(access, "_standing", deleted)
    assert look(client_of(charlie), design) == 404
