"""The agent's key at work: signing, and transactions that are mined once whatever happens in between.

One transaction is in flight at a time. Its intent and nonce, then its signed bytes, are journalled before the
node sees them; after a restart the word on chain is read again before anything is broadcast.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping

from eth_account.signers.local import LocalAccount
from eth_typing import Hash32

from contracts.views import AgreementWord
from protocol.statuses import AgreementStatus
from protocol.units import Address, Digest, address_of, digest_of, ether_text
from provider_agent.chain import Chain
from provider_agent.chain_types import Fees
from provider_agent.errors import FundsMissing, TransactionReverted
from provider_agent.journal.bids import bid_find
from provider_agent.journal.intents import (
    Broadcast,
    Intent,
    IntentStatus,
    broadcast_add,
    broadcast_again,
    broadcasts_of,
    intent_add,
    intent_end,
    intent_in_flight,
)
from provider_agent.journal.store import Journal

log = logging.getLogger(__name__)

POLL_SECONDS = 0.5
DEARER_AFTER_SECONDS = 45
"""Not mined for so long: the same transaction is signed again with higher fees."""
DEAREST = 8
"""It is not made dearer from so many times the fee of the day on."""

WANTED_IN: Mapping[str, AgreementStatus] = {
    "deliver": AgreementStatus.AWARDED,
    "claim": AgreementStatus.DELIVERED,
    "expire": AgreementStatus.DISPUTED,
}
"""A purpose is moot once the agreement has left this status."""


class Wallet:
    """Signs with one key and sends its transactions. `provider` is whom it works for: itself, or where it is
    a hot key the purse that set it."""

    def __init__(
        self, account: LocalAccount, chain: Chain, journal: Journal, *, provider: Address | None = None
    ) -> None:
        self._account = account
        self._chain = chain
        self._journal = journal
        self._sending = asyncio.Lock()
        self.address: Address = address_of(account.address)
        self.provider: Address = provider or self.address

    @property
    def hot(self) -> bool:
        """Whether the purse is elsewhere."""
        return self.provider != self.address

    def sign(self, digest: Digest) -> bytes:
        """65 bytes over an EIP-712 digest; the same digest gives the same bytes."""
        return bytes(self._account.unsafe_sign_hash(Hash32(digest)).signature)

    async def perform(self, purpose: str, agreement: Digest | None, data: bytes, *, value: int = 0) -> bool:
        """Have a call of the escrow mined. False if it was not needed any more or was mined without effect.

        Raises TransactionReverted (the escrow would refuse it), FundsMissing or NodeUnreachable; after a
        retryable error call again: what is in flight is taken up, not repeated.
        """
        async with self._sending:
            pending = intent_in_flight(self._journal)
            if pending is not None:
                outcome = await self._settle(pending)
                if (pending.purpose, pending.data) == (purpose, data) and outcome is IntentStatus.MINED:
                    return True
            if not await self._wanted(purpose, agreement):
                return False
            to = self._chain.escrow
            await self._chain.gas(self.address, to, data, value)
            nonce = await self._chain.nonce(self.address)
            intent = intent_add(
                self._journal,
                purpose=purpose,
                agreement=agreement,
                destination=to,
                data=data,
                value=value,
                nonce=nonce,
            )
            return await self._settle(intent) is IntentStatus.MINED

    async def resume(self) -> None:
        """Finish what was in flight when the agent stopped."""
        async with self._sending:
            pending = intent_in_flight(self._journal)
            if pending is not None:
                log.info("taking up the %s transaction that was in flight", pending.purpose)
                await self._settle(pending)

    async def _wanted(self, purpose: str, agreement: Digest | None) -> bool:
        needed = WANTED_IN.get(purpose)
        if needed is None or agreement is None:
            return True
        word = await self._chain.word(agreement)
        return word.status is needed and not (purpose == "deliver" and await self._late(agreement, word))

    async def _late(self, agreement: Digest, word: AgreementWord) -> bool:
        """Whether any block from now on would refuse the delivery: it comes after the newest one."""
        row = bid_find(self._journal, agreement)
        return row is not None and (await self._chain.head()).time >= word.clock + row.bid.make_time

    async def _settle(self, intent: Intent) -> IntentStatus:
        """Wait until the intent is mined or moot, (re)broadcasting as needed, and journal which."""
        agreement = digest_of(intent.agreement) if intent.agreement else None
        rebroadcast = True
        while True:
            outcome = await self._outcome(intent)
            if outcome is None and not await self._wanted(intent.purpose, agreement):
                # It may have been mined between the two looks.
                outcome = await self._outcome(intent) or IntentStatus.MOOT
            if outcome is not None:
                intent_end(self._journal, intent, outcome)
                return outcome
            await self._push(intent, again=rebroadcast)
            rebroadcast = False
            await asyncio.sleep(POLL_SECONDS)

    async def _outcome(self, intent: Intent) -> IntentStatus | None:
        used = await self._chain.nonce(self.address) > intent.nonce
        for sent in broadcasts_of(self._journal, intent):
            effect = await self._chain.receipt(sent.digest)
            if effect is not None:
                return IntentStatus.MINED if effect else IntentStatus.REVERTED
        return IntentStatus.MOOT if used else None

    async def _push(self, intent: Intent, *, again: bool) -> None:
        sent = broadcasts_of(self._journal, intent)
        newest = sent[-1] if sent else None
        if newest is None:
            newest, again = await self._sign(intent, await self._gas(intent), newest), True
        elif time.time() - newest.sent_at > DEARER_AFTER_SECONDS:
            newest, again = await self._dearer(intent, newest), True
        if again:
            objection = await self._chain.broadcast(newest.raw)
            if objection:
                log.info("the node says of the %s transaction: %s", intent.purpose, objection)

    async def _dearer(self, intent: Intent, before: Broadcast) -> Broadcast:
        if before.max_fee >= DEAREST * (await self._chain.fees()).max_fee:
            # No fee gets it mined: the chain stands still, or the node has forgotten it.
            broadcast_again(self._journal, before)
            return before
        try:
            return await self._sign(intent, await self._with_margin(intent), before)
        except TransactionReverted:
            return before  # mined in this moment, or no longer wanted: the next look tells

    async def _sign(self, intent: Intent, gas: int, before: Broadcast | None) -> Broadcast:
        fees = _above(await self._chain.fees(), before)
        await self._funds_check(gas * fees.max_fee + intent.value)
        signed = self._account.sign_transaction(
            {
                "type": 2,
                "chainId": self._chain.chain_id,
                "nonce": intent.nonce,
                "to": bytes.fromhex(intent.destination[2:]),
                "value": intent.value,
                "data": intent.data,
                "gas": gas,
                "maxFeePerGas": fees.max_fee,
                "maxPriorityFeePerGas": fees.priority,
            }
        )
        raw = bytes(signed.raw_transaction)
        broadcast_add(self._journal, intent, digest=bytes(signed.hash), raw=raw, max_fee=fees.max_fee)
        return broadcasts_of(self._journal, intent)[-1]

    async def _gas(self, intent: Intent) -> int:
        try:
            return await self._with_margin(intent)
        except TransactionReverted:
            intent_end(self._journal, intent, IntentStatus.MOOT)
            raise

    async def _with_margin(self, intent: Intent) -> int:
        used = await self._chain.gas(self.address, intent.destination, intent.data, intent.value)
        return used + used // 4

    async def _funds_check(self, needed: int) -> None:
        balance = await self._chain.balance(self.address)
        if balance < needed:
            raise FundsMissing(
                f"{self.address} has {ether_text(balance)},"
                f" a transaction needs up to {ether_text(needed)}: send it ether"
            )


def _above(fees: Fees, before: Broadcast | None) -> Fees:
    """Nodes replace a transaction only by one at least a tenth dearer, in both fees."""
    if before is None:
        return fees
    wanted = max(fees.max_fee, before.max_fee + before.max_fee // 4 + 1)
    return Fees(wanted, max(fees.priority, wanted // 2))
