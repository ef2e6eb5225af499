"""Ids, computed a second time: EIP-712 by hand from type strings, so that a bug in `protocol` cannot hide."""

from collections import deque
from collections.abc import Sequence
from dataclasses import astuple
from typing import Any

from eth_abi.abi import encode
from eth_hash.auto import keccak as _keccak

from auditor.records import AnchorLeaf, Book, Consent, Mandate, Profile, Receipt, Record, Settlement, Terms
from protocol.units import Address, Digest

BID_TYPE = (
    "Bid(address provider,address designer,address token,address arbiter,address feeTo,bytes32 jobDigest,"
    "bytes32 printer,uint96 unitPrice,uint96 bond,uint96 disputeFee,uint32 minUnits,uint32 maxUnits,"
    "uint40 validUntil,uint32 makeTime,uint32 reviewTime,uint32 arbiterTime,uint32 graceTime,"
    "uint16 fallbackBps,uint16 feeBps,uint32 epoch,bool toLedger,uint256 salt)"
)
CONSENT_TYPE = "Award(bytes32 agreement,uint32 units,bytes32 standby,bytes32 book,uint40 deadline)"
MANDATE_TYPE = (
    "Mandate(address designer,address dispatcher,address token,address arbiter,bytes32 jobDigest,"
    "bytes32 printers,uint96 maxUnitPrice,uint96 minBond,uint96 maxDisputeFee,uint32 units,"
    "uint32 maxMakeTime,uint32 minReviewTime,uint32 minArbiterTime,uint32 maxArbiterTime,"
    "uint32 maxGraceTime,uint16 maxFallbackBps,uint40 validUntil,uint256 salt)"
)
VOUCHER_TYPE = "Voucher(bytes32 agreement,uint96 cumulative)"
SETTLEMENT_TYPE = "Settlement(bytes32 agreement,uint96 toProvider,uint96 paid,uint8 status,uint40 deadline)"
EVIDENCE_TYPE = (
    "Evidence(bytes32 agreement,address actor,uint64 seq,string kind,bytes32 payload,bytes32 previous,"
    "uint40 observedAt)"
)
PROFILE_TYPE = "PrinterProfile(address provider,string serial,bytes32 capability,uint64 seq,uint40 issuedAt)"
RECIPIENT_TYPE = "Recipient(bytes32 agreement,string recipient)"
RECEIPT_TYPE = "Receipt(bytes32 bid,bytes32 job,uint64 seq,uint40 receivedAt)"
BOOK_TYPE = "Book(bytes32 job,uint32 number,uint40 closedAt,uint32 count,bytes32 root)"
LEAF_TYPE = (
    "AnchorLeaf(uint256 chainId,address escrow,bytes32 subject,uint64 seq,string kind,bytes32 payload,"
    "bytes32 record)"
)
DOMAIN_TYPE = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"

Members = tuple[tuple[str, str], ...]


def members_of(type_string: str) -> Members:
    """(type, member name) pairs of a type string, in order."""
    inside = type_string[type_string.index("(") + 1 : -1]
    pairs = (member.split(" ") for member in inside.split(","))
    return tuple((kind, name) for kind, name in pairs)


def keccak(data: bytes) -> Digest:
    """Keccak-256."""
    return Digest(_keccak(data))


def domain_separator(name: str, chain_id: int, escrow: Address) -> Digest:
    """The separator of the domain `name`, version 1."""
    return _struct(DOMAIN_TYPE, (name, "1", chain_id, escrow))


def agreement_id(terms: Terms, chain_id: int, escrow: Address) -> Digest:
    """The agreement's id: what the provider signed."""
    return _digest("PrintEscrow", chain_id, escrow, _struct(BID_TYPE, astuple(terms)))


def consent_digest(consent: Consent, chain_id: int, escrow: Address) -> Digest:
    """What a designer signs so that somebody else may award."""
    return _digest("PrintEscrow", chain_id, escrow, _struct(CONSENT_TYPE, astuple(consent)))


