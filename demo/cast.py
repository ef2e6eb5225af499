"""Who takes part. The people hold accounts that every local chain starts with: public keys, worth nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from eth_account import Account
from eth_account.signers.local import LocalAccount

_MNEMONIC = "test test test test test test test test test test test junk"
_ADA, _CHARLIE, _EVE, _OPERATOR = 1, 2, 8, 9


@cache
def _account(index: int) -> LocalAccount:
    Account.enable_unaudited_hdwallet_features()
    key: LocalAccount = Account.from_mnemonic(_MNEMONIC, account_path=f"m/44'/60'/0'/0/{index}")
    return key


def ada() -> LocalAccount:
    """The designer."""
    return _account(_ADA)


def charlie() -> LocalAccount:
    """A stranger."""
    return _account(_CHARLIE)


def eve() -> LocalAccount:
    """The arbiter."""
    return _account(_EVE)


def operator() -> LocalAccount:
    """Runs the marketplace and receives its fee."""
    return _account(_OPERATOR)


@dataclass(frozen=True)
class VirtualPrinter:
    """One virtual printer. Lengths in micrometres."""

    serial: str
    bed_um: tuple[int, int, int]
    materials: dict[str, tuple[str, ...]]
    max_speed_mm_s: int
    nozzle_um: int = 400
    min_layer_um: int = 100
    max_layer_um: int = 300


@dataclass(frozen=True)
class Provider:
    """One provider: a policy in wei and seconds, and printers."""

    name: str
    machine_hour_wei: int
    gram_wei: int
    setup_wei: int
    printers: tuple[VirtualPrinter, ...]
    more: Mapping[str, int] = field(default_factory=dict)
    """Further members of its policy."""


PROVIDERS = (
    Provider(
        name="bo",
        machine_hour_wei=1_200_000_000_000_000,
        gram_wei=12_000_000_000_000,
        setup_wei=400_000_000_000_000,
        printers=(
            VirtualPrinter(
                serial="bo-mk3",
                bed_um=(250_000, 210_000, 210_000),
                materials={"PLA": ("black", "white"), "PETG": ("black",)},
                max_speed_mm_s=120,
            ),
        ),
    ),
    Provider(
        name="fern",
        machine_hour_wei=2_000_000_000_000_000,
        gram_wei=10_000_000_000_000,
        setup_wei=300_000_000_000_000,
        printers=(
            VirtualPrinter(
                serial="fern-corexy",
                bed_um=(300_000, 300_000, 300_000),
                materials={"PLA": ("black", "white"), "ABS": ("black",)},
                max_speed_mm_s=300,
            ),
        ),
    ),
    Provider(
        name="gus",
        machine_hour_wei=900_000_000_000_000,
        gram_wei=9_000_000_000_000,
        setup_wei=200_000_000_000_000,
        printers=(
            VirtualPrinter(
                serial="gus-mini",
                bed_um=(55_000, 55_000, 80_000),
                materials={"PLA": ("black",)},
                max_speed_mm_s=60,
                min_layer_um=50,
                max_layer_um=250,
            ),
        ),
    ),
)
