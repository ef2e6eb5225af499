"""Signing what waits and handing it to the node. Stored first: a node may have what it never confirmed."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from eth_account.signers.local import LocalAccount

from marketplace.chain.alarms import Figures
from marketplace.chain.answers import Market
from marketplace.chain.errors import ContractReverted
from marketplace.chain.fees import Fees, cost_most, fees_above, fees_first, gas_limit
from marketplace.chain.following import Look
from marketplace.chain.intent_rules import IntentStatus, nonce_free
from marketplace.chain.models import Attempt, Intent
from marketplace.chain.outbox import attempt_add, attempt_note, intent_end, intent_sign
from marketplace.chain.outbox_selectors import (
    attempts_of,
    bound_by,
    intents_before,
    nonces_taken,
    spent_since,
)
from marketplace.chain.signing import Call, sign
from protocol.units import bytes_of

REPLACE_AFTER = timedelta(seconds=60)
"""So long, in the chain's time, a node may have a transaction that comes next before it is made dearer."""
DAY = timedelta(days=1)


@dataclass
class Sending:
    """One step's signing and sending. `balance` in wei; `alarms` collects what needs a person."""

    look: Look
    market: Market
    account: LocalAccount | None
    balance: int
    alarms: dict[str, Figures] = field(default_factory=dict)
    halted: bool = False

    @property
    def cap(self) -> Fees:
        return Fees(settings.OPERATOR_MAX_FEE_WEI, settings.OPERATOR_MAX_PRIORITY_WEI)

    def push(self, intent: Intent, *, used: int) -> None:
        """See to it that the node has what was signed, and make it dearer if it comes next and is stuck."""
        newest = attempts_of(intent)[0]
        if not self.look.node.transaction(newest.digest) and self._hand(newest):
            return
        stuck = self.look.head.time - (newest.sent_at or newest.signed_at) >= REPLACE_AFTER
        if stuck and intent.nonce == used:
            self._replace(intent, newest)

    def start(self, account: LocalAccount, intent: Intent) -> None:
        """Sign a waiting intent for the first time and hand it over, unless what halts one halts all."""
        # Before the gas is known too: some nodes simulate nothing whose value is not covered.
        if self.halted or not self._fees(account.address, intent, gas=0):
            self.halted = True
            return
        gas = self._gas(account, intent)
        if gas is None:
            return
        fees = self._fees(account.address, intent, gas)
        if fees:
            self._sign(account, intent, gas, fees)
        else:
            self.halted = True

    def _fees(self, sender: str, intent: Intent, gas: int) -> Fees | None:
        """Fees for a first signing; None, with an alarm, where it cannot be paid for."""
        fees = fees_first(self.market, self.cap)
        if fees is None:
            self.alarms["fee-cap"] = {"base_fee": self.market.base_fee, "cap": self.cap.max_fee}
            return None
        cost = cost_most(gas, fees.max_fee, int(intent.value))
        free = self.balance - bound_by(sender)
        if cost > free:
            self.alarms["balance-low"] = {"free": str(free), "needed": str(cost)}
            return None
        return fees if self._affordable(sender, intent, cost) else None

    def _sign(self, account: LocalAccount, intent: Intent, gas: int, fees: Fees) -> None:
        sender, now = account.address, self.look.head.time
        used = self.look.node.transaction_count(sender)
        nonce = nonce_free(used, nonces_taken(sender, used))
        call = Call(nonce, intent.to, intent.data, int(intent.value), gas)
        signed = sign(account, call, fees)
        self._hand(intent_sign(intent=intent, sender=sender, call=call, fees=fees, signed=signed, now=now))

    def _gas(self, account: LocalAccount, intent: Intent) -> int | None:
        """What to allow it, by a simulation; None where that reverts, which ends it without a transaction.

        While something wanted earlier is not mined, it may be what is missing: then the intent waits.
        """
        call = {"sender": account.address, "to": intent.to, "data": intent.data}
        try:
            return gas_limit(self.look.node.estimate_gas(**call, value=int(intent.value)))
        except ContractReverted as error:
            if not intents_before(intent).exists():
                intent_end(intent=intent, status=IntentStatus.FAILED, reason=str(error))
            return None

    def _replace(self, intent: Intent, newest: Attempt) -> None:
        fees = fees_above(Fees(newest.max_fee, newest.priority), self.market, self.cap)
        if fees is None:
            self.alarms["fee-cap"] = {"intent": intent.key, "fee": newest.max_fee, "cap": self.cap.max_fee}
            return
        if self.account is None or self.account.address != intent.sender:
            self.alarms["key-missing"] = {"sender": intent.sender}
            return
        cost = cost_most(newest.gas, fees.max_fee, int(intent.value))
        if not self._affordable(intent.sender, intent, cost):
            return
        call = Call(newest.nonce, intent.to, intent.data, int(intent.value), newest.gas)
        signed = sign(self.account, call, fees)
        attempt = attempt_add(intent=intent, call=call, fees=fees, signed=signed, now=self.look.head.time)
        self._hand(attempt)

    def _affordable(self, sender: str, intent: Intent, cost: int) -> bool:
        spent = spent_since(sender, self.look.head.time - DAY, besides=intent)
        if spent + cost <= settings.OPERATOR_DAILY_WEI:
            return True
        self.alarms["spending-cap"] = {"spent": str(spent), "cap": str(settings.OPERATOR_DAILY_WEI)}
        return False

    def _hand(self, attempt: Attempt) -> bool:
        """Give a stored transaction to the node; whether the node has it now.

        Nodes word "already known" and "nonce too low" differently; whether either is so can be asked.
        """
        node = self.look.node
        try:
            objection = node.send_raw(bytes_of(attempt.raw))
        except ContractReverted as error:  # some try it before they take it
            objection = str(error)
        if objection and (
            node.transaction(attempt.digest) or node.transaction_count(attempt.sender) > attempt.nonce
        ):
            objection = ""
        attempt_note(attempt=attempt, objection=objection, now=self.look.head.time)
        return not objection
