"""Where the chain that was read and the chain of a node part."""

import logging

from contracts.artifacts import Deployment
from marketplace.chain.client import NodeClient
from marketplace.chain.models import Block, Cursor

logger = logging.getLogger(__name__)


def fork_find(*, cursor: Cursor, deployment: Deployment, node: NodeClient) -> int:
    """The last block read that still stands: `cursor.seen` where nothing changed. Raises ChainError."""
    newest = cursor.blocks.order_by("-number").first()
    if newest is None or _standing(node, [newest]):
        return cursor.seen
    fork = max(_standing(node, list(cursor.blocks.all())), default=None)
    if fork is None or fork < cursor.final:
        logger.error("the chain took back blocks it had called final (up to %s)", cursor.final)
    fork = deployment.block - 1 if fork is None else fork
    logger.warning("reorganisation: back from block %s to %s", cursor.seen, fork)
    return fork


def _standing(node: NodeClient, kept: list[Block]) -> list[int]:
    """The numbers of those blocks that the node's chain still has."""
    found = node.blocks([block.number for block in kept])
    heads = ((block, found.get(block.number)) for block in kept)
    return [block.number for block, head in heads if head and head.digest == block.digest]
