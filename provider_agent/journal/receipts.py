"""Operators' receipts for sent bids: what shows later that a book leaves one out."""

from __future__ import annotations

import json
from dataclasses import dataclass

from protocol.books import Receipt
from protocol.units import Digest, bytes_of, hex_of
from provider_agent.journal.store import Journal


@dataclass(frozen=True)
class ReceiptRow:
    """A receipt that was checked, with the operator's signature."""

    agreement: Digest
    receipt: Receipt
    signature: bytes


def receipt_keep(journal: Journal, row: ReceiptRow) -> None:
    """Keep a receipt; the first one for a bid stands."""
    journal.write(
        "INSERT INTO receipts VALUES (?, ?, ?) ON CONFLICT (agreement) DO NOTHING",
        hex_of(row.agreement),
        json.dumps(row.receipt.to_json()),
        hex_of(row.signature),
    )


def receipt_find(journal: Journal, agreement: Digest) -> ReceiptRow | None:
    """The receipt for a bid, if one was kept."""
    found = journal.row("SELECT * FROM receipts WHERE agreement = ?", hex_of(agreement))
    if found is None:
        return None
    return ReceiptRow(
        agreement, Receipt.from_json(json.loads(found["receipt"])), bytes_of(found["signature"])
    )
