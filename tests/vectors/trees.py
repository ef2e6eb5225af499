"""Merkle trees of every kind of leaf and several sizes: the content of the committed `trees.json`."""

from __future__ import annotations

from protocol.books import Receipt
from protocol.canonical import keccak
from protocol.evidence import Kind
from protocol.merkle import AnchorLeaf, BookLeaf, Leaf, MerkleTree, PrinterLeaf
from protocol.typed import infill_domain
from protocol.units import Digest, hex_of
from tests.vectors.samples import CHAIN_ID, ESCROW

SIZES = {AnchorLeaf: (1, 2, 3, 7), PrinterLeaf: (1, 4, 6), BookLeaf: (5, 9)}
KINDS = tuple(Kind)


def sample_leaf(kind: type[Leaf], number: int) -> Leaf:
    """Leaf number `number` of the vectors: every member another digest of it."""

    def digest(name: str) -> Digest:
        return keccak(f"{name} {number}".encode())

    if kind is AnchorLeaf:
        what = KINDS[number % len(KINDS)]
        return AnchorLeaf(
            CHAIN_ID, ESCROW, digest("subject"), number, what, digest("payload"), digest("record")
        )
    if kind is PrinterLeaf:
        return PrinterLeaf(digest("printer"))
    receipt = Receipt(digest("bid"), keccak(b"job"), number, 1_800_000_000 + number)
    return BookLeaf.of(receipt, digest("r") + digest("s") + b"\x1b", infill_domain(CHAIN_ID, ESCROW))


def trees() -> list[dict]:
    """Each with its leaves in wire form, their digests and proofs."""
    return [tree_of(kind, size) for kind, sizes in SIZES.items() for size in sizes]


def tree_of(kind: type[Leaf], size: int) -> dict:
    leaves = [sample_leaf(kind, number) for number in range(size)]
    tree = MerkleTree([leaf.digest() for leaf in leaves])
    return {
        "leaf": kind.__name__,
        "types": [solidity for _, solidity in kind.members.values()],
        "root": hex_of(tree.root),
        "leaves": [
            {
                "value": leaf.to_json(),
                "digest": hex_of(leaf.digest()),
                "proof": [hex_of(node) for node in tree.proof(index)],
            }
            for index, leaf in enumerate(leaves)
        ],
    }
