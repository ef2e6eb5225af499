"""Print only, delete afterwards: a designer's files leave the agent's home once nothing can need them."""

from __future__ import annotations

import asyncio
import logging
import shutil
import time

from protocol.errors import InfillError
from protocol.statuses import AgreementStatus
from protocol.units import Digest, hex_of
from provider_agent.journal.facts import fact, fact_set
from provider_agent.journal.makings import OVER, Making, makings
from provider_agent.journal.store import Journal
from provider_agent.making.context import Context

log = logging.getLogger(__name__)

FORGET_SECONDS = 5.0
DISPUTABLE = frozenset({AgreementStatus.DELIVERED, AgreementStatus.DISPUTED})


def deleted_at(journal: Journal, agreement: Digest) -> int | None:
    """When the model and G-code of an agreement were deleted (epoch seconds), None while they are kept."""
    found = fact(journal, _name(agreement))
    return None if found is None else int(found)


async def files_forget(context: Context) -> None:
    """For ever: delete the files of every making that is over."""
    while True:
        for making in makings(context.journal):
            if making.status in OVER and deleted_at(context.journal, making.agreement) is None:
                try:
                    await making_forget(context, making)
                except (InfillError, OSError) as error:
                    context.say_once(making.agreement, f"its design files are still here: {error}")
        await asyncio.sleep(FORGET_SECONDS)


async def making_forget(context: Context, making: Making) -> None:
    """Delete the files of a making that is over, unless its agreement may still be disputed.

    The folder goes first, the note of it second: after a kill in between it is done again.
    """
    final = await context.chain.final()
    for block in (final.number, None):
        if (await context.chain.word(making.agreement, block)).status in DISPUTABLE:
            return
    folder = context.folder(making.agreement)
    if folder.exists():
        await asyncio.to_thread(shutil.rmtree, folder)
    fact_set(context.journal, _name(making.agreement), str(int(time.time())))
    log.info("%s: its model and G-code are deleted", hex_of(making.agreement)[:10])


def _name(agreement: Digest) -> str:
    return f"design deleted: {hex_of(agreement)}"
