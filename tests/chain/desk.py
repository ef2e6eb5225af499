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
from marketplace.chain import intent_handlers, sender
from marketplace.chain.models import Attempt, Intent
from marketplace.chain.outbox import intent_want
from marketplace.chain.outbox_selectors import sender_health
from marketplace.chain.sender import sender_step
from protocol.units import ZERO_ADDRESS, Address

if TYPE_CHECKING:
    from tests.chain.conftest import Chain

OURS = {
    str(Path(sender.__file__).with_name(name))
    for name in ("sender.py", "sending.py", "following.py", "outbox.py", "alarms.py", "intent_handlers.py")
}


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
        return sender_health().alarms

    def settle(self) -> None:
        """Step and mine until nothing is on its way."""
        for _ in range(4):
            sender_step()
            self.chain.anvil.finalise()
        sender_step()

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
def told(monkeypatch) -> list[tuple[str, str]]:
    """What the handler of deposits heard: key and status."""
    heard: list[tuple[str, str]] = []

    def hear(*, intent: Intent) -> None:
        assert connection.in_atomic_block
        heard.append((intent.key, intent.status))

    monkeypatch.setattr(intent_handlers, "_handlers", {"deposit": [hear]})
    return heard


def at_line(number: int, act: Callable[[], None], work: Callable[[], None]) -> bool:
    """Run `work`, but `act` just before it runs its `number`-th line of the sender; whether it came so far."""
    lines = 0

    def trace(frame: FrameType, happened: str, _: object) -> Any:
        nonlocal lines
        if frame.f_code.co_filename not in OURS:
            return None
        if happened == "line":
            lines += 1
            if lines == number:
                sys.settrace(None)
                act()
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    except Killed:
        pass
    finally:
        sys.settrace(before)
    return lines >= number
