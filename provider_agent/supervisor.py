"""One process, one key: follows the chain, bids, prints, reports, and resumes where it stopped."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import aiohttp
from eth_account.signers.local import LocalAccount

from protocol.errors import InfillError, Malformed
from protocol.units import Digest, hex_of
from provider_agent.awards import Awards
from provider_agent.bidder import Bidder
from provider_agent.chain import Chain
from provider_agent.config import Config
from provider_agent.drivers.base import Snapshot
from provider_agent.errors import NodeUnreachable, WrongChain
from provider_agent.evidence_log import evidence_flush
from provider_agent.fleet import Printer, sample_of
from provider_agent.identity import identity_open
from provider_agent.journal.makings import makings
from provider_agent.journal.profiles import digest_registered
from provider_agent.journal.records import agreements_unsent
from provider_agent.journal.store import journal_open
from provider_agent.json_client import JsonClient
from provider_agent.live import Live, Message
from provider_agent.making.context import Context
from provider_agent.making.ending import cancel_given_up
from provider_agent.making.forgetting import files_forget
from provider_agent.making.shipping import statements_follow
from provider_agent.marketplace import Marketplace, job_of
from provider_agent.outage import Outage
from provider_agent.printers import fleet_of
from provider_agent.runner import run_making
from provider_agent.wallet import Wallet

log = logging.getLogger(__name__)

JOURNAL = "journal.sqlite3"
FLUSH_SECONDS = 1.0
MENDING_SECONDS = 10.0


async def context_open(stack: AsyncExitStack, home: Path, config: Config, account: LocalAccount) -> Context:
    """All parts of an agent, closed with the stack."""
    journal = journal_open(home / JOURNAL)
    stack.callback(journal.close)
    chain = Chain(config.chain)
    stack.push_async_callback(chain.close)
    wallet = Wallet(account, chain, journal, provider=config.chain.provider)
    session = await stack.enter_async_context(aiohttp.ClientSession())
    marketplace = Marketplace(
        JsonClient(config.marketplace.url, session),
        journal,
        address=wallet.provider,
        chain_id=config.chain.chain_id,
        sign=wallet.sign,
        signer=wallet.address,
    )
    fleet = fleet_of(config)
    stack.push_async_callback(fleet.close)
    identity = identity_open(home, account)
    return Context(home, config, journal, chain, wallet, marketplace, fleet, identity)


class Supervisor:
    """Owns every task. `run` ends only by cancelling, or with WrongChain."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._awards = Awards(context, self._start_runner)
        self._bidder = Bidder(context)
        self._live = Live(context.marketplace, on_message=self._heard, on_connect=self._bidder.relist)
        self._group = asyncio.TaskGroup()
        self._running: set[Digest] = set()

    async def run(self) -> None:
        """Start with what the journal has begun; then everything else."""
        async with self._group:
            for printer in self._context.fleet.all():
                self._start(f"printer {printer.serial}", partial(printer.watch, self._sampled))
                self._start(
                    f"cancelling on {printer.serial}",
                    partial(cancel_given_up, self._context.journal, printer),
                )
            await self._awards.node_wait()
            for making in makings(self._context.journal, live=True):
                self._start_runner(making.agreement)
            self._start("wallet", self._wallet_resume)
            self._start("awards", self._awards.run)
            self._bidder.relist()
            self._start("bidder", self._bidder.run)
            self._start("live", self._live.run)
            self._start("statements", partial(statements_follow, self._context))
            self._start("evidence", self._evidence_send)
            self._start("deleting", partial(files_forget, self._context))

    def _start_runner(self, agreement: Digest) -> None:
        if agreement not in self._running:
            self._running.add(agreement)
            self._start(f"making {hex_of(agreement)[:10]}", partial(run_making, self._context, agreement))

    def _start(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        self._group.create_task(_kept_alive(name, work), name=name)

    async def _wallet_resume(self) -> None:
        while True:
            try:
                return await self._context.wallet.resume()
            except NodeUnreachable:
                await asyncio.sleep(FLUSH_SECONDS)

    def _heard(self, message: Message) -> None:
        """A wake-up: what it says is looked up, except an open job, which carries its own proof."""
        kind = message.get("type")
        if kind == "job.open":
            try:
                self._bidder.offer(job_of(message.get("job")))
            except Malformed as error:
                log.warning("the marketplace tells of a job that cannot be read: %s", error)
        elif kind in ("bid.changed", "job.changed"):
            self._bidder.relist()
        elif kind == "agreement.changed":
            self._context.wakes.wake(str(message.get("agreement")))
        elif kind == "error":
            log.info("the marketplace says: %s", message.get("detail"))

    def _sampled(self, printer: Printer, snapshot: Snapshot) -> None:
        digest = digest_registered(self._context.journal, printer.serial)
        if digest is not None:
            who = {"printer": digest, "agreement": printer.agreement}
            self._live.sample(printer.serial, who | sample_of(snapshot))

    async def _evidence_send(self) -> None:
        outage = Outage("sending evidence")
        while True:
            for agreement in agreements_unsent(self._context.journal):
                try:
                    await evidence_flush(self._context.journal, self._context.marketplace, agreement)
                    outage.back()
                except InfillError as error:
                    outage.lost(error)
            await asyncio.sleep(FLUSH_SECONDS)


async def _kept_alive(name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Run until it returns. A defect in one task must not stop the prints of the others."""
    while True:
        try:
            return await work()
        except WrongChain:
            raise
        except Exception:  # a defect of ours, or an answer nobody foresaw: logged whole, tried again
            log.exception("%s broke; starting it again in %g s", name, MENDING_SECONDS)
            await asyncio.sleep(MENDING_SECONDS)
