"""Where the chain that was read and the chain of a node part."""

import logging
from dataclasses import dataclass

from contracts.artifacts import Deployment
from marketplace.chain.client import NodeClient
from marketplace.chain.models import Block, Cursor

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Fork:
    """A block up to which two chains are one; without a digest where none of those kept is."""

    number: int
    digest: str | None = None


def fork_find(*, cursor: Cursor, deployment: Deployment, node: NodeClient) -> Fork:
    """The last block read that still stands: at `cursor.seen` where nothing changed. Raises ChainError."""
    kept = list(cursor.blocks.filter(number__lte=cursor.seen).order_by("number"))
    if not kept:
        return Fork(cursor.seen)
    if standing := _standing(node, kept[-1:]):
        return standing[-1]
    fork = next(reversed(_standing(node, kept)), Fork(deployment.block - 1))
    if fork.digest is None or fork.number < cursor.final:
        logger.error("the chain took back blocks it had called final (up to %s)", cursor.final)
    logger.warning("reorganisation: back from block %s to %s", cursor.seen, fork.number)
    return fork


def _standing(node: NodeClient, kept: list[Block]) -> list[Fork]:
    """Those of the blocks that the node's chain still has."""
    found = node.blocks([block.number for block in kept])
    heads = ((block, found.get(block.number)) for block in kept)
    return [Fork(block.number, block.digest) for block, head in heads if head and head.digest == block.digest]