def mandate_digest(mandate: Mandate, chain_id: int, escrow: Address) -> Digest:
    """What a designer signs so that a dispatcher may award within limits."""
    return _digest("PrintEscrow", chain_id, escrow, _struct(MANDATE_TYPE, astuple(mandate)))


def voucher_digest(agreement: Digest, cumulative: int, chain_id: int, escrow: Address) -> Digest:
    """What a designer signs so that the provider may be paid."""
    return _digest("PrintEscrow", chain_id, escrow, _struct(VOUCHER_TYPE, (agreement, cumulative)))


def settlement_digest(settlement: Settlement, chain_id: int, escrow: Address) -> Digest:
    """What one party signs so that the other may end the agreement by a split."""
    return _digest("PrintEscrow", chain_id, escrow, _struct(SETTLEMENT_TYPE, astuple(settlement)))


def printers_root(printer: Digest, proof: Sequence[Digest]) -> Digest:
    """The root of the tree of printers that a proof leads to: leaves hashed twice, pairs sorted."""
    return root_by(keccak(keccak(printer)), proof)


def root_by(leaf: Digest, proof: Sequence[Digest]) -> Digest:
    """The root that a proof leads to from a leaf's digest: pairs sorted."""
    for sibling in proof:
        leaf = keccak(min(leaf, sibling) + max(leaf, sibling))
    return leaf


def root_of(leaves: Sequence[Digest]) -> Digest:
    """The root over leaf digests, sorted, as OpenZeppelin's trees have it; at least one."""
    nodes = deque(sorted(leaves))
    while len(nodes) > 1:
        nodes.append(root_by(nodes.popleft(), [nodes.popleft()]))
    return nodes[0]


def record_digest(record: Record, chain_id: int, escrow: Address) -> Digest:
    """What an evidence record's actor signs, and what the next record names as `previous`."""
    return _digest("Infill", chain_id, escrow, _struct(EVIDENCE_TYPE, astuple(record)))


def profile_digest(profile: Profile, chain_id: int, escrow: Address) -> Digest:
    """What a bid names as its `printer`."""
    return _digest("Infill", chain_id, escrow, _struct(PROFILE_TYPE, astuple(profile)))


def recipient_digest(agreement: Digest, recipient: str, chain_id: int, escrow: Address) -> Digest:
    """What the key of a bid signs to name the age key that files are encrypted to."""
    return _digest("Infill", chain_id, escrow, _struct(RECIPIENT_TYPE, (agreement, recipient)))


def receipt_digest(receipt: Receipt, chain_id: int, escrow: Address) -> Digest:
    """What an operator signs for a bid it received."""
    return _digest("Infill", chain_id, escrow, _struct(RECEIPT_TYPE, astuple(receipt)))


def book_digest(book: Book, chain_id: int, escrow: Address) -> Digest:
    """What an operator signs when it closes a job's book."""
    return _digest("Infill", chain_id, escrow, _struct(BOOK_TYPE, astuple(book)))


def book_leaf(receipt: Digest, signature: bytes) -> Digest:
    """The digest of a receipt's leaf in its job's books, salted by the signature on it."""
    return keccak(keccak(receipt + keccak(signature)))


def anchor_leaf_digest(leaf: AnchorLeaf) -> Digest:
    """The digest of a leaf under an anchored root."""
    return keccak(keccak(_words(LEAF_TYPE, astuple(leaf))))


def committed(salt: bytes, data: bytes) -> Digest:
    """A salted commitment to data."""
    return keccak(salt + data)


def _digest(name: str, chain_id: int, escrow: Address, struct: Digest) -> Digest:
    return keccak(b"\x19\x01" + domain_separator(name, chain_id, escrow) + struct)


def _struct(type_string: str, values: tuple[Any, ...]) -> Digest:
    return keccak(keccak(type_string.encode()) + _words(type_string, values))


def _words(type_string: str, values: tuple[Any, ...]) -> bytes:
    pairs = zip(members_of(type_string), values, strict=True)
    return b"".join(
        keccak(value.encode()) if kind == "string" else encode([kind], [value]) for (kind, _), value in pairs
    )
