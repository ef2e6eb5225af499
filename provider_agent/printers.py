"""Printers and their signed profiles."""

from __future__ import annotations

import logging
import time

from protocol.capability import Capability
from protocol.profiles import PrinterProfile, capability_digest
from protocol.typed import Domain
from provider_agent.config import Config, PrinterConfig
from provider_agent.drivers import driver_for
from provider_agent.drivers.errors import PrinterError
from provider_agent.errors import MarketplaceRefused, ProfileUnsigned
from provider_agent.fleet import Fleet, Printer
from provider_agent.journal.profiles import ProfileRow, profile_find, profile_put
from provider_agent.journal.spools import spools, stock_kept
from provider_agent.journal.store import Journal
from provider_agent.making.context import Context
from provider_agent.stock import capability_in_stock, spools_at
from provider_agent.wallet import Wallet

log = logging.getLogger(__name__)


def fleet_of(config: Config) -> Fleet:
    """A driver for every printer of agent.toml. Raises UnknownDriver."""
    return Fleet(
        Printer(entry, driver_for(entry.driver, entry.url, secret=entry.secret, settings=entry.settings))
        for entry in config.printers
    )


def profile_sign(journal: Journal, entry: PrinterConfig, *, wallet: Wallet, domain: Domain) -> ProfileRow:
    """The newest profile of a printer: the journal's, or a new one if agent.toml or the stock says other
    things. Raises ProfileUnsigned where that is the purse's to sign."""
    known = profile_find(journal, entry.serial)
    able = capability_of(journal, entry)
    if known is not None and known.capability == able and known.profile.provider == wallet.provider:
        return known
    if wallet.hot:
        raise ProfileUnsigned(
            f"{entry.serial}: a hot key cannot sign its profile: bring a pass of the purse for this printer"
        )
    now = int(time.time())
    profile = PrinterProfile(
        provider=wallet.provider,
        serial=entry.serial,
        capability=capability_digest(able),
        seq=max(now, known.profile.seq + 1 if known else 0),
        issued_at=now,
    )
    digest = profile.digest(domain)
    row = ProfileRow(digest, profile, able, wallet.sign(digest), registered=False)
    profile_put(journal, row)
    return row


def capability_of(journal: Journal, entry: PrinterConfig) -> Capability:
    """What agent.toml says; where the owner wants that, in the colours on spools while there are any."""
    if not (entry.materials_from_stock and stock_kept(journal)):
        return entry.capability
    near = spools_at(spools(journal), entry.serial)
    return capability_in_stock(entry.capability, near) or entry.capability


async def printers_register(context: Context) -> list[ProfileRow]:
    """Register every printer of agent.toml that is not yet; those that are, in its order.

    Raises MarketplaceUnreachable. A printer the marketplace refuses is left out and named in the log.
    """
    journal, registered = context.journal, []
    for printer in context.fleet.all():
        try:
            row = profile_sign(journal, printer.config, wallet=context.wallet, domain=context.chain.infill)
        except ProfileUnsigned as error:
            log.error("%s", error)
            continue
        if not row.registered:
            await _identify(printer)
            try:
                await context.marketplace.printer_register(row)
            except MarketplaceRefused as refusal:
                log.error("%s is not registered: %s", printer.serial, refusal)
                continue
            row = ProfileRow(row.digest, row.profile, row.capability, row.signature, registered=True)
            profile_put(journal, row)
            log.info("%s is registered", printer.serial)
        registered.append(row)
    return registered


async def _identify(printer: Printer) -> None:
    """Say which machine answers; a printer that is off now may be registered all the same."""
    try:
        found = await printer.driver.identify()
    except PrinterError as error:
        log.warning("%s: %s; registered as agent.toml describes it", printer.serial, error)
        return
    log.info("%s is a %s %s (%s)", printer.serial, found.make, found.model, found.software)
