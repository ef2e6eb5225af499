"""The bundle's bid book and its proofs of anchoring, as values."""

import json
from pathlib import Path
from typing import Any

from auditor.errors import CannotTell
from auditor.ids import BOOK_TYPE, LEAF_TYPE, RECEIPT_TYPE
from auditor.records import AnchorLeaf, Book, Receipt
from auditor.sources.parts import AnchorProof, Anchors, Root, SignedBook, SignedReceipt
from auditor.structs import (
    address_at,
    digest_at,
    hex_bytes,
    list_of,
    mapping_of,
    object_of,
    signed_members,
    time_at,
)
from protocol.errors import InfillError, Malformed
from protocol.units import Digest

ROOTS_LIMIT = 2_000
"""The node is asked about each."""


def book_of(data: Any, place: str) -> SignedBook:
    """The content of book.json. Raises Malformed."""
    entry = object_of(data, ("book", "signature", "operator", "leaves", "receipt"), place)
    return SignedBook(
        book=Book(*signed_members(entry["book"], BOOK_TYPE, f"{place} book")),
        signature=hex_bytes(entry["signature"], f"{place} signature"),
        operator=address_at(entry["operator"], f"{place} operator"),
        leaves=_digests(entry["leaves"], f"{place} leaves"),
        receipt=receipt_of(entry["receipt"], f"{place} receipt"),
    )


def receipt_of(data: Any, place: str) -> SignedReceipt:
    """A receipt with its signature. Raises Malformed."""
    entry = object_of(data, ("receipt", "signature"), place)
    return SignedReceipt(
        receipt=Receipt(*signed_members(entry["receipt"], RECEIPT_TYPE, f"{place} receipt")),
        signature=hex_bytes(entry["signature"], f"{place} signature"),
    )


def receipt_read(path: Path) -> SignedReceipt:
    """A receipt from a bidder's file, such as a marketplace answers it. Raises CannotTell."""
    try:
        entry = mapping_of(json.loads(path.read_bytes()), path.name)
        members = {name: entry.get(name) for name in ("receipt", "signature")}
        return receipt_of(members, path.name)
    except (OSError, ValueError, RecursionError, InfillError) as error:
        raise CannotTell("receipt-unreadable", f"{path} holds no receipt: {error}.") from error


def anchors_of(data: Any, place: str) -> Anchors:
    """The content of anchors.json. Raises Malformed."""
    entry = object_of(data, ("anchor", "roots", "proofs"), place)
    roots, proofs = list_of(entry["roots"], f"{place} roots"), list_of(entry["proofs"], f"{place} proofs")
    if len(roots) > ROOTS_LIMIT:
        raise Malformed(f"expected at most {ROOTS_LIMIT} roots, not {len(roots)}", f"{place} roots")
    return Anchors(
        contract=address_at(entry["anchor"], f"{place} anchor"),
        roots=tuple(_root(each, f"{place} root {number}") for number, each in enumerate(roots)),
        proofs=tuple(_proof(each, f"{place} proof {number}") for number, each in enumerate(proofs)),
    )


def _root(data: Any, place: str) -> Root:
    entry = object_of(data, ("root", "publisher", "anchored_at"), place)
    return Root(
        root=digest_at(entry["root"], f"{place} root"),
        publisher=address_at(entry["publisher"], f"{place} publisher"),
        anchored_at=time_at(entry["anchored_at"], f"{place} anchored_at"),
    )


def _proof(data: Any, place: str) -> AnchorProof:
    entry = object_of(data, ("leaf", "proof", "root"), place)
    return AnchorProof(
        leaf=AnchorLeaf(*signed_members(entry["leaf"], LEAF_TYPE, f"{place} leaf")),
        path=_digests(entry["proof"], f"{place} proof"),
        root=digest_at(entry["root"], f"{place} root"),
    )


def _digests(data: Any, place: str) -> tuple[Digest, ...]:
    return tuple(digest_at(each, f"{place} {number}") for number, each in enumerate(list_of(data, place)))
