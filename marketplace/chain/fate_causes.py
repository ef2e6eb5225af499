"""Why a transaction failed, and what replaced it: asked of storage that many nodes soon drop."""

from marketplace.chain.answers import Transaction
from marketplace.chain.client import NodeClient
from marketplace.chain.errors import ContractReverted, NodeInconsistent, NodeRefused
from marketplace.chain.models import SentTransaction

ERROR_CHARS = 200


def reason_of(node: NodeClient, found: Transaction, block: int) -> tuple[str, dict[str, str]]:
    """What the same call reverts with after its block, or before it; empty where that cannot be found out."""
    if found.to is None:
        return "", {}
    same = {"sender": found.sender, "to": found.to, "data": found.data, "value": found.value}
    for where in (block, block - 1):
        try:
            node.call(**same, gas=found.gas, block=where)  # type: ignore[arg-type]
        except ContractReverted as error:
            return error.name[:ERROR_CHARS], error.values_json
        except NodeRefused:
            continue  # the node keeps no such old storage
    return "", {}


def replacement_of(node: NodeClient, sent: SentTransaction) -> str:
    """The transaction that used the nonce; empty where the node keeps no such old storage."""
    try:
        block = _block_using(node, sent.sender, int(sent.nonce or 0), int(sent.free_block or 0))
        used = node.transactions_in(block)
    except (NodeRefused, NodeInconsistent):
        return ""
    return next((one.digest for one in used if (one.sender, one.nonce) == (sent.sender, sent.nonce)), "")


def _block_using(node: NodeClient, sender: str, nonce: int, free_block: int) -> int:
    """The block that used a nonce, somewhere after a final block that left it free."""
    low, high = free_block, node.tips().head.number
    while high - low > 1:
        middle = (low + high) // 2
        if node.transaction_count(sender, middle) > nonce:
            high = middle
        else:
            low = middle
    return high
