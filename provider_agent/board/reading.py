"""Journal, printers and chain as one JSON object: what `infill-agent status` shows."""

from __future__ import annotations

import asyncio
import time
from typing import Any, Final

from contracts.views import AgreementWord
from protocol.errors import InfillError
from protocol.statuses import AgreementStatus, PrinterStatus
from protocol.terms import Bid
from protocol.units import Address, Digest, digest_of, duration_text, hex_of
from provider_agent.chain import Chain
from provider_agent.config import Config
from provider_agent.fleet import Fleet
from provider_agent.journal.attempts import plate_taken
from provider_agent.journal.bids import bid_get, bids_open
from provider_agent.journal.intents import intent_in_flight
from provider_agent.journal.makings import Making, file_find, making_get, makings
from provider_agent.journal.records import agreements_unsent, records_unsent
from provider_agent.journal.restored import is_behind
from provider_agent.journal.sheets import plates_planned
from provider_agent.journal.spools import spools
from provider_agent.journal.store import Journal
from provider_agent.making.plate import RUNNING
from provider_agent.making.shipping import shipped_todo
from provider_agent.making.slicing import GCODE
from provider_agent.making.unsaid import is_to_ship
from provider_agent.pacing import pace_learned
from provider_agent.status import status_read

CHAIN_SECONDS: Final = 5.0
LOW_MG: Final = 50_000
LATE_SECONDS: Final = 24 * 60 * 60
STUCK_SECONDS: Final = 600
SENDING_SECONDS: Final = 120
BROKEN = frozenset({PrinterStatus.UNREACHABLE, PrinterStatus.FAULT, PrinterStatus.DISCONNECTED})


async def board_read(
    journal: Journal, config: Config, key: Address, chain: Chain, fleet: Fleet
) -> dict[str, Any]:
    """Everything as JSON (wei as text, times as epoch seconds). Where the node is away `chain` says why, and
    what it alone knows is null."""
    provider = config.chain.provider or key
    found = await status_read(journal, fleet, provider)
    words, money, problem = await _chain_read(journal, chain, provider, key)
    for printer in found["printers"]:
        printer["prints"] = _prints(journal, fleet, printer)
    for entry in found["makings"]:
        bid = bid_get(journal, digest_of(entry["agreement"])).bid
        entry["deadline"] = _deadline(words.get(entry["agreement"]), bid)
        making = making_get(journal, digest_of(entry["agreement"]))
        entry["to_ship"] = is_to_ship(journal, config.policy, making)
    for entry, row in zip(found["bids_open"], bids_open(journal), strict=False):
        entry.update(title=row.spec.title, valid_until=row.bid.valid_until, price_wei=str(_price(row.bid)))
    found["money"] = money
    found["chain"] = problem
    found["spools_low"] = [
        {"id": one.id, "material": f"{one.material} {one.colour}", "free_mg": one.free_mg}
        for one in spools(journal)
        if one.free_mg < LOW_MG
    ]
    found["alarms"] = _alarms(journal, found)
    return found


def _price(bid: Bid) -> int:
    return bid.unit_price * bid.max_units


async def _chain_read(
    journal: Journal, chain: Chain, provider: Address, key: Address
) -> tuple[dict[str, AgreementWord], dict[str, Any], str]:
    live = makings(journal, live=True)
    try:
        async with asyncio.timeout(CHAIN_SECONDS):
            words = dict(
                zip(
                    (hex_of(making.agreement) for making in live),
                    await asyncio.gather(*(chain.word(making.agreement) for making in live)),
                    strict=True,
                )
            )
            free = (await chain.account(provider)).free
            gas = await chain.balance(key)
    except (InfillError, TimeoutError) as error:
        nothing = dict.fromkeys(("due_wei", "in_work_wei", "locked_wei", "free_wei", "gas_wei"))
        return {}, nothing, str(error) or "the node does not answer"
    return words, _money(journal, live, words, free=free, gas=gas), ""


def _money(
    journal: Journal, live: list[Making], words: dict[str, AgreementWord], *, free: int, gas: int
) -> dict[str, Any]:
    """Due: delivered and not paid; in work: not delivered; locked: bonds of both; free: for more bonds."""
    due = work = locked = 0
    for making in live:
        word, bid = words[hex_of(making.agreement)], bid_get(journal, making.agreement).bid
        if word.status in (AgreementStatus.DELIVERED, AgreementStatus.DISPUTED):
            due += word.price - word.paid
        elif word.status is AgreementStatus.AWARDED:
            work += word.price - word.paid
        if word.status is not AgreementStatus.CLOSED:
            locked += bid.bond
    names = ("due_wei", "in_work_wei", "locked_wei", "free_wei", "gas_wei")
    return dict(zip(names, map(str, (due, work, locked, free, gas)), strict=True))


