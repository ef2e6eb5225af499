"""The only place that hands out nonces: what was signed is followed to its end, then what waits is signed.

A step may stop anywhere and two may run at once; the next one goes on from the rows.
"""

import logging
from collections.abc import Callable, Iterable
from functools import partial
from itertools import groupby
from operator import attrgetter

from eth_account.signers.local import LocalAccount

from marketplace.chain.alarms import Figures, alarms_settle
from marketplace.chain.errors import NodeBusy, NodeUnreachable
from marketplace.chain.fees import cost_most, fees_first
from marketplace.chain.following import Look, intent_follow
from marketplace.chain.intent_rules import IntentStatus, SenderRaced
from marketplace.chain.models import Intent
from marketplace.chain.nodes import Nodes, client
from marketplace.chain.outbox import intent_end
from marketplace.chain.outbox_selectors import (
    block_seen,
    intents_on_the_way,
    intents_unmined,
    intents_waiting,
    nonces_taken,
)
from marketplace.chain.sender_alarms import SENDER_ALARMS, intent_alarms
from marketplace.chain.sending import Sending
from marketplace.chain.signing import operator

logger = logging.getLogger(__name__)
ON_THE_WAY_LIMIT = 16
"""Nodes keep no more than this of one sender's transactions for sure."""
USUAL_GAS = 200_000
RESERVE = 10
"""The balance is low when it does not pay so many usual transactions."""


def sender_step() -> None:
    """Follow everything that was signed, then sign what waits, then settle the alarms.

    Raises what the nodes raise: nothing is signed while they disagree.
    """
    account, alarms = operator(), dict[str, Figures]()
    if account or intents_waiting().exists() or intents_on_the_way():
        alarms = _work(client(), account)
    alarms |= intent_alarms(has_key=account is not None)
    alarms_settle(names=SENDER_ALARMS, present=alarms)


def _work(nodes: Nodes, account: LocalAccount | None) -> dict[str, Figures]:
    node, tips = nodes.newest(block_seen())
    # Asked at each step: what another chain says of our nonces would make us give them up.
    node.require_chain()
    nodes.agree(node, tips.finalized)
    look = Look(node, tips.head, tips.finalized)
    balance = node.balance_of(account.address) if account else 0
    sending = Sending(look, node.market(), account, balance)
    _follow(sending)
    _each(intents_waiting().filter(deadline__lt=look.head.time), _expire)
    if account:
        room = max(0, ON_THE_WAY_LIMIT - intents_unmined().count())
        timely = intents_waiting().exclude(deadline__lt=look.head.time)
        _each(timely[:room], partial(sending.start, account))
        _balance_check(sending)
    return sending.alarms


def _each(intents: Iterable[Intent], work: Callable[[Intent], object]) -> None:
    """One intent's trouble is no other's. Raises NodeUnreachable and NodeBusy, which are everybody's."""
    for intent in intents:
        try:
            work(intent)
        except (NodeUnreachable, NodeBusy):
            raise
        except SenderRaced as error:
            logger.info("%s", error)
        except Exception:  # a handler's or the node's; the next step tries again
            logger.exception("the sender could not go on with %s", intent.key)


def _expire(intent: Intent) -> None:
    reason = f"not signed before its deadline, {intent.deadline}"
    intent_end(intent=intent, status=IntentStatus.EXPIRED, reason=reason)


def _follow(sending: Sending) -> None:
    for sender, intents in groupby(intents_on_the_way(), key=attrgetter("sender")):
        used = sending.look.node.transaction_count(sender)
        _each(intents, partial(_follow_one, sending, used))
        unmined = intents_unmined().filter(sender=sender, nonce__gte=used)
        if unmined.exists() and used not in nonces_taken(sender, used):
            sending.alarms["nonce-gap"] = {"sender": sender, "nonce": used}


def _follow_one(sending: Sending, used: int, intent: Intent) -> None:
    if intent_follow(sending.look, intent, used):
        sending.push(intent, used=used)


def _balance_check(sending: Sending) -> None:
    fees = fees_first(sending.market, sending.cap) or sending.cap
    reserve = RESERVE * cost_most(USUAL_GAS, fees.max_fee, 0)
    if sending.balance < reserve:
        figures = {"balance": str(sending.balance), "reserve": str(reserve)}
        sending.alarms.setdefault("balance-low", figures)
