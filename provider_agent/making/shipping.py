"""What a person says of a making, signed by the running agent; and a delivery that waits for such a word."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from contracts.views import AgreementWord
from protocol.errors import InfillError
from protocol.evidence import Kind
from protocol.statuses import MakingStatus
from protocol.units import duration_text, hex_of
from provider_agent.chain_types import Block
from provider_agent.config import Delivery, Policy
from provider_agent.errors import MakingFailed
from provider_agent.journal.bids import bid_get
from provider_agent.journal.makings import OVER, Making, making_get
from provider_agent.journal.records import record_count
from provider_agent.journal.statements import statement_signed, statements_waiting
from provider_agent.journal.store import Journal
from provider_agent.making.context import Context
from provider_agent.outage import Outage

log = logging.getLogger(__name__)

SIGN_SECONDS: Final = 1.0
CHAIN_SECONDS: Final = 60.0
"""How often a making that waits for a person asks the chain whether it is still wanted."""
LATE_SECONDS: Final = 24 * 60 * 60
HOUR: Final = 60 * 60
TEN_MINUTES: Final = 600


async def statements_follow(context: Context) -> None:
    """For ever: turn what is said beside the agent into evidence, and wake whoever waits for it."""
    outage = Outage("signing what was said")
    while True:
        try:
            statements_sign(context)
            outage.back()
        except InfillError as error:
            outage.lost(error)
        await asyncio.sleep(SIGN_SECONDS)


def statements_sign(context: Context) -> None:
    """Each statement becomes one record, in one atomic block with its end: this process alone signs. Not
    what was said too late: a log that is over is not caught up with after a restore."""
    for said in statements_waiting(context.journal):
        with context.journal.atomic():
            if making_get(context.journal, said.agreement).status in OVER:
                log.warning("%s is over: '%s' is not recorded", hex_of(said.agreement)[:10], said.kind)
            else:
                context.log_of(said.agreement).append(said.key, said.kind, said.payload)
            statement_signed(context.journal, said.id)
        context.wakes.wake(hex_of(said.agreement))


def awaits_shipping(journal: Journal, policy: Policy, making: Making) -> bool:
    """Whether its delivery waits for a record that says how it was sent."""
    if policy.deliver is not Delivery.SHIPPED or making.status is not MakingStatus.CLEARED:
        return False
    return not record_count(journal, making.agreement, f"{Kind.SHIPPED}:")


def shipped_todo(agreement: str) -> str:
    """What a person does about it; `agreement` 0x text."""
    return f"ship it, then run `infill-agent shipped {agreement[:10]} --carrier ... --tracking ...`"


async def shipping_wait(context: Context, making: Making, word: AgreementWord, final: Block) -> None:
    """Until it is said to be shipped, or a minute. Raises MakingFailed where that is too late."""
    deadline = word.clock + bid_get(context.journal, making.agreement).bid.make_time
    if final.time > deadline:
        raise MakingFailed("the time to deliver is over, and nobody said that it was shipped")
    left = deadline - context.chain.clock.now()
    text, level = waiting_told(hex_of(making.agreement), left)
    context.say_once(making.agreement, text, level)
    await context.wakes.sleep(making.agreement, CHAIN_SECONDS)


def waiting_told(agreement: str, left: int) -> tuple[str, int]:
    """A line for the log with so many seconds left, and its level: another one each hour of the last day, and
    each ten minutes of the last hour."""
    todo = shipped_todo(agreement)
    if left > LATE_SECONDS:
        return f"delivering waits for you: {todo}", logging.INFO
    if left <= 0:
        return f"THE TIME TO DELIVER IS OVER: {todo} at once", logging.ERROR
    step = HOUR if left > HOUR else TEN_MINUTES
    within = duration_text(-(-left // step) * step)
    level = logging.WARNING if left > HOUR else logging.ERROR
    return f"NOT DELIVERED, LESS THAN {within} LEFT, then price and bond are lost: {todo}", level
