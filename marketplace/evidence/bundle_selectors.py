"""All that a bundle holds."""

from datetime import datetime
from typing import Any

from django.conf import settings

from marketplace.bidding.book_selectors import book_with, leaves_of, receipt_of, signer_of
from marketplace.chain.models import Log
from marketplace.chain.selectors import deployment_current, logs_of
from marketplace.escrow.models import Agreement
from marketplace.escrow.selectors import infill_domain_here
from marketplace.evidence.anchor_rules import BatchStatus
from marketplace.evidence.anchor_selectors import agreement_records, proofs_of
from marketplace.evidence.bundle import Parts
from marketplace.evidence.rules import BundleIncomplete
from marketplace.evidence.selectors import evidence_logs, evidence_times
from marketplace.jobs.selectors import job_models
from marketplace.providers.selectors import printer_of
from protocol.units import hex_of


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
            **_book_file(agreement),
            **_anchors_file(agreement),
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
        "time": _time_text(log.time),
    }


def _book_file(agreement: Agreement) -> dict[str, Any]:
    """The book that the award committed to, with the receipt of its bid; nothing where there is none."""
    book = book_with(agreement.book, agreement.job) if agreement.job else None
    receipt = receipt_of(agreement.pk)
    if book is None or receipt is None:
        return {}
    given = {"receipt": receipt.signed.to_json(), "signature": receipt.signature}
    whole = {
        "book": book.signed.to_json(),
        "signature": book.signature,
        "operator": signer_of(book),
        "leaves": [hex_of(leaf) for leaf in leaves_of(book, infill_domain_here())],
        "receipt": given,
    }
    return {"book.json": whole}


def _anchors_file(agreement: Agreement) -> dict[str, Any]:
    """Proofs under roots that are anchored for good; nothing while there are none."""
    found = [one for one in proofs_of(agreement_records(agreement)) if one["status"] == BatchStatus.FINAL]
    if not found:
        return {}
    roots = {one["root"]: (one["publisher"], _time_text(one["anchored_at"])) for one in found}
    whole = {
        "anchor": deployment_current().anchor,
        "roots": [
            {"root": root, "publisher": publisher, "anchored_at": time}
            for root, (publisher, time) in sorted(roots.items())
        ],
        "proofs": [{name: one[name] for name in ("leaf", "proof", "root")} for one in found],
    }
    return {"anchors.json": whole}


def _time_text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
