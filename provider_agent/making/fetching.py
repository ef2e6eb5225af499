"""WON -> FETCHED: the models, once the marketplace releases them, checked against the spec's commitments."""

from __future__ import annotations

import asyncio
import logging
import os
from pathlib import Path

from protocol.canonical import salted_digest
from protocol.evidence import Kind
from protocol.jobspec import Part
from protocol.statuses import MakingStatus
from protocol.units import hex_of
from provider_agent.errors import MakingFailed, MarketplaceRefused
from provider_agent.journal.bids import BidRow, bid_get
from provider_agent.journal.makings import FileRow, Making, file_find, file_set, making_advance
from provider_agent.making.context import Context
from provider_agent.marketplace import TOO_LARGE, Grant

log = logging.getLogger(__name__)

MODEL = "model"
TRIES = 3
NOT_YET = frozenset({403, 404, 409})
"""Answers that mean: the marketplace has not seen the award as final, or the grace time runs."""


async def fetch(context: Context, making: Making) -> None:
    """Wait for the grant, fetch every model of the spec, record what was received."""
    await context.live_word(making)
    row = bid_get(context.journal, making.agreement)
    _spec_record(context, making, row)
    grants = await _grants(context, making)
    if grants is None:
        await context.wakes.sleep(making.agreement)
        return
    for place, part in enumerate(row.spec.parts):
        if file_find(context.journal, making.agreement, place, MODEL) is None:
            await _fetch_part(context, making, place, part, grants)
    making_advance(context.journal, making.agreement, MakingStatus.FETCHED)


def _spec_record(context: Context, making: Making, row: BidRow) -> None:
    payload = {
        "job_digest": hex_of(row.bid.job_digest),
        "bid": hex_of(making.agreement),
        "printer": hex_of(row.bid.printer),
        "units": making.units,
    }
    context.log_of(making.agreement).append("job spec", Kind.JOB_SPEC, payload)


async def _grants(context: Context, making: Making) -> list[Grant] | None:
    try:
        return await context.marketplace.designs(making.agreement)
    except MarketplaceRefused as refusal:
        if refusal.status not in NOT_YET:
            raise
        context.say_once(making.agreement, f"the design is not released yet: {refusal.detail}")
        return None


async def _fetch_part(context: Context, making: Making, place: int, part: Part, grants: list[Grant]) -> None:
    grant = next((grant for grant in grants if grant.model == part.model), None)
    if grant is None:
        raise MakingFailed(f"the marketplace releases no model for part {part.name!r}")
    limit = min(part.bytes, context.config.policy.model_limit_bytes)
    if part.bytes > limit:
        raise MakingFailed(f"the model of {part.name!r} has {part.bytes} bytes, the limit is {limit}")
    name = f"model-{place}{_suffix(grant.name)}"
    path = context.folder(making.agreement) / name
    for _ in range(TRIES):
        if await _arrived(context, grant, path, part):
            break
    else:
        raise MakingFailed(f"what arrives as part {part.name!r} is not the model the job was signed for")
    with context.journal.atomic():
        file_set(
            context.journal,
            making.agreement,
            place,
            MODEL,
            FileRow(name, part.model, {"salt": hex_of(grant.salt)}),
        )
        context.log_of(making.agreement).append(
            f"model received:{place}",
            Kind.MODEL_RECEIVED,
            {"model": hex_of(part.model), "name": part.name, "bytes": part.bytes, "copies": part.copies},
        )


async def _arrived(context: Context, grant: Grant, path: Path, part: Part) -> bool:
    """Fetch into place if it is what the spec commits to."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(path.name + ".new")
    try:
        size = await context.marketplace.download(grant, fresh, part.bytes)
    except MarketplaceRefused as refusal:
        if refusal.problem != TOO_LARGE:
            raise
        log.warning("fetching %s: %s", part.name, refusal)
        return False
    if size != part.bytes or not await asyncio.to_thread(_is_model, fresh, grant, part):
        log.warning("part %s arrived with another digest than the spec's", part.name)
        fresh.unlink()
        return False
    fresh.replace(path)
    return True


def _is_model(path: Path, grant: Grant, part: Part) -> bool:
    with path.open("rb") as file:
        data = file.read()
        os.fsync(file.fileno())
    return salted_digest(grant.salt, data) == part.model


def _suffix(name: str) -> str:
    """The file kind by name, never anything that could leave the folder."""
    suffix = Path(name).suffix.lower()
    return suffix if suffix[1:].isalnum() and len(suffix) <= 6 else ".stl"
