"""A backup while others write is one moment's; after a restore the follower goes on from where it stood then."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction
from django.utils import timezone

from marketplace.activity.services import activity_record
from marketplace.backup.services import backup_make, backup_restore
from marketplace.designs import store as designs_store
from marketplace.designs.models import Design
from marketplace.escrow.models import Agreement
from protocol.units import hex_of
from tests.chain.conftest import stored
from tests.factories.deal import deal
from tests.processes import eventually

__all__ = ["deal"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def writer(person, ada, store):
    """Keeps one file after another, and in one atomic block the two rows that tell of it."""
    owner, stopped, kept = person(ada), threading.Event(), []

    def write() -> None:
        while not stopped.is_set():
            name = f"model {len(kept)}"
            digest = hex_of(designs_store.bytes_save(name.encode() * 1000))
            with transaction.atomic():
                design = Design.objects.create(owner=owner, name=name, digest=digest, bytes=1)
                activity_record(kind="design.uploaded", subject=design.subject, actor=ada.address)
            kept.append(name)
        connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    yield kept
    stopped.set()
    thread.join()


def test_a_backup_while_others_write_has_all_or_nothing_of_each_write(writer, tmp_path, elsewhere):
    eventually(lambda: len(writer) > 20)
    before = len(writer)
    archive = backup_make(target=tmp_path / "infill.zip", now=timezone.now())
    assert len(writer) > before, "nobody had to wait"
    assert archive.lost == []
    elsewhere.does("restore", archive.path)
    rows = elsewhere.rows()
    designs = [row for row in rows if row["model"] == "designs.design"]
    told = {row["fields"]["subject"] for row in rows if row["model"] == "activity.activity"}
    names = sorted(int(design["fields"]["name"].split()[1]) for design in designs)
    assert names == list(range(len(names)))
    assert len(names) >= before
    assert told == {f"design:{design['pk']}" for design in designs}
    kept = {row["pk"]: row["fields"]["name"] for row in rows if row["model"] == "designs.storedfile"}
    files = {name[-32:] for name in elsewhere.files}
    assert {kept[design["fields"]["digest"]] for design in designs} <= files


def test_after_a_restore_the_follower_reads_what_it_missed(deal, bo, tmp_path):
    def agreements():
        return list(Agreement.objects.values())

    bid = deal.bid(bo)
    deal.award(bid)
    archive = backup_make(target=tmp_path / "infill.zip", now=timezone.now()).path
    deal.end_grace()
    deal.takes(bo, f"agreements/{bid.pk}/deliver", {"head": "0x" + "11" * 32})
    deal.finalise()
    now = (stored(), agreements())
    backup_restore(source=archive, replace=True)
    assert Agreement.objects.get().status == "AWARDED"
    deal.follow()
    assert (stored(), [{**row, "granted": True} for row in agreements()]) == now
