"""Where the marketplace thinks the contracts are, for tests that need no chain."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from contracts.artifacts import Deployment, deployment_write
from tests.factories.market import CHAIN_ID, ESCROW


@pytest.fixture(autouse=True)
def place(db, settings, tmp_path):
    """A deployment without a node, no fee and no arbiter; rate limits start from nothing."""
    deployment_write(Deployment(CHAIN_ID, ESCROW, "0x" + "a0" * 20, 0), tmp_path)
    settings.CHAIN_ID, settings.DEPLOYMENTS_DIR = CHAIN_ID, tmp_path
    settings.ARBITERS, settings.FEE_BPS, settings.FEE_TO = [], 0, "0x" + "0" * 40
    cache.clear()


@pytest.fixture
def client(db) -> APIClient:
    return APIClient()
