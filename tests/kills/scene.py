"""A market whose parties go on while its processes are killed, and what must hold once all has settled."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from django.db import transaction
from django.utils import timezone
from eth_account.signers.local import LocalAccount

from contracts import calls
from contracts.views import Last
from marketplace.chain.fate import transaction_note
from marketplace.chain.follower import follow_to_head
from marketplace.chain.intent_rules import IntentStatus
from marketplace.chain.models import Cursor, Intent
from marketplace.chain.nodes import client
from marketplace.chain.outbox import intent_want
from marketplace.chain.outbox_selectors import sender_health
from marketplace.evidence.anchor_rules import BatchStatus
from marketplace.evidence.models import Batch
from protocol.units import ZERO_ADDRESS, Address, hex_of
from tests.factories.moves import Market
from tests.factories.projected import equals_a_fresh_follow
from tests.kills.children import sweep
from tests.kills.points import Acts

AS_OFTEN = 4
ENOUGH = 20


class Scene:
    """Parties by chance, and an operator who wants a deposit of one wei, of two, of three."""

    def __init__(self, market: Market, operator: LocalAccount, seed: int) -> None:
        self.market, self.operator, self.seed = market, operator, seed
        self.wanted = self.number = 0

    @property
    def chance(self) -> Random:
        return self.market.chance

    def go_on(self) -> None:
        """Other bids, intents and transactions to follow, and two blocks of what the parties do."""
        self.number += 1
        self.market.chance = Random(f"{self.seed}/{self.number}")
        self.market.more()
        for _ in range(self.chance.randrange(3)):
            self._want()
        person, now = self.market.designer, timezone.now()
        call = calls.Deposit(ZERO_ADDRESS, Address(person.address), 3)
        digest = self.market.send(person, call, 3)
        transaction_note(digest=digest, person=person.address, now=now, label="deposit")
        self.market.block()
        self.market.any()
        self.a_turn_later()

    def _want(self) -> None:
        self.wanted += 1
        to, owner = Address(self.market.escrow), Address(self.operator.address)
        data = calls.Deposit(ZERO_ADDRESS, owner, self.wanted).data
        with transaction.atomic():
            intent_want(key=f"deposit:{self.wanted}", to=to, data=data, value=self.wanted)

    def acts(self, last: Callable[[], None], *often: Callable[[], None], most: int) -> Acts:
        """At some points what comes `often` happens, and then comes the last thing."""
        end = self.chance.randrange(1, most)
        acts = {}
        for act in often:
            acts |= {point: act for point in self.chance.sample(range(1, most), AS_OFTEN) if point < end}
        return acts | {end: last}

    def a_turn_later(self) -> None:
        """So long that whoever died holds nothing any more."""
        Cursor.objects.update(held_until=timezone.now().replace(year=2000))

    def settle(self) -> None:
        """Everything that works works, and the chain goes on, until nothing is left to do."""
        self.a_turn_later()
        for _ in range(ENOUGH):
            # Many blocks of one second leave open which of them is final.
            self.market.anvil.advance(1)
            self.market.anvil.finalise()
            follow_to_head()
            sweep()
            if not self._is_busy():
                return
        raise AssertionError(f"not settled: {self._left()}")

    def _left(self) -> list[Any]:
        batches = Batch.objects.exclude(status=BatchStatus.FINAL)
        return [sender_health(), *batches.values_list("number", "status", "tries")]

    def _is_busy(self) -> bool:
        health = sender_health()
        return (
            bool(health.waiting or health.on_the_way)
            or Batch.objects.exclude(status=BatchStatus.FINAL).exists()
        )

    def is_clean(self) -> None:
        """The rows are what the chain says, and everything the operator wanted is there once."""
        self.settle()
        self._wanted_is_there_once()
        equals_a_fresh_follow()

    def _wanted_is_there_once(self) -> None:
        owner = self.operator.address[2:].lower()
        logs = self.market.anvil.rpc("eth_getLogs", {"address": self.market.escrow, "fromBlock": "0x0"})
        deposited = [
            int(log["data"], 16) for log in logs if log["topics"][2:] and log["topics"][2].endswith(owner)
        ]
        assert sorted(deposited) == list(range(1, self.wanted + 1))
        ended = Intent.objects.exclude(status=IntentStatus.FINAL).values_list("key", "status", "reason")
        assert all(key.startswith("anchor:") for key, *_ in ended), list(ended)
        signed = Intent.objects.exclude(nonce=None).count()
        assert (
            int(self.market.anvil.rpc("eth_getTransactionCount", self.operator.address, "latest"), 16)
            == signed
        )
        newest = Batch.objects.last()
        if newest:
            assert hex_of(client().ask(Last(Address(self.operator.address)))) == newest.root
