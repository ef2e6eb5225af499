"""Deletion that really deletes: who still needs a design keeps it, and nothing else does."""

from __future__ import annotations

import uuid
from contextlib import contextmanager

import pyrage
import pytest
from pyrage.x25519 import Identity

from marketplace.activity.selectors import activity_of
from marketplace.designs import deliveries, repairs, services, slicings, uses
from marketplace.designs import store as designs_store
from marketplace.designs.deliveries import design_deliver
from marketplace.designs.models import Delivery, Design, Grant, Repair, StoredFile
from marketplace.designs.rules import DesignDeleted, DesignNotGranted, DesignStatus
from marketplace.designs.selectors import bytes_used
from marketplace.designs.services import design_delete, design_grant_create, design_measure_next
from marketplace.designs.slicing.outcome import SliceOutcome
from protocol.units import digest_of, hex_of
from tests.factories.deal import MEASURED
from tests.factories.models import BRACKET, box, stl
from tests.parallel import at_once, waiting_after

pytestmark = pytest.mark.django_db(transaction=True)
AGREEMENT, OTHER = "0x" + "11" * 32, "0x" + "22" * 32
ME = Identity.generate()


@pytest.fixture
def design(measured, ada):
    return measured(ada, BRACKET.read_bytes(), "bracket.stl")


def deliver(design):
    grant = Grant.objects.get(design=design)
    asked = {"design": design.pk, "provider": grant.provider, "agreement": AGREEMENT}
    return design_deliver(**asked, recipient=str(ME.to_public()), statement="0x")


def lying(store):
    return [path for path in (store / "designs").rglob("*") if path.is_file()]


def test_nobody_deletes_what_is_another_s_or_not_there(design, client_of, bo, charlie):
    design_grant_create(design=design.pk, provider=bo.address, agreement=AGREEMENT)
    for client, wanted in (
        (client_of(charlie), design.pk),
        (client_of(bo), design.pk),
        (client_of(bo), uuid.uuid4()),
    ):
        assert client.delete(f"/api/v1/designs/{wanted}").status_code == 404
    assert client_of().delete(f"/api/v1/designs/{design.pk}").status_code == 401
    assert Design.objects.get().status == "MEASURED"


def test_what_somebody_still_needs_is_kept_and_the_reason_told(design, client_of, ada, monkeypatch, store):
    monkeypatch.setitem(
        uses._USES, "here", lambda found: "the job “Shelf” is OPEN" if found == design.pk else ""
    )
    answer = client_of(ada).delete(f"/api/v1/designs/{design.pk}")
    assert (answer.status_code, answer.json()["code"]) == (409, "design-in-use")
    assert "“Shelf” is OPEN" in answer.json()["detail"]
    assert len(lying(store)) == 2


def test_file_picture_keys_and_row_are_gone(design, client_of, ada, store):
    assert (len(lying(store)), StoredFile.objects.count()) == (2, 2)
    assert client_of(ada).delete(f"/api/v1/designs/{design.pk}").status_code == 204
    assert (lying(store), StoredFile.objects.count(), Design.objects.count()) == ([], 0, 0)
    assert client_of(ada).get(f"/api/v1/designs/{design.pk}").status_code == 404
    assert activity_of(design.subject).filter(kind="design.deleted", actor=ada.address).exists()
    assert bytes_used(ada.address) == 0


def test_where_the_past_names_it_the_row_stays_and_says_no_more_than_its_name(
    design, client_of, ada, bo, store
):
    design_grant_create(design=design.pk, provider=bo.address, agreement=AGREEMENT)
    delivery = deliver(design)
    design_delete(owner=ada.address, design=design.pk)
    left = Design.objects.get()
    assert (left.status, left.name, left.files) == (DesignStatus.DELETED, "bracket.stl", set())
    assert (left.measurement, left.source, left.reasons, left.bytes) == (None, None, [], 0)
    assert (lying(store), StoredFile.objects.count()) == ([], 0)
    for account in (ada, bo):
        for route in ("", "/picture", "/estimate"):
            assert client_of(account).get(f"/api/v1/designs/{design.pk}{route}").status_code == 404
        assert client_of(account).get(f"/api/v1/designs/{design.pk}/file").status_code in (403, 410)
    assert client_of(ada).get("/api/v1/designs").json() == []
    assert client_of(bo).get(f"/api/v1/deliveries/{delivery.pk}/file").json()["code"] == "design-deleted"
    assert client_of(ada).delete(f"/api/v1/designs/{design.pk}").status_code == 404


