"""WON -> FETCHED: the models, once the marketplace releases them, checked against the spec's commitments."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pyrage
from pyrage.x25519 import Identity

from protocol.canonical import keccak, salted_digest
from protocol.evidence import Kind
from protocol.jobspec import Part
from protocol.recipients import Recipient
from protocol.statuses import MakingStatus
from protocol.units import hex_of
from provider_agent.errors import MakingFailed, MarketplaceRefused
from provider_agent.files import file_write
from provider_agent.journal.bids import BidRow, bid_get
from provider_agent.journal.makings import FileRow, Making, file_find, file_set, making_advance
from provider_agent.making.context import Context
from provider_agent.marketplace import TOO_LARGE, Grant

log = logging.getLogger(__name__)

MODEL = "model"
TRIES = 3
SEALED_HEADER = 4096
RANGE_REFUSED = 416
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


def _recipient_named(context: Context, making: Making) -> tuple[str, bytes]:
    """The key that files are to be encrypted to, and the signature that names it for this agreement: the same
    each time."""
    recipient = str(context.identity.to_public())
    if making.agreement not in context.named:
        digest = Recipient(making.agreement, recipient).digest(context.chain.infill)
        context.named[making.agreement] = context.wallet.sign(digest)
    return recipient, context.named[making.agreement]


async def _grants(context: Context, making: Making) -> list[Grant] | None:
    try:
        recipient, statement = _recipient_named(context, making)
        return await context.marketplace.designs(making.agreement, recipient, statement)
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
    recipient, statement = _recipient_named(context, making)
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
            {
                "model": hex_of(part.model),
                "name": part.name,
                "bytes": part.bytes,
                "copies": part.copies,
                # Which delivery it was: the key it was encrypted to, as the key of the bid named it, and the
                # keccak of the ciphertext.
                "recipient": recipient,
                "statement": hex_of(statement),
                "sealed": hex_of(grant.sealed),
            },
        )


async def _arrived(context: Context, grant: Grant, path: Path, part: Part) -> bool:
    """Fetch into place if it is encrypted to this agent and what the spec commits to."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    sealed = path.with_name(f"{path.name}.{grant.sealed.hex()[:16]}.age")
    try:
        # The ciphertext has a header, and 16 bytes for each 64 KiB.
        await context.marketplace.download(grant, sealed, part.bytes + part.bytes // 1024 + SEALED_HEADER)
    except MarketplaceRefused as refusal:
        sealed.unlink(missing_ok=True)
        if refusal.problem != TOO_LARGE and refusal.status != RANGE_REFUSED:
            raise
        log.warning("fetching %s: %s", part.name, refusal)
        return False
    right = await asyncio.to_thread(_opened, context.identity, sealed, path, grant, part)
    sealed.unlink(missing_ok=True)
    return right


def _opened(identity: Identity, sealed: Path, path: Path, grant: Grant, part: Part) -> bool:
    """Decrypt a delivery into place, if it is the model of the spec."""
    plain = _plain(identity, sealed.read_bytes(), grant)
    if plain is None:
        log.warning("part %s arrived as another file than was delivered to this agent", part.name)
        return False
    if len(plain) != part.bytes or salted_digest(grant.salt, plain) != part.model:
        log.warning("part %s arrived with another digest than the spec's", part.name)
        return False
    file_write(path, plain)
    return True


def _plain(identity: Identity, sealed: bytes, grant: Grant) -> bytes | None:
    """What a ciphertext says, if it is the one that was named and for this agent."""
    if keccak(sealed) != grant.sealed:
        return None
    try:
        return bytes(pyrage.decrypt(sealed, [identity]))
    except (pyrage.DecryptError, OSError):  # age tells a cut ciphertext as OSError
        return None


def _suffix(name: str) -> str:
    """The file kind by name, never anything that could leave the folder."""
    suffix = Path(name).suffix.lower()
    return suffix if suffix[1:].isalnum() and len(suffix) <= 6 else ".stl"
