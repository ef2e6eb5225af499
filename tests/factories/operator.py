"""The operator's key, and a marketplace that has it."""

from __future__ import annotations

import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount


@pytest.fixture(scope="session")
def operator() -> LocalAccount:
    return Account.from_key((0x09E).to_bytes(32))


@pytest.fixture
def operated(settings, operator) -> LocalAccount:
    """The marketplace signs receipts and books."""
    settings.OPERATOR_KEY = operator.key.hex()
    return operator
