"""Which printers: those that announce themselves, those typed by hand, and what is asked of each."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from protocol.capability import Capability, Material
from provider_agent.drivers import needs_of, pairing_of
from provider_agent.drivers.errors import PairingRefused, PrinterError, PrinterForbids
from provider_agent.errors import AnswerMissing
from provider_agent.options import BedType, MaterialsType
from provider_agent.setup.announcements import Announced, plain, serial_of
from provider_agent.setup.asking import Asker
from provider_agent.setup.bambu import bambu_announced
from provider_agent.setup.discovery import SECONDS, listening, printers_announced
from provider_agent.setup.options import At, MaybeAtType, NozzleType, SerialType, SomeOfType
from provider_agent.setup.printers import Seen, layers_of, printer_look
from provider_agent.template import PrinterAnswer

MATERIALS: Final = "PLA:black/white"
NOZZLE: Final = "0.4"
BLIND_CHARS: Final = 160
OPTION: Final = "{}=... in --printer"


def printers_choose(
    asker: Asker, given: Sequence[At], materials: tuple[Material, ...] | None
) -> tuple[PrinterAnswer, ...]:
    """The printers to be listed; those that do not answer are left out. Raises AnswerMissing for none."""
    chosen: list[PrinterAnswer] = []
    for at in given or _announced(asker):
        _add(asker, at, chosen, materials)
    while not given and not asker.yes and (typed := _typed(asker, some=bool(chosen))):
        _add(asker, typed, chosen, materials)
    if not chosen:
        raise AnswerMissing(
            "there is no printer to list: name one, like --printer octoprint,http://octopi.local; or try with"
            " a virtual one: `infill-agent virtual-printer --home printers --port 7125` in another terminal,"
            " here --printer virtual,http://127.0.0.1:7125"
        )
    return tuple(chosen)


def _announced(asker: Asker) -> list[At]:
    asker.say(f"\nLooking for printers in this network, {SECONDS:g} s ...")
    found = asyncio.run(_listen())
    if found is None:
        asker.say("  this machine has no network to listen in")
    if not found:
        asker.say("  none announces itself (most printer software can be set to)")
        return []
    for number, entry in enumerate(found, 1):
        asker.say(f"  {number}  {entry.driver:<10} {entry.name:<40} {entry.url}")
    which = asker.ask(
        "Which of them? Numbers, all, or none", SomeOfType(len(found)), given=None, default="all", option=""
    )
    return [
        At(one.driver, one.url, hint=one.name, settings=one.settings)
        for one in (found[place] for place in which)
    ]


async def _listen() -> list[Announced] | None:
    async with listening() as ear:
        if ear is None:
            return None
        heard = await asyncio.gather(printers_announced(ear, SECONDS), bambu_announced(SECONDS))
        return sorted((one for some in heard for one in some), key=lambda one: (one.name.lower(), one.url))


def _typed(asker: Asker, *, some: bool) -> At | None:
    if some:
        question = "Another printer? Its kind and address; Enter for no"
    else:
        question = "Your printer's kind and address, like: octoprint http://octopi.local"
    return asker.ask(question, MaybeAtType(), given=None, default="" if some else None, option="")


def _add(asker: Asker, at: At, chosen: list[PrinterAnswer], materials: tuple[Material, ...] | None) -> None:
    """Ask the printer, then its owner what it did not say; where it does not answer, say so."""
    asker.say(f"\n{at.hint or at.name or at.driver} at {at.url}")
    if any(one.url == at.url for one in chosen):
        asker.say("  is in the list already")
        return
    try:
        settings, seen = _reached(asker, at)
        asker.say(f"  {seen.text}")
        if seen.blind and not at.camera:
            asker.say(f"  without a camera: {plain(seen.blind, BLIND_CHARS)}")
        at = replace(at, settings=settings, materials=at.materials or materials)
        chosen.append(_described(asker, at, seen, chosen))
    except (AnswerMissing, PrinterError) as error:
        asker.say(f"  left out: {error}")


def _reached(asker: Asker, at: At) -> tuple[dict[str, str], Seen]:
    settings, pairing = dict(at.settings), pairing_of(at.driver)
    for key, hint in needs_of(at.driver).items():
        if key not in settings and not (pairing and pairing[0] == key):
            settings[key] = _typed_unseen(asker, f"  {key}: {hint}", key)
    if pairing and pairing[0] not in settings:
        settings[pairing[0]] = _paired(asker, at, *pairing)
    while True:
        try:
            return settings, asyncio.run(printer_look(at.driver, at.url, settings))
        except PrinterForbids as error:
            asker.again(error, given=None)
            settings["secret"] = _typed_unseen(asker, "  Its key or password; Enter leaves it out", "secret")


def _paired(asker: Asker, at: At, key: str, ask: Callable[[str], Awaitable[str]]) -> str:
    if at.driver == "octoprint":
        asker.say(f'  OctoPrint asks you now: open {at.url}, and allow "Infill" there within two minutes ...')
    try:
        found = asyncio.run(_awaited(ask(at.url)))
    except PairingRefused as error:
        asker.again(error, given=None)
        return _typed_unseen(asker, "  A key of its settings instead; Enter leaves it out", key)
    asker.say(f"  {key} received")
    return found


async def _awaited(answer: Awaitable[str]) -> str:
    return await answer


def _typed_unseen(asker: Asker, question: str, key: str) -> str:
    found = asker.secret(question, OPTION.format(key))
    if not found:
        raise AnswerMissing(f"no {key} was given")
    return found


def _described(asker: Asker, at: At, seen: Seen, before: Sequence[PrinterAnswer]) -> PrinterAnswer:
    told, taken = seen.definition, [one.serial for one in before]
    serial = asker.ask(
        "  Name", SerialType(taken), given=at.name or None, default=_named(at, seen, taken), option="name"
    )
    bed = asker.ask(
        "  Bed in mm, like 220x220x250",
        BedType(),
        given=at.bed_um or told.bed_um,
        default=None,
        option=OPTION.format("bed"),
    )
    nozzle = asker.ask(
        "  Nozzle in mm", NozzleType(), given=at.nozzle_um or told.nozzle_um, default=NOZZLE, option="nozzle"
    )
    stocked = asker.ask(
        "  Materials and colours",
        MaterialsType(),
        given=at.materials,
        default=_text(before[-1].capability.materials) if before else MATERIALS,
        option="--material",
    )
    return PrinterAnswer(
        serial,
        at.driver,
        at.url,
        Capability("FDM", bed, stocked, nozzle, *layers_of(nozzle)),
        at.settings,
        at.camera or seen.camera or "",
    )


def _named(at: At, seen: Seen, taken: Sequence[str]) -> str:
    """After what announces it, else its host's name, else its model."""
    host = urlsplit(at.url).hostname or ""
    spoken = host.partition(".")[0] if host[-1:].isalpha() and host != "localhost" else ""
    return serial_of(at.hint or spoken or seen.identity.model or at.driver, taken)


def _text(materials: Sequence[Material]) -> str:
    return " ".join(":".join(filter(None, (one.kind, "/".join(one.colours)))) for one in materials)
