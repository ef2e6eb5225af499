"""What of each signed thing stands under an anchored root (PROTOCOL: anchoring)."""

from __future__ import annotations

from protocol.books import Book, Receipt
from protocol.evidence import Evidence
from protocol.merkle import AnchorLeaf
from protocol.profiles import PrinterProfile
from protocol.typed import Domain

PROFILE = "printer profile"
RECEIPT = "receipt"
BOOK = "bid book"
"""Kinds of leaves that are no evidence records; a record's leaf has the record's own kind."""


def anchor_leaf(signed: Evidence | PrinterProfile | Receipt | Book, domain: Domain) -> AnchorLeaf:
    """The leaf of a signed struct of the domain Infill; its `record` is the digest that was signed.

    A profile is its own subject; that of receipts and books is their job's digest.
    """
    record = signed.digest(domain)
    match signed:
        case Evidence():
            members = (signed.agreement, signed.seq, signed.kind, signed.payload)
        case PrinterProfile():
            members = (record, signed.seq, PROFILE, signed.capability)
        case Receipt():
            members = (signed.job, signed.seq, RECEIPT, signed.bid)
        case Book():
            members = (signed.job, signed.number, BOOK, signed.root)
    return AnchorLeaf(domain.chain_id, domain.contract, *members, record)
