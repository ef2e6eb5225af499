"""The auditor's own ids and signatures agree with those of `protocol`."""

import json
from dataclasses import astuple

from eth_account import Account
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.ids import (
    BOOK_TYPE,
    EVIDENCE_TYPE,
    LEAF_TYPE,
    PROFILE_TYPE,
    RECEIPT_TYPE,
    RECIPIENT_TYPE,
    agreement_id,
    anchor_leaf_digest,
    book_digest,
    book_leaf,
    domain_separator,
    profile_digest,
    receipt_digest,
    recipient_digest,
    record_digest,
    root_by,
    root_of,
)
from auditor.records import AnchorLeaf, Book, Profile, Receipt, Record, Terms
from auditor.signers import HIGHEST_S, signer_of
from auditor.structs import signed_members
from protocol import books, merkle
from protocol import terms as shared
from protocol.errors import SignatureInvalid
from protocol.evidence import Evidence
from protocol.profiles import PrinterProfile
from protocol.recipients import Recipient
from protocol.signatures import recover
from protocol.typed import escrow_domain, infill_domain
from protocol.units import address_of, hex_of
from tests.vectors.make import ANCHORS
from tests.vectors.samples import CHAIN_ID, ESCROW

ADDRESSES = st.binary(min_size=20, max_size=20).map(lambda raw: address_of("0x" + raw.hex()))
DIGESTS = st.binary(min_size=32, max_size=32)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def uint(bits: int) -> st.SearchStrategy[int]:
    return st.integers(0, 2**bits - 1)


def tuples(kinds: str) -> st.SearchStrategy[tuple]:
    known = {"address": ADDRESSES, "bytes32": DIGESTS, "string": TEXTS, "bool": st.booleans()}
    return st.tuples(*(known[kind] if kind in known else uint(int(kind[4:])) for kind in kinds.split()))


BIDS = tuples(
    "address address address address address bytes32 bytes32 uint96 uint96 uint96 uint32 uint32 uint40 uint32 uint32 uint32 uint32 uint16 uint16 uint32 bool uint256"
)
RECORDS = tuples("bytes32 address uint64 string bytes32 bytes32 uint40")
PROFILES = tuples("address string bytes32 uint64 uint40")
RECEIPTS = tuples("bytes32 bytes32 uint64 uint40")
BOOKS = tuples("bytes32 uint32 uint40 uint32 bytes32")
LEAVES = tuples("uint256 address bytes32 uint64 string bytes32 bytes32")
CHAINS = uint(64)
DOMAIN = infill_domain(CHAIN_ID, ESCROW)


@given(BIDS, CHAINS, ADDRESSES)
def test_agreement_id_agrees_with_protocol(values, chain_id, escrow):
    right = shared.agreement_id(shared.Bid(*values), escrow_domain(chain_id, escrow))
    assert agreement_id(Terms(*values), chain_id, escrow) == right


@given(RECORDS, CHAINS, ADDRESSES)
def test_record_digest_agrees_with_protocol(values, chain_id, escrow):
    assert record_digest(Record(*values), chain_id, escrow) == Evidence(*values).digest(
        infill_domain(chain_id, escrow)
    )


@given(PROFILES, CHAINS, ADDRESSES)
def test_profile_digest_agrees_with_protocol(values, chain_id, escrow):
    right = PrinterProfile(*values).digest(infill_domain(chain_id, escrow))
    assert profile_digest(Profile(*values), chain_id, escrow) == right


@given(RECEIPTS, BOOKS, CHAINS, ADDRESSES)
def test_receipts_and_books_agree_with_protocol(receipt, book, chain_id, escrow):
    domain = infill_domain(chain_id, escrow)
    assert receipt_digest(Receipt(*receipt), chain_id, escrow) == books.Receipt(*receipt).digest(domain)
    assert book_digest(Book(*book), chain_id, escrow) == books.Book(*book).digest(domain)


