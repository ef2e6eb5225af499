"""A chain of one's own, which may be reorganised and restarted, and what to do on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from eth_account.signers.local import LocalAccount

from contracts import calls
from contracts.artifacts import Deployment
from contracts.deploy import deploy
from marketplace.chain import handlers
from marketplace.chain.handlers import Changed
from marketplace.chain.models import Block, Cursor, Log
from protocol.terms import Bid, agreement_id
from protocol.typed import escrow_domain
from protocol.units import ZERO_ADDRESS, hex_of
from tests.anvil import Anvil, running_anvil
from tests.chain.desk import desk, told

__all__ = ["desk", "told"]

NATIVE = ZERO_ADDRESS


@dataclass
class Chain:
    """An Anvil with the escrow on it, and two ways to make the escrow log something."""

    anvil: Anvil
    deployment: Deployment

    def deposit(self, payer: LocalAccount, amount: int = 7) -> Any:
        data = hex_of(calls.Deposit(NATIVE, payer.address, amount).data)
        return self.anvil.send(payer, {"to": self.deployment.escrow, "data": data, "value": amount})

    def deposit_unmined(self, payer: LocalAccount, amount: int = 7) -> str:
        """Sent, and left to whoever mines the next block; the transaction's digest."""
        data = hex_of(calls.Deposit(NATIVE, payer.address, amount).data)
        transaction = {
            "to": self.deployment.escrow, "data": data, "value": amount, "gas": 200_000, "chainId": 31337,
            "nonce": self.anvil.web3.eth.get_transaction_count(payer.address, "pending"),
            "maxFeePerGas": 10**10, "maxPriorityFeePerGas": 10**9,
        }  # fmt: skip
        raw = payer.sign_transaction(transaction).raw_transaction
        return hex_of(self.anvil.web3.eth.send_raw_transaction(raw))

    def award(self, designer: LocalAccount, bid: Bid, signature: bytes, units: int = 1) -> Any:
        zero = bytes(32)
        data = hex_of(calls.Award(bid, signature, bid.provider, units, zero, zero, False).data)
        value = int(bid.unit_price) * units
        return self.anvil.send(designer, {"to": self.deployment.escrow, "data": data, "value": value})

    def bid(self, provider: LocalAccount, designer: LocalAccount, **terms: Any) -> tuple[Bid, bytes, str]:
        """A bid without bond, its signature and the agreement's id."""
        usual: dict[str, Any] = {
            "provider": provider.address, "designer": designer.address, "token": NATIVE, "arbiter": NATIVE,
            "fee_to": NATIVE, "job_digest": b"\x01" * 32, "printer": b"\x02" * 32, "unit_price": 10**15,
            "bond": 0, "dispute_fee": 0, "min_units": 1, "max_units": 5, "valid_until": self.anvil.now() + 3600,
            "make_time": 3600, "review_time": 3600, "arbiter_time": 3600, "grace_time": 0, "fallback_bps": 5000,
            "fee_bps": 0, "epoch": 0, "to_ledger": False, "salt": 2**255 + 1,
        }  # fmt: skip
        bid = Bid(**(usual | terms))
        identity = agreement_id(bid, escrow_domain(self.anvil.chain_id, self.deployment.escrow))
        return bid, bytes(provider.unsafe_sign_hash(identity).signature), hex_of(identity)

    def reorganise(self, depth: int) -> None:
        """Replace the newest blocks by as many empty ones."""
        self.anvil.rpc("anvil_reorg", depth, [])


@pytest.fixture
def chain(tmp_path: Path, settings, ada, bo) -> Iterator[Chain]:
    with running_anvil(tmp_path) as anvil:
        deployment = deploy(anvil.web3, anvil.web3.eth.accounts[0], tmp_path)
        anvil.fund(ada, bo)
        anvil.mine(8)  # so that no reorganisation below takes the money back
        settings.RPC_URL, settings.DEPLOYMENTS_DIR = anvil.url, tmp_path
        yield Chain(anvil, deployment)


HEARD = ("Deposited", "Awarded", "Delivered")


@pytest.fixture
def heard(monkeypatch) -> list[tuple[str, str, int]]:
    """What the handlers were told: change, log name, block."""
    told: list[tuple[str, str, int]] = []

    def hear(*, changed: Changed) -> None:
        for change in ("removed", "added", "final"):
            told.extend((change, row.name, row.block) for row in getattr(changed, change))

    listen(monkeypatch, hear)
    return told


def listen(monkeypatch, fn: handlers.Handler) -> None:
    """Tell this handler alone."""
    monkeypatch.setattr(handlers, "_handlers", [(frozenset(HEARD), fn)])


def stored() -> list[dict[str, Any]]:
    """Every log row without its key, in chain order."""
    rows = Log.objects.order_by("block", "log_index").values()
    return [{**row, "id": None, "cursor_id": None} for row in rows]


def forget() -> None:
    """Drop every row that following made."""
    Log.objects.all().delete()
    Block.objects.all().delete()
    Cursor.objects.all().delete()
