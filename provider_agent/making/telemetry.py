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
from provider_agent.journal.attempts import Attempt, sample_add, samples_count, samples_of
from provider_agent.journal.records import record_count
from provider_agent.journal.store import Journal

SEGMENT_SAMPLES = 600
"""Ten minutes in a record: a marketplace takes 2,000 records of one log, and a print may last for days."""


class Samples:
    """Keeps the samples of one attempt; a full segment becomes a record.

    How many are in no record yet is counted once and then as they come: to read them again for each sample
    is more work the longer a print lasts, at each printer.
    """

    def __init__(self, journal: Journal, log: EvidenceLog, attempt: Attempt) -> None:
        self._journal = journal
        self._log = log
        self._attempt = attempt
        self._open = samples_count(journal, attempt.id) - SEGMENT_SAMPLES * _segments(journal, attempt)

    def keep(self, sample: dict[str, Any]) -> None:
        """Keep one sample."""
        sample_add(self._journal, self._attempt.id, sample["observed_at"], sample)
        self._open += 1
        if self._open >= SEGMENT_SAMPLES:
            _segment_close(self._journal, self._log, self._attempt)
            self._open -= SEGMENT_SAMPLES


def segments_close(journal: Journal, log: EvidenceLog, attempt: Attempt) -> None:
    """Record the samples since the last segment, if there are any, as the attempt has ended."""
    with journal.atomic():
        while _segment_close(journal, log, attempt):
            pass


def _segment_close(journal: Journal, log: EvidenceLog, attempt: Attempt) -> bool:
    """Whether there was anything to record.

    Each segment but an attempt's last has SEGMENT_SAMPLES: the count of records tells where the next begins.
    """
    with journal.atomic():
        segment = _segments(journal, attempt)
        first = segment * SEGMENT_SAMPLES
        samples = samples_of(journal, attempt.id, first)[:SEGMENT_SAMPLES]
        if not samples:
            return False
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
        log.append(f"{_prefix(attempt)}{segment}", Kind.TELEMETRY, payload)
        return True


def _prefix(attempt: Attempt) -> str:
    return f"telemetry:{attempt.id}:"


def _segments(journal: Journal, attempt: Attempt) -> int:
    return record_count(journal, attempt.agreement, _prefix(attempt))
