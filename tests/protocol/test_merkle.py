"""Merkle trees: what they refuse, and that a proof proves its own leaf and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from eth_abi import encode
from eth_hash.auto import keccak
from hypothesis import given
from hypothesis import strategies as st

from protocol.books import Receipt
from protocol.errors import Malformed, ProofInvalid, TreeRefused
from protocol.merkle import AnchorLeaf, BookLeaf, Leaf, MerkleTree, PrinterLeaf, proof_check
from protocol.typed import infill_domain
from tests.protocol.strategies import structs
from tests.vectors.samples import CHAIN_ID, ESCROW
from tests.vectors.trees import sample_leaf

DOMAIN = infill_domain(CHAIN_ID, ESCROW)
any_leaf = st.one_of([structs(leaf) for leaf in (AnchorLeaf, PrinterLeaf, BookLeaf)])
some_leaves = st.lists(any_leaf, min_size=1, max_size=40, unique=True)


def tree_of(leaves: list[Leaf]) -> MerkleTree:
    return MerkleTree([leaf.digest() for leaf in leaves])


def printers(count: int) -> list[Leaf]:
    return [sample_leaf(PrinterLeaf, number) for number in range(count)]


def test_a_tree_without_leaves_is_refused():
    with pytest.raises(TreeRefused, match="at least one"):
        MerkleTree([])


@given(some_leaves, st.data())
def test_a_leaf_that_counts_twice_is_refused(leaves, data):
    again = data.draw(st.sampled_from(leaves))
    with pytest.raises(TreeRefused, match=again.digest().hex()):
        tree_of([*leaves, again])


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_what_is_no_digest_is_refused(size):
    [leaf] = printers(1)
    with pytest.raises(Malformed, match="32 bytes"):
        MerkleTree([leaf.digest(), bytes(size)])
    with pytest.raises(Malformed, match="32 bytes"):
        proof_check(leaf, [bytes(size)], leaf.digest())
    with pytest.raises(Malformed, match="32 bytes"):
        proof_check(leaf, [], bytes(size))


@pytest.mark.parametrize("index", [-1, 3, 2**64])
def test_an_index_out_of_range_is_refused(index):
    with pytest.raises(Malformed, match="0 to 2"):
        tree_of(printers(3)).proof(index)


@given(some_leaves, any_leaf, st.data())
def test_another_leaf_is_not_proven(leaves, other, data):
    tree, index = tree_of(leaves), data.draw(st.integers(0, len(leaves) - 1))
    if other != leaves[index]:
        with pytest.raises(ProofInvalid):
            proof_check(other, tree.proof(index), tree.root)


@given(some_leaves, st.binary(min_size=32, max_size=32), st.data())
def test_an_altered_proof_proves_nothing(leaves, noise, data):
    tree, index = tree_of(leaves), data.draw(st.integers(0, len(leaves) - 1))
    proof = list(tree.proof(index))
    place = data.draw(st.integers(0, len(proof)))
    for altered in (
        [*proof[:place], noise, *proof[place:]],
        [*proof[:place], noise, *proof[place + 1 :]],
        proof[:-1],
    ):
        if altered != proof:
            with pytest.raises(ProofInvalid):
                proof_check(leaves[index], altered, tree.root)


@given(st.lists(any_leaf, min_size=2, max_size=9, unique=True), st.data())
def test_an_inner_node_is_no_leaf(leaves, data):
    """Its two children are the 64 bytes of a book's leaf, and its digest is what a printer's leaf may name."""
    tree, index = tree_of(leaves), data.draw(st.integers(0, len(leaves) - 1))
    sibling, *above = tree.proof(index)
    low, high = sorted([leaves[index].digest(), sibling])
    for forged in (BookLeaf(low, high), BookLeaf(high, low), PrinterLeaf(keccak(low + high))):
        with pytest.raises(ProofInvalid):
            proof_check(forged, above, tree.root)


def test_a_leaf_of_another_chain_escrow_or_kind_is_another_leaf():
    leaf = sample_leaf(AnchorLeaf, 1)
    others = [
        replace(leaf, chain_id=1),
        replace(leaf, escrow="0x" + "11" * 20),
        replace(leaf, seq=2),
        replace(leaf, kind="sliced "),
    ]
    assert len({leaf.digest(), *(other.digest() for other in others)}) == 5


@given(some_leaves)
def test_every_leaf_is_proven(leaves):
    tree = tree_of(leaves)
    for index, leaf in enumerate(leaves):
        proof_check(leaf, tree.proof(index), tree.root)
        assert len(tree.proof(index)) <= (len(leaves) - 1).bit_length()


@given(some_leaves, st.randoms())
def test_the_root_does_not_depend_on_the_order(leaves, random):
    shuffled = random.sample(leaves, len(leaves))
    assert tree_of(shuffled).root == tree_of(leaves).root


@given(any_leaf)
def test_a_single_leaf_is_its_own_root(leaf):
    tree = tree_of([leaf])
    assert (tree.root, tree.proof(0)) == (leaf.digest(), ())


@given(any_leaf)
def test_wire_form_and_back_is_the_same(leaf):
    assert type(leaf).from_json(leaf.to_json()) == leaf


@given(structs(AnchorLeaf))
def test_an_anchored_record_is_encoded_as_the_protocol_says(leaf):
    kinds = ["uint256", "address", "bytes32", "uint64", "bytes32", "bytes32", "bytes32"]
    kind = keccak(leaf.kind.encode())
    values = [leaf.chain_id, leaf.escrow, leaf.subject, leaf.seq, kind, leaf.payload, leaf.record]
    assert leaf.digest() == keccak(keccak(encode(kinds, values)))


@given(structs(Receipt), st.binary(min_size=64, max_size=65), st.binary(min_size=64, max_size=65))
def test_a_book_leaf_needs_the_receipts_signature(receipt, signature, guess):
    leaf = BookLeaf.of(receipt, signature, DOMAIN)
    assert leaf.receipt == receipt.digest(DOMAIN)
    assert (BookLeaf.of(receipt, guess, DOMAIN) == leaf) == (guess == signature)
