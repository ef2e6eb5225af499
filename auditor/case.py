"""All that one audit looks at."""

from dataclasses import dataclass

from auditor.rebuild import History, history_of
from auditor.records import NodeFacts
from auditor.sources.parts import Bundle, SignedReceipt
from protocol.units import Digest


@dataclass(frozen=True)
class ModelFile:
    """A design file that the auditor holds."""

    name: str
    data: bytes


@dataclass(frozen=True)
class ReceiptFile:
    """An operator's receipt that a bidder holds."""

    name: str
    signed: SignedReceipt


@dataclass(frozen=True)
class Case:
    """The agreement's id, what node and bundle say, and the history rebuilt from the node's logs.

    `failed` is that of the agreement whose units this one took over.
    """

    agreement: Digest
    node: NodeFacts
    bundle: Bundle
    history: History | None
    failed: History | None = None
    models: tuple[ModelFile, ...] = ()
    receipts: tuple[ReceiptFile, ...] = ()


def case_of(
    agreement: Digest,
    node: NodeFacts,
    bundle: Bundle,
    models: tuple[ModelFile, ...] = (),
    receipts: tuple[ReceiptFile, ...] = (),
) -> Case:
    """Put a case together."""
    history = history_of(node.logs, node.transactions, node.escrow)
    failed = history_of(node.failed_logs, node.transactions, node.escrow)
    return Case(agreement, node, bundle, history, failed, models, receipts)
