"""Two requests between whose check and insert another one comes."""

import pytest

from marketplace.evidence import services
from marketplace.evidence.models import Record
from marketplace.evidence.rules import EvidenceConflict
from marketplace.evidence.services import evidence_append


@pytest.fixture
def overtaken(agreement, bo, monkeypatch):
    """Append a record while another one, complete, slips in after its check."""

    def append(first, rival):
        real, calls = services.evidence_check, []

        def check_then_wait(signed, **given):
            real(signed, **given)
            if not calls:
                calls.append(1)
                evidence_append(agreement=agreement, person=bo.address, signed=rival)

        monkeypatch.setattr(services, "evidence_check", check_then_wait)
        return evidence_append(agreement=agreement, person=bo.address, signed=first)

    return append


def test_of_two_different_records_at_one_seq_one_wins(overtaken, pen):
    first, rival = pen.sign(pen.record()), pen.sign(pen.record(kind="print failed"))
    with pytest.raises(EvidenceConflict):
        overtaken(first, rival)
    assert Record.objects.get().kind == "print failed"


def test_the_same_record_sent_twice_at_once_counts_once(overtaken, pen):
    record = pen.sign(pen.record())
    _, new = overtaken(record, record)
    assert new is False
    assert Record.objects.count() == 1
