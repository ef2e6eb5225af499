"""An operator with a key and money, the intents it wants, and what the chain shows of them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection, transaction
from eth_account import Account
from eth_account.signers.local import LocalAccount

from contracts import calls
from marketplace.activity.selectors import activity_of
from marketplace.activity.services import activity_record
from marketplace.chain import intent_handlers, sender
from marketplace.chain.alarms import alarms_open
from marketplace.chain.models import Attempt, Intent
from marketplace.chain.outbox import intent_want
from marketplace.chain.outbox_selectors import sender_health
from marketplace.chain.sender import sender_step
from protocol.units import ZERO_ADDRESS, Address

if TYPE_CHECKING:
    from tests.chain.conftest import Chain

WRITING = ("sending.py", "following.py", "outbox.py")
SENDER = (*WRITING, "sender.py", "alarms.py", "intent_handlers.py")


class Killed(BaseException):
    """The process died here: nothing of ours catches it."""


@dataclass
class Desk:
    """Each intent deposits its own amount for the operator: the escrow's logs tell how often it had its effect."""

    chain: Chain
    account: LocalAccount

    def call(self, amount: int) -> bytes:
        return calls.Deposit(ZERO_ADDRESS, Address(self.account.address), amount).data

    def want(self, amount: int, **more: Any) -> Intent:
        to, data = Address(self.chain.deployment.escrow), self.call(amount)
        given = {"key": f"deposit:{amount}", "to": to, "data": data, "value": amount}
        with transaction.atomic():
            return intent_want(**(given | more))

    def deposited(self) -> list[int]:
        """Amounts of the operator's deposits on chain, in order."""
        escrow, owner = self.chain.deployment.escrow, self.account.address[2:].lower()
        logs = self.chain.anvil.rpc("eth_getLogs", {"address": escrow, "fromBlock": "0x0"})
        return [int(log["data"], 16) for log in logs if log["topics"][2].endswith(owner)]

    def statuses(self) -> list[str]:
        return list(Intent.objects.values_list("status", flat=True))

    def status(self, amount: int = 7) -> str:
        return Intent.objects.get(key=f"deposit:{amount}").status

    def attempts(self, amount: int = 7) -> list[Attempt]:
        return list(Attempt.objects.filter(intent__key=f"deposit:{amount}"))

    def alarms(self) -> list[str]:
        return list(alarms_open())

    def settle(self) -> None:
        """Step and mine until nothing is on its way."""
        for _ in range(8):
            sender_step()
            if not sender_health().on_the_way:
                return
            self.chain.anvil.finalise()

    def once(self, *amounts: int) -> None:
        """After all has settled each of these was deposited once, and nothing else."""
        self.settle()
        assert sorted(self.deposited()) == sorted(amounts)
        assert self.statuses() == ["FINAL"] * len(amounts)

    @contextmanager
    def no_mining(self) -> Iterator[None]:
        """Transactions stay in the node's pool."""
        self.chain.anvil.rpc("evm_setAutomine", False)
        yield
        self.chain.anvil.rpc("evm_setAutomine", True)

    def dear(self, gwei: int = 90) -> None:
        """From the next block on, gas costs so much."""
        self.chain.anvil.rpc("anvil_setNextBlockBaseFeePerGas", hex(gwei * 10**9))

    def foreign(self) -> None:
        """Somebody else uses the key."""
        self.chain.anvil.send(self.account, {"to": self.account.address, "value": 1})


@pytest.fixture
def desk(chain: Chain, settings) -> Desk:
    account = Account.from_key((0x0BE).to_bytes(32))
    settings.OPERATOR_KEY = "0x" + account.key.hex().removeprefix("0x")
    chain.anvil.fund(account)
    chain.anvil.mine(8)
    return Desk(chain, account)


@pytest.fixture
def told(monkeypatch) -> Callable[[int], list[str]]:
    """What the handler of deposits heard of an amount's intent, kept in the database as a handler's own rows are."""

    def hear(*, intent: Intent) -> None:
        activity_record(kind="desk.told", subject=intent.key, data={"status": intent.status})

    monkeypatch.setattr(intent_handlers, "_handlers", {"deposit": [hear]})
    return lambda amount=7: [row.data["status"] for row in activity_of(f"deposit:{amount}")]


def at_line(
    number: int, act: Callable[[], None], work: Callable[[], None], names: tuple[str, ...] = SENDER
) -> bool:
    """Run `work`, but `act` just before it comes to the `number`-th line of these files that it has not run before.

    Says whether it came so far.
    """
    files = {str(Path(sender.__file__).with_name(name)) for name in names}
    lines: set[tuple[str, int]] = set()

    def trace(frame: FrameType, happened: str, _: object) -> Any:
        if frame.f_code.co_filename not in files:
            return None
        if happened == "line" and len(lines) < number:
            lines.add((frame.f_code.co_filename, frame.f_lineno))
            if len(lines) == number:
                act()
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    except Killed as death:
        # What a database does when its client is gone; the death may have come just before the block's end.
        while connection.atomic_blocks:
            connection.atomic_blocks[-1].__exit__(Killed, death, None)
    finally:
        sys.settrace(before)
    return len(lines) >= number
