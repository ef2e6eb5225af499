"""Telemetry as evidence: samples are kept in the journal, records commit to them segment by segment.

Each record has the Merkle root of its samples: one of them can be shown without the others.
"""

from __future__ import annotations

from typing import Any

from protocol.canonical import json_digest
from protocol.evidence import Kind
from protocol.merkle import MerkleTree, SampleLeaf
from protocol.units import hex_of
from provider_agent.evidence_log import EvidenceLog
from provider_agent.journal.attempts import Attempt, sample_add, samples_of
from provider_agent.journal.records import record_count
from provider_agent.journal.store import Journal

SEGMENT_SAMPLES = 600
"""Ten minutes in a record: a marketplace takes 2,000 records of one log, and a print may last for days."""


def sample_keep(journal: Journal, log: EvidenceLog, attempt: Attempt, sample: dict[str, Any]) -> None:
    """Keep one sample; a full segment becomes a record."""
    sample_add(journal, attempt.id, sample["observed_at"], sample)
    segment_close(journal, log, attempt, at_least=SEGMENT_SAMPLES)


def segment_close(journal: Journal, log: EvidenceLog, attempt: Attempt, *, at_least: int = 1) -> None:
    """Record the samples since the last segment, if there are that many.

    Each segment but an attempt's last has SEGMENT_SAMPLES: the count of records tells where the next begins.
    """
    prefix = f"telemetry:{attempt.id}:"
    with journal.atomic():
        segment = record_count(journal, attempt.agreement, prefix)
        samples = samples_of(journal, attempt.id, segment * SEGMENT_SAMPLES)[:SEGMENT_SAMPLES]
        if len(samples) < at_least:
            return
        first = segment * SEGMENT_SAMPLES
        leaves = [
            SampleLeaf(attempt.id, number, json_digest(sample)).digest()
            for number, sample in enumerate(samples, first)
        ]
        payload = {
            "attempt": attempt.id,
            "segment": segment,
            "samples": len(samples),
            "from": samples[0]["observed_at"],
            "to": samples[-1]["observed_at"],
            "first": first,
            "merkle_root": hex_of(MerkleTree(leaves).root),
        }
        log.append(f"{prefix}{segment}", Kind.TELEMETRY, payload)
