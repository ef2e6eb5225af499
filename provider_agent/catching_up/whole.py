"""The order of it: bids, so that awards are known as ours; awards; evidence, so that logs go on from their
end; makings, so that nothing made is made again; plates, by a person."""

from __future__ import annotations

import logging

from protocol.statuses import AgreementStatus, How, MakingStatus
from protocol.units import Digest, hex_of
from provider_agent.awards import Awards
from provider_agent.catching_up.bids import bids_adopt
from provider_agent.catching_up.evidence import evidence_adopt
from provider_agent.errors import NotCaughtUp
from provider_agent.journal.attempts import AttemptStatus, attempts_of, plate_taken
from provider_agent.journal.facts import cursor, cursor_set, fact
from provider_agent.journal.makings import Making, makings
from provider_agent.journal.restored import backup_made_at, caught_up, is_behind, making_place
from provider_agent.journal.sheets import plates_planned
from provider_agent.making.context import Context
from provider_agent.making.plate import cleared_name

log = logging.getLogger(__name__)

DELIVERED = frozenset({AgreementStatus.DELIVERED, AgreementStatus.DISPUTED})
AFTER_DELIVERY = frozenset({How.CLAIMED, How.RULED, How.EXPIRED})
CLOCKS_SECONDS = 3600
"""How far apart the clock of the backup and that of the chain may be."""
EARLY = frozenset({MakingStatus.WON, MakingStatus.PRINTED, MakingStatus.CLEARED})


async def catch_up(context: Context) -> None:
    """Nothing for a journal that was not restored. May be broken off and begun again at any line.

    Raises NodeUnreachable, MarketplaceUnreachable, WrongChain, or NotCaughtUp saying what a person has to do.
    """
    if not is_behind(context.journal):
        return
    log.info("this journal was restored from a backup: catching up before anything is signed")
    awards = Awards(context, _told)
    await context.chain.check()
    await bids_adopt(context)
    if cursor(context.journal) is None:
        moment = backup_made_at(context.journal) - CLOCKS_SECONDS
        cursor_set(context.journal, await context.chain.block_before(moment))
    await awards.follow()
    for making in makings(context.journal, live=True):
        await evidence_adopt(context, making.agreement)
        await _place(context, making)
    _plates_check(context)
    caught_up(context.journal)
    log.info("caught up: the agent goes on")


def _told(agreement: Digest) -> None:
    log.info("%s was won since the backup", hex_of(agreement)[:10])


async def _place(context: Context, making: Making) -> None:
    """Where a making stands by the evidence and the chain; its files are fetched and sliced again."""
    if making.status not in EARLY:
        return
    final = await context.chain.final()
    word = await context.chain.word(making.agreement, final.number)
    newest = await context.chain.word(making.agreement)
    made = _is_made(context, making)
    if word.status is AgreementStatus.CLOSED:
        how = await context.chain.closing(making.agreement, making.award_block, final.number)
        made = made or how in AFTER_DELIVERY
    if newest.status in DELIVERED or (made and word.status is AgreementStatus.CLOSED):
        log.info("%s is delivered already (block %d)", hex_of(making.agreement)[:10], final.number)
        making_place(context.journal, making.agreement, MakingStatus.DELIVERED)
    elif made and making.status is MakingStatus.WON:
        making_place(context.journal, making.agreement, MakingStatus.PRINTED)


def _is_made(context: Context, making: Making) -> bool:
    plates = plates_planned(context.journal, making.agreement)
    done = {
        attempt.item
        for attempt in attempts_of(context.journal, making.agreement)
        if attempt.status is AttemptStatus.FINISHED
    }
    return {plate.number for plate in plates} <= done


def _plates_check(context: Context) -> None:
    """The journal cannot know what was put on a plate since the backup."""
    unknown = [
        printer.serial
        for printer in context.fleet.all()
        if not printer.config.auto_clear
        and plate_taken(context.journal, printer.serial) is None
        and not fact(context.journal, cleared_name(printer.serial))
    ]
    if unknown:
        commands = ", ".join(f"`infill-agent clear {serial}`" for serial in unknown)
        raise NotCaughtUp(
            f"nobody knows what is on the plate of {', '.join(unknown)}: empty it, then {commands}"
        )