@given(LEAVES, RECEIPTS, st.binary(min_size=64, max_size=65))
def test_leaves_agree_with_protocol(leaf, receipt, signature):
    assert anchor_leaf_digest(AnchorLeaf(*leaf)) == merkle.AnchorLeaf(*leaf).digest()
    digest, domain = books.Receipt(*receipt).digest(DOMAIN), DOMAIN
    right = merkle.BookLeaf.of(books.Receipt(*receipt), signature, domain).digest()
    assert book_leaf(digest, signature) == right


@given(st.lists(DIGESTS, min_size=1, max_size=40, unique=True), st.data())
def test_trees_agree_with_protocol(leaves, data):
    tree, index = merkle.MerkleTree(leaves), data.draw(st.integers(0, len(leaves) - 1))
    assert root_of(leaves) == tree.root == root_by(leaves[index], tree.proof(index))


def test_the_committed_anchors_are_the_auditors_own():
    """The vectors' structs, read and hashed by the auditor alone."""
    kinds = {
        "Evidence": (EVIDENCE_TYPE, Record, record_digest),
        "PrinterProfile": (PROFILE_TYPE, Profile, profile_digest),
        "Receipt": (RECEIPT_TYPE, Receipt, receipt_digest),
        "Book": (BOOK_TYPE, Book, book_digest),
    }
    for entry in json.loads(ANCHORS.read_text()):
        type_string, kind, digest = kinds[entry["type"]]
        signed = kind(*signed_members(entry["message"], type_string, "here"))
        leaf = AnchorLeaf(*signed_members(entry["leaf"], LEAF_TYPE, "here"))
        assert leaf.record == digest(signed, CHAIN_ID, ESCROW)
        assert hex_of(anchor_leaf_digest(leaf)) == entry["digest"]


@given(CHAINS, ADDRESSES)
def test_separators_agree_with_protocol(chain_id, escrow):
    for domain in (escrow_domain(chain_id, escrow), infill_domain(chain_id, escrow)):
        assert domain_separator(domain.name, chain_id, escrow) == domain.separator()


@given(BIDS, RECORDS, PROFILES)
def test_wire_forms_agree_with_protocol(bid, record, profile):
    for values, theirs, ours in (
        (bid, shared.Bid, Terms),
        (record, Evidence, Record),
        (profile, PrinterProfile, Profile),
    ):
        read = signed_members(theirs(*values).to_json(), theirs.type_string(), "here")
        assert astuple(ours(*read)) == values


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 2**128), DIGESTS, st.integers(0, 64), st.integers(0, 255))
def test_signer_agrees_with_protocol_whatever_the_bytes(secret, digest, place, value):
    signature = bytearray(Account.from_key(secret.to_bytes(32)).unsafe_sign_hash(digest).signature)
    signature[place] = value
    short = (
        bytes(signature[:32])
        + bytes([signature[32] & 0x7F | (signature[64] == 28) << 7])
        + bytes(signature[33:64])
    )
    for form in (bytes(signature), short, bytes(signature[:40])):
        try:
            right = recover(digest, form)
        except SignatureInvalid:
            right = None
        assert signer_of(digest, form) == right


def test_high_s_is_nobodys_signature(bo):
    digest = b"\x01" * 32
    r, s, v = (signed := bo.unsafe_sign_hash(digest)).r, signed.s, signed.v
    twin = 2 * HIGHEST_S + 1 - s
    assert signer_of(digest, r.to_bytes(32) + twin.to_bytes(32) + bytes([55 - v])) is None
    assert signer_of(digest, bytes(signed.signature)) == bo.address


@given(DIGESTS, TEXTS)
def test_the_statement_that_names_a_recipient_has_one_digest(agreement, recipient):
    ours = recipient_digest(agreement, recipient, CHAIN_ID, ESCROW)
    assert ours == Recipient(agreement, recipient).digest(infill_domain(CHAIN_ID, ESCROW))
    assert Recipient.type_string() == RECIPIENT_TYPE
