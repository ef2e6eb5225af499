"""What a decision is made of: journal, marketplace and chain; and the bid it becomes."""

from __future__ import annotations

import secrets
import time
from functools import partial

from protocol.terms import Bid
from protocol.units import ZERO_ADDRESS, Address, Wei, ether_text
from provider_agent.bidding import Market, OpenJob, PrinterOffer, Terms, Verdict, weigh
from provider_agent.capacity import booked_permille, earliest_start
from provider_agent.errors import WrongChain
from provider_agent.estimating import estimate
from provider_agent.journal.bids import BidRow, bids_since, bonds_promised
from provider_agent.journal.profiles import profiles, serials_registered
from provider_agent.journal.reservations import reservations_held
from provider_agent.journal.spools import spools, stock_kept
from provider_agent.making.context import Context
from provider_agent.marketplace import Network
from provider_agent.pacing import pace_learned
from provider_agent.pricing import HOUR
from provider_agent.script import overridden
from provider_agent.stock import spools_at

NETWORK_SECONDS = 60.0
VOID = ("EpochChanged", "SignerNotAllowed")
"""What the escrow says of a bid that its provider withdrew, with all others of its epoch or key."""


class Counter:
    """Where bids are put together."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._journal = context.journal
        self._network: tuple[float, Network] | None = None

    async def weigh(self, job: OpenJob, now: int) -> Verdict:
        """Whether and at which terms to bid, the owner's script heard. Raises WrongChain."""
        policy = self._context.config.policy
        market = await self.market()
        found = weigh(job, self.offers(now), policy, market, estimate=estimate, now=now)
        return await overridden(found, job, policy, self._context.home, now=now)

    async def now(self) -> int:
        """The later of our clock and the chain's, epoch seconds."""
        head = await self._context.chain.head()
        return max(self._context.chain.clock.now(), head.time)

    async def bid(self, job: OpenJob, terms: Terms) -> Bid:
        """The complete terms, unsigned."""
        policy = self._context.config.policy
        account = await self._context.chain.account(self._context.wallet.provider)
        return Bid(
            provider=self._context.wallet.provider,
            designer=job.spec.designer,
            token=ZERO_ADDRESS,
            arbiter=terms.arbiter,
            fee_to=terms.fee_to,
            job_digest=job.digest,
            printer=terms.printer,
            unit_price=terms.price.unit_price,
            bond=policy.bond_wei,
            dispute_fee=policy.dispute_fee_wei,
            min_units=terms.price.units,
            max_units=terms.price.units,
            valid_until=terms.valid_until,
            make_time=terms.make_time,
            review_time=policy.review_time_s,
            arbiter_time=policy.arbiter_time_s,
            grace_time=policy.grace_time_s,
            fallback_bps=policy.fallback_bps,
            fee_bps=terms.fee_bps,
            epoch=account.epoch,
            to_ledger=False,
            salt=secrets.randbits(256),
        )

    async def bond_refusal(self) -> str:
        """Why the bonds of all open bids are not covered now; empty if they are."""
        account = await self._context.chain.account(self._context.wallet.provider)
        promised = bonds_promised(self._journal)
        if account.free >= promised:
            return ""
        return f"bonds of {ether_text(promised)} are promised, {ether_text(account.free)} are free"

    async def refusal(self, bid: Bid, signature: bytes, block: int | None = None) -> str:
        """Why the escrow would not award it; empty if it would."""
        signer = self._context.wallet.address
        return await self._context.chain.award_refusal(bid, signature, signer, bid.max_units, block)

    async def void(self, row: BidRow) -> str:
        """Why no block will award a bid: its epoch or its key is over, at the newest block and the final one.

        The newest alone may be taken back; the final alone may not know yet what the bid was signed for.
        """
        signature = row.signature or b""
        if not (await self.refusal(row.bid, signature)).startswith(VOID):
            return ""
        final = (await self._context.chain.final()).number
        refusal = await self.refusal(row.bid, signature, final)
        return refusal if refusal.startswith(VOID) else ""

    def offers(self, now: int) -> list[PrinterOffer]:
        """The registered printers and when they are free."""
        known = profiles(self._journal)
        stock = spools(self._journal) if stock_kept(self._journal) else None
        offers = []
        for printer in self._context.fleet.all():
            row = known.get(printer.serial)
            if row is not None and row.registered:
                held = reservations_held(self._journal, printer.serial)
                offers.append(
                    PrinterOffer(
                        serial=printer.serial,
                        digest=row.digest,
                        capability=row.capability,
                        speed_mm_s=printer.config.speed_mm_s,
                        free_from=partial(earliest_start, held, now=now),
                        pace=pace_learned(self._journal, printer.serial, printer.config.speed_mm_s).factor,
                        watts=printer.config.watts,
                        spools=None if stock is None else tuple(spools_at(stock, printer.serial)),
                    )
                )
        return offers

    def registered(self) -> set[str]:
        """Serials of the printers that bids may name."""
        return serials_registered(self._journal) & {each.serial for each in self._context.fleet.all()}

    async def operator(self) -> Address | None:
        """Who signs receipts for this marketplace. Raises WrongChain."""
        return (await self._asked()).operator

    async def market(self) -> Market:
        """What the marketplace asks, and what the account allows. Raises WrongChain."""
        network = await self._asked()
        account = await self._context.chain.account(self._context.wallet.provider)
        return Market(
            fee_bps=network.fee_bps,
            fee_to=network.fee_to,
            arbiters=network.arbiters,
            bids_last_hour=bids_since(self._journal, int(time.time()) - HOUR),
            free=Wei(max(0, account.free - bonds_promised(self._journal))),
            load=self._load(int(time.time())),
        )

    def _load(self, now: int) -> int:
        registered = self.registered()
        held = [held for held in reservations_held(self._journal) if held.serial in registered]
        until = now + self._context.config.policy.horizon_s
        return booked_permille(held, len(registered), now=now, until=until)

    async def _asked(self) -> Network:
        if self._network is None or time.monotonic() - self._network[0] > NETWORK_SECONDS:
            found = await self._context.marketplace.network()
            ours = (self._context.chain.chain_id, self._context.chain.escrow)
            if (found.chain_id, found.escrow) != ours:
                raise WrongChain(
                    f"the marketplace works with {found.escrow} on chain {found.chain_id},"
                    f" agent.toml with {ours[1]} on {ours[0]}: no bids"
                )
            self._network = (time.monotonic(), found)
        return self._network[1]
