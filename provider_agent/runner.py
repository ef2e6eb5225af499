"""One runner for each agreement: takes it up at whatever status the journal has, and brings it to its end."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping

from protocol.errors import InfillError
from protocol.statuses import MakingStatus
from protocol.units import Digest, hex_of
from provider_agent.errors import MakingFailed
from provider_agent.journal.attempts import attempts_of
from provider_agent.journal.makings import Making, making_advance, making_get
from provider_agent.journal.reservations import reservation_free
from provider_agent.json_client import wait_seconds
from provider_agent.making.context import Context
from provider_agent.making.ending import attempt_fail
from provider_agent.making.fetching import fetch
from provider_agent.making.plate import RUNNING
from provider_agent.making.printing import produce
from provider_agent.making.settling import deliver, settle
from provider_agent.making.slicing import queue, slice_parts

log = logging.getLogger(__name__)

Step = Callable[[Context, Making], Awaitable[None]]

STEPS: Mapping[MakingStatus, Step] = {
    MakingStatus.WON: fetch,
    MakingStatus.FETCHED: slice_parts,
    MakingStatus.SLICED: queue,
    MakingStatus.QUEUED: produce,
    MakingStatus.PRINTING: produce,
    MakingStatus.PRINTED: produce,
    MakingStatus.CLEARED: deliver,
    MakingStatus.DELIVERED: settle,
}
"""What to do at each status; PAID and FAILED are the ends."""


async def run_making(context: Context, agreement: Digest) -> None:
    """Until the making is PAID or FAILED. What fails in passing is tried again, ever more slowly."""
    failures = 0
    said = ""
    while (making := making_get(context.journal, agreement)).status in STEPS:
        try:
            await STEPS[making.status](context, making)
            failures = 0
        except MakingFailed as error:
            _fail(context, agreement, str(error))
        except (InfillError, OSError) as error:  # OSError: a disk that is full or away
            failures += 1
            if str(error) != said:
                log.warning("%s at %s: %s", hex_of(agreement)[:10], making.status, error)
                said = str(error)
            await context.wakes.sleep(agreement, wait_seconds(failures))
        _say_change(context, agreement, making.status)


def _fail(context: Context, agreement: Digest, reason: str) -> None:
    """Give up. A print that may still run keeps its plate taken until it is cleared."""
    with context.journal.atomic():
        making_advance(context.journal, agreement, MakingStatus.FAILED, reason)
        reservation_free(context.journal, agreement)
        for attempt in attempts_of(context.journal, agreement):
            if attempt.status in RUNNING:
                attempt_fail(context.journal, context.log_of(agreement), attempt, reason)


def _say_change(context: Context, agreement: Digest, before: MakingStatus) -> None:
    now = making_get(context.journal, agreement)
    if now.status is MakingStatus.FAILED:
        log.error("%s: FAILED: %s", hex_of(agreement)[:10], now.reason)
    elif now.status is not before:
        log.info("%s: %s", hex_of(agreement)[:10], now.status)