def test_it_can_be_uploaded_again_as_another_design(design, measured, ada, bo):
    design_grant_create(design=design.pk, provider=bo.address, agreement=AGREEMENT)
    design_delete(owner=ada.address, design=design.pk)
    again = measured(ada, BRACKET.read_bytes(), "bracket.stl")
    assert (again.pk != design.pk, again.status) == (True, "MEASURED")
    design_delete(owner=ada.address, design=again.pk)


def test_a_file_that_another_has_too_stays_for_that_one(design, measured, client_of, ada, bo, store):
    theirs = measured(bo, BRACKET.read_bytes(), "mine.stl")
    design_delete(owner=ada.address, design=design.pk)
    assert len(lying(store)) == 2
    answer = client_of(bo).get(f"/api/v1/designs/{theirs.pk}/file")
    assert b"".join(answer.streaming_content) == BRACKET.read_bytes()
    design_delete(owner=bo.address, design=theirs.pk)
    assert lying(store) == []


def test_a_grant_that_comes_late_gives_nothing(design, ada, bo):
    """A job of the past was awarded on chain by who deleted its design."""
    design_grant_create(design=design.pk, provider=bo.address, agreement=AGREEMENT)
    design_delete(owner=ada.address, design=design.pk)
    design_grant_create(design=design.pk, provider=bo.address, agreement=AGREEMENT)
    with pytest.raises(DesignDeleted, match="Its designer deleted"):
        deliver(design)
    assert not Delivery.objects.exists()


def test_deleted_while_it_is_measured_nothing_is_left_of_what_the_measurer_made(
    upload, ada, store, monkeypatch
):
    upload(ada, stl(box()))
    design = Design.objects.get()

    def deleted_meanwhile(model, picture, limits, beat, unit="", **how):
        design_delete(owner=ada.address, design=design.pk)
        picture.write_bytes(b"a picture")
        return MEASURED

    monkeypatch.setattr(services, "measure_in_child", deleted_meanwhile)
    services.design_measure_next()
    assert (Design.objects.count(), StoredFile.objects.count(), lying(store)) == (0, 0, [])


def test_a_file_that_comes_again_while_its_last_design_is_deleted_opens(design, upload, ada, bo, monkeypatch):
    monkeypatch.setattr(services, "files_hold", waiting_after(services.files_hold))
    at_once(
        lambda: design_delete(owner=ada.address, design=design.pk),
        lambda: upload(bo, BRACKET.read_bytes(), "mine.stl"),
    )
    theirs = Design.objects.get(owner=bo.address)
    assert b"".join(designs_store.file_chunks(digest_of(theirs.digest))) == BRACKET.read_bytes()


def test_a_delivery_made_while_its_design_is_deleted_leaves_nothing(design, ada, bo, store, monkeypatch):
    design_grant_create(design=design.pk, provider=bo.address, agreement=AGREEMENT)
    encrypt = pyrage.encrypt_io

    def deleted_meanwhile(*given):
        encrypt(*given)
        design_delete(owner=ada.address, design=design.pk)

    monkeypatch.setattr(deliveries.pyrage, "encrypt_io", deleted_meanwhile)
    with pytest.raises((DesignDeleted, DesignNotGranted)):
        deliver(design)
    assert (StoredFile.objects.count(), Delivery.objects.count(), lying(store)) == (0, 0, [])


def test_granted_while_it_is_deleted_it_gives_nothing(design, ada, bo, monkeypatch):
    """A grant of the past keeps the row, so that the new one has what to refer to."""
    design_grant_create(design=design.pk, provider=bo.address, agreement=OTHER)
    monkeypatch.setattr(services, "uses_of", waiting_after(services.uses_of))
    asked = {"design": design.pk, "provider": bo.address, "agreement": AGREEMENT}
    at_once(
        lambda: design_delete(owner=ada.address, design=design.pk),
        lambda: design_grant_create(**asked),
    )
    assert Design.objects.get().status == DesignStatus.DELETED
    with pytest.raises((DesignDeleted, DesignNotGranted)):
        design_deliver(**asked, recipient=str(ME.to_public()), statement="0x")


def test_two_deliveries_asked_for_at_once_are_one(design, bo, store):
    design_grant_create(design=design.pk, provider=bo.address, agreement=AGREEMENT)
    first, second = at_once(*[lambda: deliver(design)] * 2)
    assert (first.pk, first.digest) == (second.pk, second.digest)
    assert len(lying(store)) == StoredFile.objects.count() == 3


