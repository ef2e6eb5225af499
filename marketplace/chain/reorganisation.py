"""Where the chain that was read and the chain of a node part."""

import logging

from contracts.artifacts import Deployment
from marketplace.chain.answers import Tips
from marketplace.chain.client import NodeClient
from marketplace.chain.models import Cursor

logger = logging.getLogger(__name__)


def fork_find(*, cursor: Cursor, deployment: Deployment, node: NodeClient, tips: Tips) -> int:
    """The last block read that still stands: `cursor.seen` where nothing changed. Raises ChainError."""
    kept = {block.number: block.digest for block in cursor.blocks.order_by("-number")}
    if not kept:
        return cursor.seen
    newest = max(kept)
    if newest <= tips.head.number and _stands(node, {newest: kept[newest]}):
        return cursor.seen
    found = node.blocks([number for number in kept if number <= tips.head.number])
    fork = max((n for n, digest in kept.items() if n in found and found[n].digest == digest), default=None)
    if fork is None or fork < cursor.final:
        logger.error("the chain took back blocks it had called final (up to %s)", cursor.final)
    fork = deployment.block - 1 if fork is None else fork
    logger.warning("reorganisation: back from block %s to %s", cursor.seen, fork)
    return fork


def _stands(node: NodeClient, kept: dict[int, str]) -> bool:
    found = node.blocks(list(kept))
    return all(number in found and found[number].digest == digest for number, digest in kept.items())
