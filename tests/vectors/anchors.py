"""How each signed thing becomes a leaf under an anchored root: the content of the committed `anchors.json`.

The leaf's own form, which a contract can check, is that of the AnchorLeaf trees in `trees.json`.
"""

from __future__ import annotations

from protocol.anchors import anchor_leaf
from protocol.books import Book, Receipt
from protocol.evidence import Evidence
from protocol.profiles import PrinterProfile
from protocol.units import hex_of
from tests.vectors.samples import samples

ANCHORED = (Evidence, PrinterProfile, Receipt, Book)


def anchors() -> list[dict]:
    """Each anchored struct of the vectors, its leaf in wire form, and the leaf's digest."""
    signed = [(struct, domain) for struct, domain in samples() if isinstance(struct, ANCHORED)]
    leaves = [(struct, anchor_leaf(struct, domain)) for struct, domain in signed]
    return [
        {
            "type": type(struct).__name__,
            "message": struct.to_json(),
            "leaf": leaf.to_json(),
            "digest": hex_of(leaf.digest()),
        }
        for struct, leaf in leaves
    ]
