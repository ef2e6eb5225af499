"""Merkle trees over double-hashed leaves: equal, node for node, to OpenZeppelin's StandardMerkleTree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from protocol.books import Receipt
from protocol.canonical import keccak
from protocol.errors import Malformed, ProofInvalid, TreeRefused
from protocol.typed import U64, U256, AddressField, DigestField, Domain, Struct, Text
from protocol.units import ZERO_DIGEST, Digest, hex_of

Proof = tuple[Digest, ...]
"""The siblings on the way from a leaf to the root; empty where the leaf is the only one."""


@dataclass(frozen=True)
class Leaf(Struct):
    """Base of what a tree can hold."""

    def digest(self) -> Digest:
        """keccak(keccak(abi.encode(members))): hashed twice, so that no inner node can pass for a leaf."""
        return keccak(keccak(self.encoded()))


@dataclass(frozen=True)
class AnchorLeaf(Leaf):
    """One record under an anchored root.

    `subject`: the agreement, the printer profile or the bid book that record number `seq` is about;
    `record`: the EIP-712 digest of the whole record, `payload`: that of its salted payload.
    """

    chain_id: U256
    escrow: AddressField
    subject: DigestField
    seq: U64
    kind: Text
    payload: DigestField
    record: DigestField


@dataclass(frozen=True)
class PrinterLeaf(Leaf):
    """A printer that a mandate accepts, by the digest of its signed profile: a bid's `printer`."""

    printer: DigestField


@dataclass(frozen=True)
class BookLeaf(Leaf):
    """A received bid in the book of its job, unreadable to who has not its receipt.

    `receipt`: the digest of the operator's Receipt; `salt`: keccak of the operator's signature on it. Nobody
    can guess a signature, and every bidder holds that of its own receipt: so a list of leaf digests tells
    strangers nothing but their number, and a bidder needs nobody's help to show that its bid was left out.
    """

    receipt: DigestField
    salt: DigestField

    @classmethod
    def of(cls, receipt: Receipt, signature: bytes, domain: Domain) -> BookLeaf:
        """The leaf of a receipt that the operator signed; domain Infill."""
        return cls(receipt.digest(domain), keccak(signature))


@dataclass(frozen=True)
class SampleLeaf(Leaf):
    """One sample of a print's telemetry under the root of its segment's record: `number` counts the samples
    of an attempt from 0, `sample` is the digest of its canonical JSON."""

    attempt: Text
    number: U64
    sample: DigestField


class MerkleTree:
    """The tree over leaf digests, in the order given.

    Raises TreeRefused without leaves, and where one occurs twice: every leaf of ours is one fact, which
    counts once. Raises Malformed for a digest that is not 32 bytes.
    """

    def __init__(self, leaves: Iterable[Digest]) -> None:
        self.leaves = tuple(leaves)
        _check(self.leaves, "leaves")
        if not self.leaves:
            raise TreeRefused("a tree needs at least one leaf: there is nothing to prove yet")
        [(often, count)] = Counter(self.leaves).most_common(1)
        if count > 1:
            raise TreeRefused(f"the leaf {hex_of(often)} occurs {count} times: name each once")
        self._nodes = _nodes(sorted(self.leaves))
        self._places = {node: at for at, node in enumerate(self._nodes)}

    @property
    def root(self) -> Digest:
        """What is anchored, signed or emitted."""
        return self._nodes[0]

    def proof(self, index: int) -> Proof:
        """The proof of leaf number `index`, counted from 0 as given. Raises Malformed beyond the last."""
        if not 0 <= index < len(self.leaves):
            raise Malformed(f"there are leaves 0 to {len(self.leaves) - 1}, not {index}", "index")
        proof, at = [], self._places[self.leaves[index]]
        while at > 0:
            proof.append(self._nodes[at + 1 if at % 2 else at - 1])
            at = (at - 1) // 2
        return tuple(proof)


def proof_check(leaf: Leaf, proof: Sequence[Digest], root: Digest) -> None:
    """Check that the tree with this root holds a leaf. Raises ProofInvalid, or Malformed for bad digests.

    It takes the leaf itself, never a digest: a digest could be that of an inner node.
    """
    _check((root, *proof), "proof")
    node = leaf.digest()
    for sibling in proof:
        node = _parent(node, sibling)
    if node != root:
        raise ProofInvalid(f"the proof leads from the leaf to {hex_of(node)}, not to {hex_of(root)}")


def _nodes(leaves: list[Digest]) -> list[Digest]:
    """A complete binary tree: first the root, the children of node i at 2i+1 and 2i+2, last the leaves."""
    inner = len(leaves) - 1
    nodes = [ZERO_DIGEST] * inner + leaves[::-1]
    for at in reversed(range(inner)):
        nodes[at] = _parent(nodes[2 * at + 1], nodes[2 * at + 2])
    return nodes


def _parent(one: Digest, other: Digest) -> Digest:
    return keccak(min(one, other) + max(one, other))


def _check(digests: Sequence[Digest], field: str) -> None:
    if any(len(digest) != 32 for digest in digests):
        raise Malformed("expected digests of 32 bytes", field)
