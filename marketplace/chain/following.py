"""What became of signed transactions. A receipt decides, whatever a node answered when it was handed one."""

from dataclasses import dataclass

from marketplace.chain.answers import BlockHead, Receipt
from marketplace.chain.client import NodeClient
from marketplace.chain.errors import ContractReverted, NodeRefused
from marketplace.chain.intent_rules import IntentStatus, status_by
from marketplace.chain.models import Attempt, Intent
from marketplace.chain.outbox import intent_displace, intent_see, intent_unsee
from marketplace.chain.outbox_selectors import attempts_of


@dataclass(frozen=True)
class Look:
    """The chain at the beginning of a step, as one node has it; the whole step asks that node."""

    node: NodeClient
    head: BlockHead
    finalized: BlockHead


def intent_follow(look: Look, intent: Intent, used: int) -> bool:
    """Bring a signed intent level with the chain; `used` are the nonces its sender has used up so far.

    Says whether it still has to be mined. Raises what the client raises, SenderRaced.
    """
    if intent.status == IntentStatus.SENT and used <= (intent.nonce or 0):
        return True
    found = _receipt_of(look, intent)
    if found is None:
        return _without_receipt(look, intent, used)
    attempt, receipt = found
    status = status_by(receipt, look.finalized.number)
    if status == IntentStatus.SENT:
        if intent.status == IntentStatus.MINED:
            intent_unsee(intent=intent, now=look.head.time)
    elif status != intent.status or receipt.block_digest != intent.block_digest:
        reason = _reason(look, intent, attempt, receipt) if status == IntentStatus.FAILED else ""
        intent_see(intent=intent, attempt=attempt, receipt=receipt, status=status, reason=reason)
    return False


def _receipt_of(look: Look, intent: Intent) -> tuple[Attempt, Receipt] | None:
    """The one attempt that was mined."""
    for attempt in attempts_of(intent):
        receipt = look.node.receipt(attempt.digest)
        if receipt is not None:
            return attempt, receipt
    return None


def _without_receipt(look: Look, intent: Intent, used: int) -> bool:
    if intent.status == IntentStatus.MINED:
        intent_unsee(intent=intent, now=look.head.time)
    elif _displaced(look, intent):
        intent_displace(intent=intent)
        return False
    return used <= (intent.nonce or 0)


def _displaced(look: Look, intent: Intent) -> bool:
    """Whether a transaction that is none of ours used up the nonce for good.

    The finalized block was named before the receipts were asked for: had one of ours used the nonce up to
    there, its receipt would have been found. Asked last: whether the node that was asked knows that block.
    """
    used = look.node.transaction_count(intent.sender, look.finalized.number)
    return used > (intent.nonce or 0) and look.node.block(look.finalized.number) == look.finalized


def _reason(look: Look, intent: Intent, attempt: Attempt, receipt: Receipt) -> str:
    """Why it reverted, in words, by doing it again on the block before; that may not tell."""
    if receipt.gas_used >= attempt.gas:
        return "out of gas"
    sender, value, block = intent.sender, int(intent.value), receipt.block - 1
    try:
        look.node.call(sender=sender, to=intent.to, data=intent.data, value=value, block=block)
    except ContractReverted as error:
        return str(error)
    except NodeRefused:
        return "reverted, and the node no longer has the block to say why"
    return "reverted, because of what came before it in its block"
