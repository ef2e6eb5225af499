"""Two appends at once, each on a connection of its own, neither seeing the other when it checks."""

import pytest
from django.utils import timezone

from marketplace.activity.selectors import activity_of
from marketplace.evidence import services
from marketplace.evidence.anchoring import batch_make
from marketplace.evidence.models import Batch, Leaf, Record
from marketplace.evidence.rules import EvidenceConflict
from marketplace.evidence.services import evidence_append
from tests.parallel import at_once, meeting_after

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def append(agreement, bo, monkeypatch):
    """Append records at once; for each, whether it was new, or the refusal."""

    def one(signed):
        try:
            return evidence_append(agreement=agreement, person=bo.address, signed=signed).new
        except EvidenceConflict:
            return EvidenceConflict

    def append_all(*records):
        monkeypatch.setattr(services, "evidence_check", meeting_after(services.evidence_check, len(records)))
        return at_once(*[lambda record=record: one(record) for record in records])

    return append_all


def test_of_two_records_for_one_place_one_wins_and_the_other_is_refused(append, pen, agreement):
    records = [pen.sign(pen.record()), pen.sign(pen.record(kind="print failed"))]
    answers = append(*records)
    assert sorted(answers, key=str) == [EvidenceConflict, True]
    winner = records[answers.index(True)]
    assert Record.objects.get().kind == winner.record.kind
    assert activity_of(f"agreement:{agreement.pk}").count() == 1


def test_one_record_sent_twice_at_once_counts_once(append, pen, agreement):
    record = pen.sign(pen.record())
    assert sorted(append(record, record)) == [False, True]
    assert Record.objects.count() == 1
    assert activity_of(f"agreement:{agreement.pk}").count() == 1


def test_the_log_goes_on_after_a_race(append, pen):
    first = pen.write()
    append(first, first)
    assert append(pen.write()) == [True]
    assert [record.seq for record in Record.objects.all()] == [0, 1]


def test_workers_that_batch_at_once_make_one_batch_with_each_record_once(append, pen):
    for _ in range(3):
        append(pen.write())
    made = at_once(*[lambda: batch_make(now=timezone.now())] * 4)
    assert len([batch for batch in made if batch]) == 1
    assert Batch.objects.get().count == Leaf.objects.count() == 3
