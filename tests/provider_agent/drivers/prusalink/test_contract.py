"""PrusaLink's driver keeps the contract of every driver."""

from __future__ import annotations

import pytest

from tests.provider_agent.drivers.contract import DriverContract

pytestmark = pytest.mark.printers


class TestPrusaLink(DriverContract):
    """`rig` is in conftest.py."""
