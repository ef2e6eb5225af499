"""The operator's receipt for a bid: taken only if it is for that very bid, and really the operator's."""

from __future__ import annotations

from typing import Any

from protocol.books import Receipt
from protocol.errors import Malformed
from protocol.receipts import receipt_check
from protocol.signatures import signature_of
from protocol.typed import Domain
from protocol.units import Address
from provider_agent.journal.bids import BidRow
from provider_agent.journal.receipts import ReceiptRow


def receipt_of(told: Any, row: BidRow, *, operator: Address, domain: Domain) -> ReceiptRow:
    """The receipt that a marketplace gave for a bid; domain Infill. Raises Malformed, SignatureInvalid."""
    if not isinstance(told, dict):
        raise Malformed("there is none, though the marketplace names an operator", "receipt")
    receipt, signature = Receipt.from_json(told.get("receipt")), signature_of(told.get("signature"))
    if (receipt.bid, receipt.job) != (row.agreement, row.bid.job_digest):
        raise Malformed("it is for another bid", "receipt")
    receipt_check(receipt, signature, operator=operator, domain=domain)
    return ReceiptRow(row.agreement, receipt, signature)
