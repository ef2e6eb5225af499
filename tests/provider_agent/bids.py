"""Bids in a journal."""

from __future__ import annotations

import time
from typing import Any

from protocol.terms import Bid
from protocol.units import ZERO_ADDRESS, Address, Digest, Wei, hex_of
from provider_agent.journal.bids import bid_add, bid_signed
from provider_agent.journal.store import Journal
from tests.provider_agent.samples import ADA, SALT, spec

BO = Address("0x05650444aCe15A01762Bd97EE8fDeb495b3C2436")


def bid(**changes: Any) -> Bid:
    usual: dict[str, Any] = {
        "provider": BO,
        "designer": ADA,
        "token": ZERO_ADDRESS,
        "arbiter": ZERO_ADDRESS,
        "fee_to": ZERO_ADDRESS,
        "job_digest": Digest(bytes([1]) * 32),
        "printer": Digest(bytes([2]) * 32),
        "unit_price": Wei(10**15),
        "bond": Wei(0),
        "dispute_fee": Wei(0),
        "min_units": 1,
        "max_units": 1,
        "valid_until": int(time.time()) + 3600,
        "make_time": 86400,
        "review_time": 3600,
        "arbiter_time": 3600,
        "grace_time": 0,
        "fallback_bps": 5000,
        "fee_bps": 0,
        "epoch": 0,
        "to_ledger": False,
        "salt": 1,
    }
    return Bid(**{**usual, **changes})


def bid_journal(
    journal: Journal,
    agreement: Digest,
    terms: Bid | None = None,
    *,
    serial: str = "p1",
    signature: bytes | None = None,
) -> None:
    """An open bid with this id; the terms may be others where the id does not matter."""
    bid_add(
        journal,
        agreement=agreement,
        job=hex_of(agreement),
        serial=serial,
        bid=terms or bid(),
        spec=spec(),
        salt=SALT,
        now=int(time.time()),
    )
    if signature is not None:
        bid_signed(journal, agreement, signature)
