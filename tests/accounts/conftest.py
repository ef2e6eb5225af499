"""Clients and signatures for sign-in tests."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from eth_account.messages import encode_defunct
from rest_framework.test import APIClient


@pytest.fixture(autouse=True)
def _fresh_throttles():
    cache.clear()


@pytest.fixture
def client(db) -> APIClient:
    return APIClient()


@pytest.fixture
def sign():
    """The wallet's `personal_sign`."""
    return lambda account, message: "0x" + account.sign_message(encode_defunct(text=message)).signature.hex()


@pytest.fixture
def challenge(client):
    """A message this site issued for an account."""
    return lambda account: client.post("/api/v1/auth/challenge", {"address": account.address}).json()[
        "message"
    ]


@pytest.fixture
def token_for(client, challenge, sign):
    """A fresh API token of an account, with its scopes: `(id, headers)`."""

    def make(account, *scopes: str, days: int = 1) -> tuple[int, dict[str, str]]:
        message = challenge(account)
        body = {
            "message": message,
            "signature": sign(account, message),
            "name": "agent",
            "scopes": scopes,
            "days": days,
        }
        made = client.post("/api/v1/auth/tokens", body)
        assert made.status_code == 201, made.json()
        return made.json()["id"], {"HTTP_AUTHORIZATION": f"Bearer {made.json()['token']}"}

    return make
