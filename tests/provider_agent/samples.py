"""Jobs, policies and configs that tests vary."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from protocol.canonical import salted_digest
from protocol.capability import Capability, Material
from protocol.jobspec import JobSpec, Part, job_digest
from protocol.units import ZERO_ADDRESS, Address, Digest, Wei, address_of, hex_of
from provider_agent.bidding import Market, OpenJob, PrinterOffer
from provider_agent.capacity import earliest_start
from provider_agent.config import Policy, config_parse
from provider_agent.template import Answers, PrinterAnswer, config_text
from tests.factories.models import box, stl

SALT = Digest(bytes([7]) * 32)
MODEL_SALT = Digest(bytes([9]) * 32)
CUBE = stl(box(10, 10, 4))
ADA = address_of("0x" + "ad" * 20)
PLA = Capability("FDM", (220_000, 220_000, 250_000), (Material("PLA", ("black", "white")),), 400, 100, 300)
POLICY = Policy(
    machine_hour_wei=Wei(10**15),
    gram_wei=Wei(10**13),
    setup_wei=Wei(10**12),
    minimum_wei=Wei(10**12),
    bond_wei=Wei(0),
    dispute_fee_wei=Wei(0),
    make_time_s=3 * 86400,
    review_time_s=86400,
    arbiter_time_s=86400,
    grace_time_s=0,
    valid_for_s=1800,
    horizon_s=7 * 86400,
    fallback_bps=5000,
    max_fee_bps=500,
    arbiters=(),
    max_bids_per_hour=60,
    attempts=2,
    stall_s=300,
    model_limit_bytes=10**8,
)
MARKET = Market(fee_bps=0, fee_to=Address(ZERO_ADDRESS), arbiters=(), bids_last_hour=0, free=Wei(10**20))


def part(**changes: Any) -> Part:
    usual = Part(
        name="cube.stl",
        model=salted_digest(MODEL_SALT, CUBE),
        bytes=len(CUBE),
        copies=1,
        volume_mm3=400,
        area_mm2=360,
        size_um=(10_000, 10_000, 4_000),
        triangles=12,
        material="PLA",
        colour="black",
        layer_um=200,
        infill_percent=20,
    )
    return replace(usual, **changes)


def spec(**changes: Any) -> JobSpec:
    usual = JobSpec(
        title="A cube",
        designer=ADA,
        parts=(part(),),
        tolerance="standard",
        quantity=1,
        deadline=int(time.time()) + 10 * 86400,
        sampling="each",
        photos=(),
        ship_to_zone="EU",
        licence="one set",
    )
    return replace(usual, **changes)


def job(found: JobSpec | None = None, **changes: Any) -> OpenJob:
    found = found or spec()
    return replace(OpenJob("job-1", found, SALT, job_digest(found, SALT), None), **changes)


def job_json(found: OpenJob) -> dict[str, Any]:
    return {
        "job": found.id,
        "spec": found.spec.to_json(),
        "salt": hex_of(found.salt),
        "job_digest": hex_of(found.digest),
    }


def offer(serial: str = "p1", capability: Capability = PLA, *, now: int, held: Any = ()) -> PrinterOffer:
    return PrinterOffer(
        serial, Digest(bytes(32)), capability, 60, lambda seconds: earliest_start(held, seconds, now=now)
    )


def config_toml(**changes: Any) -> str:
    usual: dict[str, Any] = {
        "marketplace": "http://127.0.0.1:8000",
        "rpc_url": "http://127.0.0.1:8545",
        "chain_id": 31337,
        "escrow": ADA_ESCROW,
        "arbiters": (),
        "machine_hour": Wei(10**15),
        "gram": Wei(10**13),
        "setup": Wei(10**12),
        "minimum": Wei(10**12),
        "bond": Wei(0),
        "printers": (PrinterAnswer("p1", "virtual", "http://127.0.0.1:1/printers/p1", PLA),),
    }
    return config_text(Answers(**{**usual, **changes}))


def config(**changes: Any) -> Any:
    return config_parse(config_toml(**changes))


ADA_ESCROW = Address("0x5FbDB2315678afecb367f032d93F642f64180aa3")