@pytest.fixture
def archive(design, ada, person) -> Design:
    """A zip of which the design and another one are parts."""
    zipped = Design.objects.create(
        owner=person(ada),
        name="set.zip",
        digest=hex_of(designs_store.bytes_save(b"zip")),
        bytes=3,
        status="MEASURED",
    )
    other = Design.objects.create(
        owner=person(ada), name="b.stl", digest=design.digest, bytes=design.bytes, part_of=zipped, position=1
    )
    Design.objects.filter(pk=design.pk).update(part_of=zipped, position=0)
    assert {each.pk for each in zipped.parts.all()} == {design.pk, other.pk}
    return zipped


def test_an_archive_that_is_deleted_is_nothing_any_more_and_its_parts_are_designs(
    archive, design, client_of, ada
):
    api = client_of(ada)
    assert api.get(f"/api/v1/designs/{design.pk}").json()["part_of"] == str(archive.pk)
    design_delete(owner=ada.address, design=archive.pk)
    archive.refresh_from_db()
    assert (archive.name, archive.bytes, archive.files) == ("", 0, set())
    assert api.get(f"/api/v1/designs/{archive.pk}").status_code == 404
    listed = api.get("/api/v1/designs").json()
    assert {each["id"] for each in listed} == {str(part.pk) for part in archive.parts.all()}
    assert {each["part_of"] for each in listed} == {None}
    first, last = archive.parts.all()
    design_delete(owner=ada.address, design=first.pk)
    assert Design.objects.filter(pk=archive.pk).exists(), "a part of it is still there"
    design_delete(owner=ada.address, design=last.pk)
    assert not Design.objects.exists()


def test_a_version_outlives_its_original_and_takes_its_row_along(design, client_of, ada, person):
    version = Design.objects.create(
        owner=person(ada),
        name="v.stl",
        digest=hex_of(designs_store.bytes_save(b"v")),
        bytes=1,
        repaired_from=design,
    )
    design_delete(owner=ada.address, design=design.pk)
    assert Design.objects.get(pk=design.pk).name == ""
    assert client_of(ada).get(f"/api/v1/designs/{version.pk}").json()["repaired_from"] is None
    design_delete(owner=ada.address, design=version.pk)
    assert not Design.objects.exists()


def test_a_past_grant_keeps_the_name(design, ada, bo):
    design_grant_create(design=design.pk, provider=bo.address, agreement=AGREEMENT)
    design_delete(owner=ada.address, design=design.pk)
    assert (Design.objects.get().name, Design.objects.get().status) == ("bracket.stl", "DELETED")


@pytest.mark.parametrize("when", ["before it is opened", "while it is read"])
@pytest.mark.parametrize("kept", [False, True], ids=["the row goes", "the row is emptied"])
@pytest.mark.parametrize("work", ["measure", "repair", "slice"])
def test_a_design_may_be_deleted_while_a_child_reads_it(
    work, when, kept, upload, ada, bo, monkeypatch, store
):
    upload(ada)
    design = Design.objects.get()
    if work != "measure":
        Design.objects.update(status="MEASURED", measurement=MEASURED.to_json())
    if kept:
        design_grant_create(design=design.pk, provider=bo.address, agreement=AGREEMENT)
    if work == "repair":
        Repair.objects.create(design=design)
    if work == "slice":
        slicings.slicing_want(design=design)
    module = {"measure": services, "repair": repairs, "slice": slicings}[work]
    done = {"measure": design_measure_next, "repair": repairs.repair_next, "slice": slicings.slicing_next}[
        work
    ]
    copy = module.plain_copy

    @contextmanager
    def deleted(address):
        if when == "before it is opened":
            design_delete(owner=ada.address, design=design.pk)
        with copy(address) as place:
            if when == "while it is read":
                design_delete(owner=ada.address, design=design.pk)
            yield place

    monkeypatch.setattr(module, "plain_copy", deleted)
    said = SliceOutcome(seconds=1, extruded_mm3=1.0, slicer="s", version="1", profile="p")
    monkeypatch.setattr(slicings.slicer, "slice_standard", lambda *_: said)
    assert done() is not None
    assert done() is None, "nothing waits any more"
    assert list(Design.objects.values_list("status", flat=True)) == ["DELETED"] * kept
    assert not StoredFile.objects.exists()
    assert lying(store) == list((store / "incoming").iterdir()) == []
