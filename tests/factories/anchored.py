"""A bid book and anchors around a Scene, made with `protocol` and never with the auditor."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount

from contracts import calls
from protocol.anchors import anchor_leaf
from protocol.books import Book, Receipt
from protocol.canonical import keccak
from protocol.merkle import BookLeaf, MerkleTree
from protocol.units import ZERO_DIGEST, Digest, hex_of, time_of
from tests.factories.bundle import Scene, sign

OPERATOR = Account.from_key((0x09E).to_bytes(32))
OTHERS = 3
"""Losing bids in the book."""


@dataclass
class Operator:
    """Receipts, the book and anchors of one job, as an operator makes them; or does not."""

    scene: Scene
    key: LocalAccount = OPERATOR
    last: Digest = ZERO_DIGEST
    roots: list[dict[str, Any]] = field(default_factory=list)
    proofs: list[dict[str, Any]] = field(default_factory=list)
    own: Receipt = field(init=False)

    def receipt(self, seq: int, **changes: Any) -> tuple[Receipt, bytes]:
        """That of Bo's bid is the last one."""
        bid = self.scene.agreement if seq == OTHERS else keccak(b"bid %d" % seq)
        now = self.scene.anvil.now()
        receipt = replace(Receipt(bid, self.scene.bid.job_digest, seq, now), **changes)
        return receipt, sign(self.key, receipt, self.scene.infill)

    def close(self, *, without: bool = False, own: dict[str, Any] | None = None, **changes: Any) -> Book:
        """Close the book and put it into the bundle; `without` Bo's bid, with his receipt or book changed."""
        receipts = [self.receipt(seq) for seq in range(OTHERS)]
        receipts.append(self.receipt(OTHERS, **(own or {})))
        self.own = receipts[-1][0]
        leaves = [BookLeaf.of(*each, self.scene.infill).digest() for each in receipts]
        if without:
            leaves.pop()
        usual = Book(
            self.scene.bid.job_digest, 1, self.scene.anvil.now(), len(leaves), MerkleTree(leaves).root
        )
        book, (receipt, signature) = replace(usual, **changes), receipts[-1]
        self.scene.book = {
            "book": book.to_json(),
            "signature": hex_of(sign(self.key, book, self.scene.infill)),
            "operator": OPERATOR.address,
            "leaves": [hex_of(leaf) for leaf in leaves],
            "receipt": {"receipt": receipt.to_json(), "signature": hex_of(signature)},
        }
        return book

    def anchor(self, *signed: Any, send: bool = True) -> None:
        """Anchor these as one batch, and put the proofs into the bundle."""
        scene = self.scene
        leaves = [anchor_leaf(each, scene.infill) for each in signed]
        tree = MerkleTree([leaf.digest() for leaf in leaves])
        if send:
            scene.anvil.fund(self.key)
            call = calls.Anchor(tree.root, len(leaves), self.last)
            sent = scene.anvil.send(self.key, {"to": scene.deployment.anchor, "data": hex_of(call.data)})
            assert sent["status"] == 1
            self.last = tree.root
        time = time_of(scene.anvil.now()).strftime("%Y-%m-%dT%H:%M:%SZ")
        root = {"root": hex_of(tree.root), "publisher": self.key.address, "anchored_at": time}
        self.roots.append(root)
        self.proofs += [
            {"leaf": leaf.to_json(), "proof": [hex_of(node) for node in tree.proof(n)], "root": root["root"]}
            for n, leaf in enumerate(leaves)
        ]
        scene.anchors = {
            "anchor": scene.deployment.anchor,
            "roots": self.roots,
            "proofs": self.proofs,
        }

    def story(self) -> Scene:
        """The whole story with a book at award and two anchors: before the delivery and after the end."""
        scene, book = self.scene, self.close()
        scene.award(book=book.root)
        self.anchor(scene.profile, self.own, book)
        scene.print()
        self.anchor(*(each.record for each in scene.provider_log))
        scene.deliver()
        scene.release()
        scene.anvil.finalise()
        return scene
