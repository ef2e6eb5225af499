"""The agent's evidence log of one agreement: chained, signed, journalled, then sent.

Each fact has a key, so that a step repeated after a crash writes no second record. A record is in the journal
before its signature leaves: there are never two records at one sequence number.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from typing import Any

from protocol.canonical import json_digest
from protocol.evidence import Evidence, Kind, SignedEvidence, head_of
from protocol.typed import Domain
from protocol.units import Address, Digest, hex_of
from provider_agent.errors import JournalBroken, MarketplaceRefused
from provider_agent.journal import records
from provider_agent.journal.store import Journal
from provider_agent.marketplace import Marketplace, Sign

log = logging.getLogger(__name__)

OUT_OF_ORDER, CONFLICT = "evidence-out-of-order", "evidence-conflict"


class EvidenceLog:
    """Appends to one agreement's log."""

    def __init__(
        self,
        journal: Journal,
        agreement: Digest,
        *,
        actor: Address,
        domain: Domain,
        sign: Sign,
        now: Callable[[], int],
    ) -> None:
        self._journal = journal
        self._agreement = agreement
        self._actor = actor
        self._domain = domain
        self._sign = sign
        self._now = now

    def append(self, key: str, kind: Kind, payload: dict[str, Any]) -> SignedEvidence:
        """Record a fact once: the record of this key, new or as written before."""
        with self._journal.atomic():
            written = records.record_find(self._journal, self._agreement, key)
            if written is not None:
                return written
            signed = self._next(kind, {**payload, "salt": hex_of(secrets.token_bytes(32))})
            records.record_add(self._journal, key, signed)
        log.info("%s: evidence %d: %s", hex_of(self._agreement)[:10], signed.record.seq, kind)
        return signed

    def head(self) -> Digest:
        """Digest of the last record; zero for an empty log."""
        return head_of(records.record_last(self._journal, self._agreement), self._domain)

    def _next(self, kind: Kind, payload: dict[str, Any]) -> SignedEvidence:
        last = records.record_last(self._journal, self._agreement)
        earliest = last.record.observed_at if last else 0
        record = Evidence(
            agreement=self._agreement,
            actor=self._actor,
            seq=last.record.seq + 1 if last else 0,
            kind=kind,
            payload=json_digest(payload),
            previous=head_of(last, self._domain),
            observed_at=max(self._now(), earliest),
        )
        return SignedEvidence(record, payload, self._sign(record.digest(self._domain)))


async def evidence_flush(journal: Journal, marketplace: Marketplace, agreement: Digest) -> None:
    """Send what the marketplace lacks, in order, from where it says it is.

    Raises MarketplaceRefused, MarketplaceUnreachable, or JournalBroken where its records are others.
    """
    resumed = False
    unsent = records.records_unsent(journal, agreement)
    while unsent:
        signed = unsent.pop(0)
        try:
            await marketplace.evidence(signed)
        except MarketplaceRefused as refusal:
            expected = refusal.extra.get("expected_seq")
            if refusal.problem == CONFLICT:
                raise JournalBroken(_two_logs(agreement)) from refusal
            if refusal.problem != OUT_OF_ORDER or not isinstance(expected, int) or resumed:
                raise
            _resume(journal, agreement, expected)
            resumed, unsent = True, records.records_unsent(journal, agreement)
            continue
        records.record_sent(journal, agreement, signed.record.seq)


def _resume(journal: Journal, agreement: Digest, expected: int) -> None:
    if expected > records.record_count(journal, agreement):
        raise JournalBroken(_two_logs(agreement))
    records.records_resume(journal, agreement, expected)


def _two_logs(agreement: Digest) -> str:
    return (
        f"the marketplace has other evidence of {hex_of(agreement)} than this journal: the same key is used"
        " with another journal, or this one was restored from an old copy; stop one of the two"
    )
