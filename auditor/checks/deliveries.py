"""Which key each received model was encrypted to, and who named that key."""

from collections.abc import Iterator, Mapping
from typing import Any

from auditor.bech32 import is_recipient
from auditor.case import Case
from auditor.checks.base import Findings, need, need_history
from auditor.checks.evidence import PROVIDER
from auditor.findings import Finding, text_of
from auditor.ids import recipient_digest
from auditor.signers import signer_of
from auditor.structs import hex_bytes
from protocol.errors import Malformed
from protocol.units import digest_of

RECEIVED = "model received"
NAMES = ("recipient", "sealed", "statement")


def deliveries_named(case: Case) -> Findings:
    """Each received model came encrypted to an age key that the key of the bid named for this agreement, and
    no two models came as one ciphertext. Records from before these were written say nothing."""
    models: dict[str, str] = {}
    for number, entry in enumerate(need(case.bundle.provider_log, PROVIDER)):
        if entry.record.kind != RECEIVED or not any(name in entry.payload for name in NAMES):
            continue
        place, payload = f"{PROVIDER} record {number}", entry.payload
        recipient, sealed = payload.get("recipient"), payload.get("sealed")
        if not is_recipient(recipient):
            message = "the model was encrypted to no age key"
            yield Finding("delivery-recipient", f"{place} recipient", message, "age1...", str(recipient))
        if not _is_digest(sealed):
            message = "no digest of what was delivered"
            yield Finding("delivery-sealed", f"{place} sealed", message, "32 bytes", str(sealed))
            continue
        model = str(payload.get("model", "no model"))
        if models.setdefault(str(sealed), model) != model:
            message = "the same ciphertext as of another model"
            yield Finding("delivery-sealed", f"{place} sealed", message, models[str(sealed)], model)
        if "statement" in payload:
            yield from _named(case, place, payload)


def unnamed_notes(case: Case) -> Iterator[str]:
    """Received models of which the record does not carry who named the key."""
    told = [entry.payload for entry in case.bundle.provider_log or () if entry.record.kind == RECEIVED]
    count = sum("statement" not in payload for payload in told)
    if count:
        records = f"{count} of {len(told)} records of received models"
        yield (
            f"{records} do not carry the statement that named the key: "
            "the provider's word alone says to whom they were encrypted."
        )


def _named(case: Case, place: str, payload: Mapping[str, Any]) -> Findings:
    terms, bid = need_history(case).terms, need(case.bundle.bid, "bid.json")
    here, recipient = (case.node.chain_id, case.node.escrow), str(payload.get("recipient"))
    digest = recipient_digest(case.agreement, recipient, *here)
    try:
        signer = signer_of(digest, hex_bytes(payload["statement"], "statement"))
    except Malformed:
        signer = None
    if signer not in {terms.provider, bid.signer}:
        message = "the key it was encrypted to was not named by the key of the bid"
        wanted = " or ".join(dict.fromkeys((bid.signer, terms.provider)))
        yield Finding("delivery-unnamed", f"{place} statement", message, wanted, text_of(signer or "nobody"))


def _is_digest(value: object) -> bool:
    try:
        return bool(digest_of(value))
    except Malformed:
        return False
