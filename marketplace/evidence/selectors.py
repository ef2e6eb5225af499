"""Reading evidence logs."""

from datetime import datetime
from typing import Any

from marketplace.escrow.models import Agreement
from marketplace.evidence.models import Record
from protocol.evidence import Evidence, SignedEvidence
from protocol.units import address_of, bytes_of, digest_of, seconds_of


def record_at(agreement: str, actor: str, seq: int) -> Record | None:
    """The record with this number in an actor's log."""
    return Record.objects.filter(agreement=agreement, actor=actor, seq=seq).first()


def record_last(agreement: str, actor: str) -> Record | None:
    """The newest record of an actor's log."""
    return Record.objects.filter(agreement=agreement, actor=actor).order_by("seq").last()


def signed_of(row: Record) -> SignedEvidence:
    """A row as its actor signed it."""
    record = Evidence(
        agreement=digest_of(row.agreement),
        actor=address_of(row.actor),
        seq=row.seq,
        kind=row.kind,
        payload=digest_of(row.payload_digest),
        previous=digest_of(row.previous),
        observed_at=seconds_of(row.observed_at),
    )
    return SignedEvidence(record, row.payload, bytes_of(row.signature))


def evidence_log(agreement: str, actor: str) -> list[dict[str, Any]]:
    """An actor's whole log in wire form, oldest first."""
    rows = Record.objects.filter(agreement=agreement, actor=actor).order_by("seq")
    return [signed_of(row).to_json() for row in rows]


def evidence_logs(agreement: Agreement) -> dict[str, list[dict[str, Any]]]:
    """Both parties' logs, by role."""
    return {
        "provider": evidence_log(agreement.id, agreement.provider),
        "designer": evidence_log(agreement.id, agreement.designer),
    }


def evidence_times(agreement: str) -> list[datetime]:
    """When all that is on record for an agreement was observed."""
    return list(Record.objects.filter(agreement=agreement).values_list("observed_at", flat=True))
