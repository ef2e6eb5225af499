"""What agent.toml says, read once and frozen. Every refusal names the key and what to write instead."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from protocol.capability import Capability
from protocol.errors import Malformed
from protocol.terms import ALL_BPS, MAX_DURATION, MAX_FEE_BPS
from protocol.units import Address, Wei
from provider_agent import readers
from provider_agent.config_refusals import refusal_of, refusal_of_toml
from provider_agent.drivers import needs_of
from provider_agent.drivers.errors import UnknownDriver
from provider_agent.errors import ConfigInvalid, HomeMissing
from provider_agent.slicing.materials import MATERIALS

FILE = "agent.toml"
DAY = 24 * 60 * 60
PLATE_S = 4 * 60 * 60
NOTHING = Wei(0)
MARGIN = readers.whole(-ALL_BPS, 10 * ALL_BPS)


class Delivery(StrEnum):
    """When a making counts as delivered: PRINTED, once its last plate is clear, or SHIPPED, once its provider
    has said how it was sent."""

    PRINTED = "printed"
    SHIPPED = "shipped"


@dataclass(frozen=True)
class MarketplaceConfig:
    """Where jobs come from."""

    url: str


@dataclass(frozen=True)
class ChainConfig:
    """The agent's own node. `confirmations`: blocks above a final one; None: the node's finalized block."""

    rpc_url: str
    chain_id: int
    escrow: Address
    confirmations: int | None = None
    provider: Address | None = None
    """The purse, where this home holds but a hot key of it."""


@dataclass(frozen=True)
class Policy:
    """Prices and terms of every bid. Amounts in wei, times in seconds."""

    machine_hour_wei: Wei
    gram_wei: Wei
    setup_wei: Wei
    minimum_wei: Wei
    bond_wei: Wei
    dispute_fee_wei: Wei
    make_time_s: int
    review_time_s: int
    arbiter_time_s: int
    grace_time_s: int
    valid_for_s: int
    horizon_s: int
    fallback_bps: int
    max_fee_bps: int
    arbiters: tuple[Address, ...]
    max_bids_per_hour: int
    attempts: int
    stall_s: int
    model_limit_bytes: int
    plate_s: int = PLATE_S
    """Copies share a plate until it takes so long, estimated; 0: each is printed alone."""
    gram_wei_of: dict[str, Wei] = field(default_factory=dict)
    """Materials whose grams cost otherwise than `gram_wei`."""
    kwh_wei: Wei = NOTHING
    load_bps: int = 0
    """On top when the schedules are full; proportionally less before."""
    designer_bps: dict[Address, int] = field(default_factory=dict)
    confidential_bps: int = 0
    """For jobs that show bidders measurements alone."""
    deadline_bps: int = 0
    """On top for what is done at the deadline's last second; none from `deadline_near_s` before it."""
    deadline_near_s: int = 2 * DAY
    floor_wei: Wei = NOTHING
    ceiling_wei: Wei | None = None
    script: str | None = None
    """A program that may change a price or decline; its path counts from the home."""
    script_s: int = 5
    deliver: Delivery = Delivery.PRINTED

    def gram_price(self, kind: str) -> Wei:
        """Wei for a gram of a material."""
        return self.gram_wei_of.get(kind, self.gram_wei)


@dataclass(frozen=True)
class PrinterConfig:
    """One printer. `secret` is what its driver signs in with, where its software asks for one; `settings` are
    what only drivers of its kind need.

    `auto_clear`: its plate empties itself. `auto_load`: it changes to another filament by itself.
    `materials_from_stock`: of its materials those are registered, in those colours, that are on spools.
    """

    serial: str
    driver: str
    url: str
    auto_clear: bool
    auto_load: bool
    speed_mm_s: int
    capability: Capability
    secret: str | None = None
    watts: int = 0
    """What it draws while printing, for the price of the energy."""
    materials_from_stock: bool = False
    camera: str | None = None
    """Where its camera gives one still at a time."""
    settings: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Config:
    """All of agent.toml."""

    marketplace: MarketplaceConfig
    chain: ChainConfig
    policy: Policy
    printers: tuple[PrinterConfig, ...]

    def printer(self, serial: str) -> PrinterConfig:
        """A printer by its serial. Raises ConfigInvalid."""
        for printer in self.printers:
            if printer.serial == serial:
                return printer
        known = ", ".join(printer.serial for printer in self.printers)
        raise ConfigInvalid("printers", f"there is no {serial!r}; the printers are {known}")


