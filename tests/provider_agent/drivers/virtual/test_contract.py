"""The virtual printer keeps the contract of every driver."""

from __future__ import annotations

from tests.provider_agent.drivers.contract import DriverContract


class TestVirtual(DriverContract):
    """`rig` is in conftest.py."""
