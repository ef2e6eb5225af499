"""Evidence as an arbiter reads it: every record of both sides, and which of them the contract holds."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from marketplace.chain.selectors import logs_of
from marketplace.escrow.models import Agreement
from marketplace.evidence.models import Record
from marketplace.pages.wording import evidence_text
from protocol.units import ZERO_DIGEST, hex_of

HEADED = {"Delivered": "delivery", "Disputed": "dispute"}


@dataclass(frozen=True)
class EvidenceLine:
    """A record; `head_of` names the step that carries its digest on chain, if one does."""

    row: Record
    side: str
    text: str
    payload: str
    head_of: str


@dataclass(frozen=True)
class Evidence:
    """All records, the provider's first, and the heads on chain that are none of them."""

    lines: Sequence[EvidenceLine]
    unknown_heads: Sequence[tuple[str, str]]


def evidence_of(row: Agreement) -> Evidence:
    """What both sides sent about an agreement."""
    heads = {log.args["head"]: HEADED[log.name] for log in logs_of(row.pk).filter(name__in=HEADED)}
    records = Record.objects.filter(agreement=row.pk, actor__in=row.parties)
    lines = [_line(row, record, heads) for record in records.order_by("observed_at", "actor", "seq")]
    known = {line.row.digest for line in lines} | {hex_of(ZERO_DIGEST)}
    unknown = [(step, head) for head, step in heads.items() if head not in known]
    return Evidence(lines, unknown)


def _line(row: Agreement, record: Record, heads: dict[str, str]) -> EvidenceLine:
    return EvidenceLine(
        row=record,
        side="Designer" if record.actor == row.designer else "Provider",
        text=evidence_text(record.kind, record.payload),
        payload=json.dumps(record.payload, indent=2, ensure_ascii=False),
        head_of=heads.get(record.digest, ""),
    )
