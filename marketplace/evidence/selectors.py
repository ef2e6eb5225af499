"""Reading evidence logs, and all that a bundle holds."""

from datetime import datetime
from typing import Any

from django.conf import settings

from marketplace.chain.models import Log
from marketplace.chain.selectors import deployment_current, logs_of
from marketplace.escrow.models import Agreement
from marketplace.evidence.bundle import Parts
from marketplace.evidence.models import Record
from marketplace.evidence.rules import BundleIncomplete
from marketplace.jobs.selectors import job_models
from marketplace.providers.selectors import printer_of
from protocol.evidence import Evidence, SignedEvidence
from protocol.units import address_of, bytes_of, digest_of, hex_of, seconds_of


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


def bundle_parts(agreement: Agreement) -> Parts:
    """All that an auditor needs for one agreement. Raises BundleIncomplete, NetworkUnknown."""
    logs = list(logs_of(agreement.pk))
    evidence = evidence_logs(agreement)
    return Parts(
        chain_id=settings.CHAIN_ID,
        escrow=deployment_current().escrow,
        agreement=agreement.pk,
        as_of=max([*(log.time for log in logs), *evidence_times(agreement.pk)]),
        files={
            **_job_files(agreement),
            "bid.json": _bid_json(agreement),
            "profile.json": _profile_json(agreement),
            "award.json": _award_json(logs),
            "logs.json": [_log_json(log) for log in logs],
            "evidence/provider.json": evidence["provider"],
            "evidence/designer.json": evidence["designer"],
        },
    )


def _job_files(agreement: Agreement) -> dict[str, Any]:
    job = agreement.job
    if job is None:
        raise BundleIncomplete("The job of this agreement was posted elsewhere: ask there for its bundle.")
    models = [{"model": part.model, "salt": part.salt} for part in job_models(job)]
    return {"job.json": {"spec": job.spec, "salt": job.salt_text}, "models.json": models}


def _bid_json(agreement: Agreement) -> dict[str, Any]:
    if agreement.bid is None:
        raise BundleIncomplete("The bid was never received here: only the award on chain is known.")
    return {
        "bid": agreement.bid.bid,
        "signature": agreement.bid.signature,
        "signer": agreement.bid.signer,
    }


def _profile_json(agreement: Agreement) -> dict[str, Any]:
    printer = printer_of(hex_of(agreement.bid_terms.printer))
    if printer is None:
        raise BundleIncomplete("The bid's printer was never registered here.")
    return {"profile": printer.profile, "capability": printer.capability, "signature": printer.signature}


def _award_json(logs: list[Log]) -> dict[str, Any]:
    award = next(log for log in logs if log.name == "Awarded")
    return {
        "transaction": award.transaction,
        "block": award.block,
        "block_digest": award.block_digest,
        "units": award.args["units"],
        "standby": award.args["standby"],
        "book": award.args["book"],
    }


def _log_json(log: Log) -> dict[str, Any]:
    return {
        "name": log.name,
        "block": log.block,
        "block_digest": log.block_digest,
        "transaction": log.transaction,
        "log_index": log.log_index,
        "address": log.address,
        "topics": log.topics,
        "data": log.data,
        "time": log.time.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
