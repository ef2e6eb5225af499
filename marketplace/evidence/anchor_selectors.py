"""Reading what is to be anchored, what is, and the proofs of it."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from marketplace.bidding.book_selectors import book_with, receipt_of
from marketplace.bidding.models import Book, Receipt
from marketplace.chain.selectors import deployment_current
from marketplace.escrow.models import Agreement
from marketplace.escrow.selectors import infill_domain_here
from marketplace.evidence.models import Batch, Leaf, Record
from marketplace.evidence.selectors import signed_of
from marketplace.providers.models import Printer
from marketplace.providers.selectors import printer_of
from protocol.anchors import anchor_leaf
from protocol.books import Book as SignedBook
from protocol.books import Receipt as SignedReceipt
from protocol.evidence import Evidence
from protocol.merkle import MerkleTree
from protocol.profiles import PrinterProfile
from protocol.typed import Domain
from protocol.units import ZERO_DIGEST, digest_of, hex_of

PENDING = "PENDING"

Signed = Evidence | PrinterProfile | SignedReceipt | SignedBook
Source = tuple[QuerySet[Any], Callable[[Any], Signed], str]
"""Rows, what was signed, and the column that says when."""


def sources() -> tuple[Source, ...]:
    """Everything that is anchored. Receipts come first: they lose their worth when they come late."""
    return (
        (Receipt.objects.select_related("job"), lambda row: row.signed, "received_at"),
        (Book.objects.select_related("job"), lambda row: row.signed, "closed_at"),
        (Printer.objects.all(), lambda row: PrinterProfile.from_json(row.profile), "registered_at"),
        (Record.objects.all(), lambda row: signed_of(row).record, "observed_at"),
    )


def leaves_pending(limit: int) -> list[Leaf]:
    """At most so many leaves, not saved, of what no batch holds, by source and time."""
    domain, found = infill_domain_here(), list[Leaf]()
    anchored = Exists(Leaf.objects.filter(record=OuterRef("digest")))
    for rows, signed, when in sources():
        for row in rows.filter(~anchored).order_by(when, "pk")[: limit - len(found)]:
            leaf = anchor_leaf(signed(row), domain)
            found.append(
                Leaf(
                    record=hex_of(leaf.record),
                    position=len(found),
                    subject=hex_of(leaf.subject),
                    seq=leaf.seq,
                    kind=leaf.kind,
                    payload=hex_of(leaf.payload),
                    digest=hex_of(leaf.digest()),
                    stated_at=getattr(row, when),
                )
            )
    return found


def batch_newest() -> Batch | None:
    """The batch made last."""
    return Batch.objects.order_by("number").last()


def tree_of(batch: Batch) -> MerkleTree:
    """The tree over a batch's leaves, by their positions."""
    digests = batch.leaves.order_by("position").values_list("digest", flat=True)
    return MerkleTree([digest_of(digest) for digest in digests])


def agreement_records(agreement: Agreement) -> list[str]:
    """Digests of what is anchored for an agreement: receipt, book, profile, logs by actor and seq."""
    receipt = receipt_of(agreement.pk)
    book = book_with(agreement.book, agreement.job) if agreement.job else None
    printer = printer_of(hex_of(agreement.bid_terms.printer))
    logs = Record.objects.filter(agreement=agreement.pk).order_by("actor", "seq")
    return [
        *(row.digest for row in (receipt, book, printer) if row),
        *logs.values_list("digest", flat=True),
    ]


def proofs_of(records: Sequence[str]) -> list[dict[str, Any]]:
    """For each signed digest (0x text): its leaf, proof, root, and where and when that was anchored."""
    found = Leaf.objects.filter(record__in=records).select_related("batch__intent").in_bulk()
    domain, trees, anchor = infill_domain_here(), cache(tree_of), deployment_current().anchor
    proofs = (
        _proof_json(found[one], domain, trees(found[one].batch)) if one in found else _pending(one)
        for one in records
    )
    return [{**proof, "anchor": anchor} for proof in proofs]


def _proof_json(leaf: Leaf, domain: Domain, tree: MerkleTree) -> dict[str, Any]:
    batch = leaf.batch
    return {
        "record": leaf.record,
        "status": batch.status,
        "leaf": leaf.members(domain).to_json(),
        "leaf_digest": leaf.digest,
        "proof": [hex_of(node) for node in tree.proof(leaf.position)],
        "root": batch.root,
        "batch": batch.number,
        "publisher": batch.publisher or None,
        "anchored_at": batch.anchored_at,
        "delay_seconds": _seconds(leaf.stated_at, batch.anchored_at),
        **_place(batch),
    }


def _pending(record: str) -> dict[str, Any]:
    names = ("leaf", "leaf_digest", "proof", "root", "batch", "publisher", "anchored_at", "delay_seconds")
    return {"record": record, "status": PENDING, **dict.fromkeys((*names, "block", "transaction"))}


def _place(batch: Batch) -> dict[str, Any]:
    """Where the transaction was seen."""
    intent = batch.intent if batch.anchored_at else None
    return {
        "block": intent.block if intent else None,
        "transaction": (intent.transaction or None) if intent else None,
    }


def _seconds(since: datetime, until: datetime | None) -> int | None:
    return None if until is None else int((until - since).total_seconds())


def batches_listed(limit: int) -> list[dict[str, Any]]:
    """The newest batches, newest first: each with its times, and what breaks the line of roots before it."""
    batches = list(Batch.objects.select_related("intent").order_by("-number")[: limit + 1])
    pairs = zip(batches, [*batches[1:], None], strict=False)
    return [_batch_json(batch, before) for batch, before in pairs][:limit]


def _batch_json(batch: Batch, before: Batch | None) -> dict[str, Any]:
    return {
        "number": batch.number,
        "status": batch.status,
        "root": batch.root,
        "count": batch.count,
        "publisher": batch.publisher or None,
        "previous_root": batch.previous_root or None,
        "made_at": batch.made_at,
        "sent_at": batch.sent_at,
        "anchored_at": batch.anchored_at,
        "final_at": batch.final_at,
        "delay_seconds": _seconds(batch.made_at, batch.anchored_at),
        "tries": batch.tries,
        "gap": gap_of(batch, before),
        **_place(batch),
    }


def gap_of(batch: Batch, before: Batch | None) -> str | None:
    """What breaks the line of roots right before a batch, in words; None where it follows its predecessor."""
    if not batch.previous_root:
        return None
    expected = before.root if before else hex_of(ZERO_DIGEST)
    if before and before.publisher != batch.publisher:
        expected = hex_of(ZERO_DIGEST)
    if batch.previous_root == expected:
        return None
    return (
        f"The root before it on chain is {batch.previous_root}; the one listed before it is {expected}: "
        "its publisher anchored something between that is not listed here."
    )