def config_load(home: Path) -> Config:
    """Read `home`/agent.toml. Raises HomeMissing or ConfigInvalid."""
    path = home / FILE
    if not path.is_file():
        raise HomeMissing(f"there is no {path}: make it with `infill-agent --home {home} setup`")
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ConfigInvalid("the file", "", f"{path}: is not text in UTF-8: {error.reason}") from error
    return config_parse(text, str(path))


def config_parse(text: str, name: str = FILE) -> Config:
    """The config in a TOML text called `name`.

    Raises ConfigInvalid naming every key that is wrong, its line and what to write instead.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise refusal_of_toml(error, text, name) from error
    problems: list[readers.Problem] = []
    top = readers.Section(data, problems)
    found = Config(
        marketplace=_marketplace(top.section("marketplace")),
        chain=_chain(top.section("chain")),
        policy=_policy(top.section("policy")),
        printers=tuple(_printer(section) for section in top.sections("printers")),
    )
    top.finish()
    if not problems:
        problems += _contradictions(found)
    if problems:
        raise refusal_of(problems, text, name)
    return found


def _marketplace(section: readers.Section) -> MarketplaceConfig:
    found = MarketplaceConfig(url=section.take("url", readers.url))
    section.finish()
    return found


def _chain(section: readers.Section) -> ChainConfig:
    found = ChainConfig(
        rpc_url=section.take("rpc_url", readers.url),
        chain_id=section.take("chain_id", readers.whole(1, 2**53)),
        escrow=section.take("escrow", readers.address),
        confirmations=section.take("confirmations", readers.confirmations, None),
        provider=section.take("provider", readers.address, None),
    )
    section.finish()
    return found


def _policy(section: readers.Section) -> Policy:
    duration = readers.whole(1, MAX_DURATION)
    wei = readers.wei
    found = Policy(
        machine_hour_wei=section.take("machine_hour_wei", wei),
        gram_wei=section.take("gram_wei", wei),
        setup_wei=section.take("setup_wei", wei, Wei(0)),
        minimum_wei=section.take("minimum_wei", wei, Wei(1)),
        bond_wei=section.take("bond_wei", wei, Wei(0)),
        dispute_fee_wei=section.take("dispute_fee_wei", wei, Wei(0)),
        make_time_s=section.take("make_time_s", duration, 3 * DAY),
        review_time_s=section.take("review_time_s", duration, 14 * DAY),
        arbiter_time_s=section.take("arbiter_time_s", duration, 7 * DAY),
        grace_time_s=section.take("grace_time_s", readers.whole(0, MAX_DURATION), 0),
        valid_for_s=section.take("valid_for_s", readers.whole(30, 7 * DAY), 1800),
        horizon_s=section.take("horizon_s", duration, 7 * DAY),
        fallback_bps=section.take("fallback_bps", readers.whole(0, ALL_BPS), 5000),
        max_fee_bps=section.take("max_fee_bps", readers.whole(0, MAX_FEE_BPS), 500),
        arbiters=section.take("arbiters", readers.addresses, ()),
        max_bids_per_hour=section.take("max_bids_per_hour", readers.whole(0, 100_000), 60),
        attempts=section.take("attempts", readers.whole(1, 10), 2),
        stall_s=section.take("stall_s", readers.whole(10, DAY), 300),
        model_limit_bytes=section.take("model_limit_bytes", readers.whole(1, 2**31), 100_000_000),
        plate_s=section.take("plate_s", readers.whole(0, 7 * DAY), PLATE_S),
        gram_wei_of=section.take("gram_wei_of", _gram_prices, {}),
        kwh_wei=section.take("kwh_wei", wei, Wei(0)),
        load_bps=section.take("load_bps", MARGIN, 0),
        designer_bps=section.take("designer_bps", _designer_margins, {}),
        confidential_bps=section.take("confidential_bps", MARGIN, 0),
        deadline_bps=section.take("deadline_bps", MARGIN, 0),
        deadline_near_s=section.take("deadline_near_s", duration, 2 * DAY),
        floor_wei=section.take("floor_wei", wei, Wei(0)),
        ceiling_wei=section.take("ceiling_wei", wei, None),
        script=section.take("script", readers.text, None),
        script_s=section.take("script_s", readers.whole(1, 60), 5),
        deliver=section.take("deliver", _delivery, Delivery.PRINTED),
    )
    section.finish()
    return found


def _delivery(value: Any) -> Delivery:
    try:
        return Delivery(value)
    except ValueError as error:
        raise readers.Unreadable('write "printed" or "shipped"') from error


def _gram_prices(value: Any) -> dict[str, Wei]:
    if not isinstance(value, dict) or not set(value) <= set(MATERIALS):
        raise readers.Unreadable(f'write any of {", ".join(MATERIALS)}, like {{ PETG = "12000000000" }}')
    return {kind: readers.wei(price) for kind, price in value.items()}


def _designer_margins(value: Any) -> dict[Address, int]:
    if not isinstance(value, dict):
        raise readers.Unreadable('write addresses with hundredths of a percent, like { "0x..." = -500 }')
    return {readers.address(designer): MARGIN(bps) for designer, bps in value.items()}


def _printer(section: readers.Section) -> PrinterConfig:
    driver = section.take("driver", _driver)
    needs = needs_of(driver) if driver else {}
    needed = {key: section.take(key, readers.text, hint=f"write {hint}") for key, hint in needs.items()}
    secret = needed.pop("secret", None) or section.take("secret", readers.text, None)
    found = PrinterConfig(
        serial=section.take("serial", readers.serial),
        driver=driver,
        url=section.take("url", readers.url),
        auto_clear=section.take("auto_clear", readers.flag, driver == "virtual"),
        auto_load=section.take("auto_load", readers.flag, driver == "virtual"),
        speed_mm_s=section.take("speed_mm_s", readers.whole(1, 2000), 60),
        capability=section.take("capability", _capability),
        secret=secret,
        settings=needed,
        watts=section.take("watts", readers.whole(0, 20_000), 0),
        materials_from_stock=section.take("materials_from_stock", readers.flag, False),
        camera=section.take("camera", readers.url, None),
    )
    if driver:
        section.finish()
    return found


def _driver(value: Any) -> str:
    kind = readers.text(value)
    try:
        needs_of(kind)
    except UnknownDriver as error:
        raise readers.Unreadable(str(error)) from error
    return kind


def _capability(value: Any) -> Capability:
    if isinstance(value, dict):
        value = {"technology": "FDM", "nozzle_um": 400, "min_layer_um": 100, "max_layer_um": 300, **value}
    try:
        return _sliceable(Capability.from_json(value))
    except Malformed as error:
        raise readers.Unreadable(
            f"{error}; write at least bed_um = [220000, 220000, 250000] and"
            ' materials = [{ kind = "PLA", colours = ["black"] }]',
            tuple(error.field.split(".")[1:2]),
        ) from error


def _sliceable(capability: Capability) -> Capability:
    unknown = sorted({material.kind for material in capability.materials} - set(MATERIALS))
    if unknown:
        raise Malformed(
            f"no slicing settings for {', '.join(unknown)}; known are {', '.join(sorted(MATERIALS))}",
            "capability.materials",
        )
    return capability


def _contradictions(found: Config) -> Iterator[readers.Problem]:
    """What is wrong only beside something else."""
    serials = [printer.serial for printer in found.printers]
    for number, serial in enumerate(serials):
        if serial in serials[:number]:
            words = f"{serial!r} is there twice; each printer needs its own"
            yield readers.Problem(("printers", number, "serial"), words)
    policy = found.policy
    if policy.dispute_fee_wei and not policy.arbiters:
        words = "needs an arbiter; list one under policy.arbiters"
        yield readers.Problem(("policy", "dispute_fee_wei"), words)
    if policy.ceiling_wei is not None and policy.ceiling_wei < max(1, policy.floor_wei):
        words = "must not be below policy.floor_wei, nor zero"
        yield readers.Problem(("policy", "ceiling_wei"), words)
    if policy.grace_time_s >= policy.make_time_s:
        words = "must be shorter than policy.make_time_s"
        yield readers.Problem(("policy", "grace_time_s"), words)