def _deadline(word: AgreementWord | None, bid: Bid) -> dict[str, Any] | None:
    """The next moment that counts for an agreement, and what it is for."""
    spans = {
        AgreementStatus.AWARDED: ("deliver by", bid.make_time),
        AgreementStatus.DELIVERED: ("claim from", bid.review_time),
        AgreementStatus.DISPUTED: ("ruled by", bid.arbiter_time),
    }
    if word is None or word.status not in spans:
        return None
    what, seconds = spans[word.status]
    return {"what": what, "at": word.clock + seconds}


def _prints(journal: Journal, fleet: Fleet, printer: dict[str, Any]) -> dict[str, Any] | None:
    """What is being printed, and about how many seconds are left by its slicer and the printer's pace."""
    taken, machine = plate_taken(journal, printer["serial"]), fleet.find(printer["serial"])
    if taken is None or taken.status not in RUNNING or machine is None:
        return None
    row = bid_get(journal, taken.agreement)
    plates = plates_planned(journal, taken.agreement)
    sheet = next(plate.sheet for plate in plates if plate.number == taken.item)
    gcode = file_find(journal, taken.agreement, sheet, GCODE)
    left = None
    if gcode is not None and printer["progress"] is not None and gcode.facts.get("print_seconds"):
        pace = pace_learned(journal, machine.serial, machine.config.speed_mm_s).factor
        left = int(gcode.facts["print_seconds"] * pace * (1 - printer["progress"]))
    return {"title": row.spec.title, "item": taken.item + 1, "attempt": taken.number + 1, "left_s": left}


def _alarms(journal: Journal, found: dict[str, Any]) -> list[str]:
    """What waits for a person, the most urgent first."""
    now, alarms = int(time.time()), []
    if is_behind(journal):
        alarms.append("the journal is restored and has not caught up: `infill-agent run` says what it needs")
    alarms += [_shipping_alarm(entry, now) for entry in found["makings"] if entry["to_ship"]]
    for entry in found["makings"]:
        due = None if entry["to_ship"] else entry["deadline"]
        if due and due["what"] == "deliver by" and due["at"] < now + LATE_SECONDS and entry["live"]:
            alarms.append(
                f"{entry['title']!r} has to be delivered within {max(0, due['at'] - now) / 3600:.1f} h"
            )
    alarms += [f"{one['serial']} needs you: {one['needs']}" for one in found["printers"] if one["needs"]]
    alarms += [
        f"{one['serial']} is {one['status']}: {one['reason'] or 'no reason given'}"
        for one in found["printers"]
        if one["status"] in BROKEN and not one["needs"]
    ]
    pending = intent_in_flight(journal)
    if pending is not None and now - pending.created_at > STUCK_SECONDS:
        alarms.append(
            f"the {pending.purpose} transaction is not mined since {(now - pending.created_at) // 60} min"
        )
    held = [one for one in agreements_unsent(journal) if _is_held_up(journal, one, now)]
    if held:
        alarms.append(
            f"evidence is not at the marketplace yet: {', '.join(hex_of(one)[:10] for one in held)}"
        )
    if found["chain"]:
        alarms.append(found["chain"])
    return alarms


def _shipping_alarm(entry: dict[str, Any], now: int) -> str:
    due, todo = entry["deadline"], shipped_todo(entry["agreement"])
    if due is None or due["what"] != "deliver by":
        return f"{entry['title']!r} is made: {todo}"
    left = due["at"] - now
    if left <= 0:
        return f"THE TIME TO DELIVER {entry['title']!r} IS OVER: {todo} at once"
    only = "only " if left < LATE_SECONDS else ""
    return f"{entry['title']!r} is made, {only}{duration_text(left)} left to deliver it: {todo}"


def _is_held_up(journal: Journal, agreement: Digest, now: int) -> bool:
    """Whether its oldest record that is to be sent waits for longer than that takes."""
    waiting = records_unsent(journal, agreement)
    return bool(waiting) and waiting[0].record.observed_at < now - SENDING_SECONDS
