"""The marketplace: whether it is there, ours, on time, and knows this provider."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final

from protocol.units import address_of, hex_of
from provider_agent.doctor.checks import Check, Finding, failed, ok, warning
from provider_agent.doctor.subject import Subject
from provider_agent.errors import MarketplaceRefused
from provider_agent.journal.facts import TOKEN, fact
from provider_agent.journal.profiles import profiles
from provider_agent.marketplace import API
from provider_agent.printers import capability_of
from provider_agent.sign_in import challenge_check

OFF_SECONDS: Final = 5
WRONG_SECONDS: Final = 60
SOON: Final = timedelta(days=2)


def market_checks(subject: Subject) -> list[Check]:
    """Those that ask the marketplace."""

    async def network() -> Finding:
        return await _network(subject)

    async def clock() -> Finding:
        return await _clock(subject)

    async def sign_in() -> Finding:
        return await _sign_in(subject)

    async def registered() -> Finding:
        return await _registered(subject)

    return [
        Check("marketplace", network),
        Check("clock", clock),
        Check("sign-in", sign_in),
        Check("registered", registered),
    ]


async def _network(subject: Subject) -> Finding:
    found = await subject.client.request("GET", f"{API}/network")
    theirs = (int(found["chain_id"]), address_of(found["escrow"]))
    ours = (subject.chain.chain_id, subject.chain.escrow)
    if theirs != ours:
        return failed(
            f"it works with {theirs[1]} on chain {theirs[0]}, agent.toml with {ours[1]} on {ours[0]}",
            "write its chain_id and escrow under [chain], or another marketplace: nothing is bid so",
        )
    fee, limit = int(found["fee_bps"]), subject.config.policy.max_fee_bps
    if fee > limit:
        return warning(
            f"its fee is {fee / 100:g} %, the limit {limit / 100:g} %",
            "raise policy.max_fee_bps, or bid elsewhere",
        )
    trusted, named = subject.config.policy.arbiters, [address_of(one) for one in found["arbiters"]]
    if trusted and not set(trusted) & set(named):
        return warning("none of its arbiters is on your list", "look at policy.arbiters: nothing is bid so")
    return ok(f"{subject.client.url} works with the same escrow, for {fee / 100:g} %")


async def _clock(subject: Subject) -> Finding:
    """Signed times and sign-in messages are compared with the marketplace's clock."""
    async with subject.client.answer("GET", f"{API}/network") as response:
        told = response.headers.get("Date")
    if told is None:
        return ok("the marketplace tells no time")
    off = abs(time.time() - parsedate_to_datetime(told).timestamp())
    text = f"this clock and the marketplace's are {off:.0f} s apart"
    todo = "set this clock: start chrony or systemd-timesyncd"
    if off > WRONG_SECONDS:
        return failed(text, todo)
    return warning(text, todo) if off > OFF_SECONDS else ok(text)


async def _sign_in(subject: Subject) -> Finding:
    """By the kept token; without one, whether what would be signed is ours to sign."""
    kept = _token(subject)
    if kept is not None:
        try:
            await _asked(subject, "/jobs?status=OPEN", kept)
        except MarketplaceRefused as refusal:
            if refusal.status != 401:
                raise
        else:
            return _lasting(subject, kept)
    if subject.hot:
        return failed(
            "this hot key has no token of its purse that the marketplace takes",
            f"where the purse is: `infill-agent purse-pass {subject.key}`, then `infill-agent use-pass` here",
        )
    asked = await subject.client.request("POST", f"{API}/auth/challenge", body={"address": subject.provider})
    challenge_check(
        str(asked["message"]),
        url=subject.client.url,
        chain_id=subject.chain.chain_id,
        address=subject.provider,
        now=datetime.now(UTC),
    )
    return ok("not signed in; the marketplace asks to sign what is good to sign")


def _lasting(subject: Subject, kept: dict[str, Any]) -> Finding:
    until = datetime.fromisoformat(kept["expires_at"])
    text = f"signed in until {until:%d %b %H:%M} UTC"
    if subject.hot and until < datetime.now(UTC) + SOON:
        return warning(text, f"where the purse is: `infill-agent purse-pass {subject.key}`, then use it here")
    return ok(text)


async def _registered(subject: Subject) -> Finding:
    """Each printer's profile, as agent.toml has it, is the one that the marketplace knows."""
    todo = (
        "`infill-agent register`, or start the agent, which does it"
        if not subject.hot
        else "bring a new pass"
    )
    if subject.journal is None:
        return warning("no printer is registered yet", todo)
    known, token, wrong = profiles(subject.journal), _token(subject), []
    for printer in subject.fleet.all():
        row = known.get(printer.serial)
        if row is None or not row.registered:
            wrong.append(f"{printer.serial} is not registered")
        elif row.capability != capability_of(subject.journal, printer.config):
            wrong.append(f"{printer.serial} is registered otherwise than agent.toml describes it")
        elif token is not None and not await _is_known(subject, hex_of(row.digest), token):
            wrong.append(f"the marketplace does not know {printer.serial}")
    return failed("; ".join(wrong), todo) if wrong else ok("every printer is registered as agent.toml has it")


async def _is_known(subject: Subject, digest: str, token: dict[str, Any]) -> bool:
    try:
        await _asked(subject, f"/printers/{digest}", token)
    except MarketplaceRefused as refusal:
        return refusal.status != 404
    return True


async def _asked(subject: Subject, path: str, kept: dict[str, Any]) -> Any:
    headers = {"Authorization": f"Bearer {kept['token']}"}
    return await subject.client.request("GET", API + path, headers=headers)


def _token(subject: Subject) -> dict[str, Any] | None:
    kept = fact(subject.journal, TOKEN) if subject.journal else None
    found: dict[str, Any] | None = json.loads(kept) if kept else None
    if found is None or (found["url"], found["address"]) != (subject.client.url, subject.provider):
        return None
    return found if datetime.fromisoformat(found["expires_at"]) > datetime.now(UTC) else None
