"""Printers, jobs and bids as the cast really signs them."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from eth_account.signers.local import LocalAccount

from marketplace.accounts.models import Person
from marketplace.accounts.services import token_create
from marketplace.activity.services import activity_record
from marketplace.bidding.services import bid_submit
from marketplace.jobs.models import Job
from marketplace.providers.models import Printer
from marketplace.providers.services import printer_register
from protocol.capability import Capability, Material
from protocol.jobspec import JobSpec, Part, job_digest
from protocol.profiles import PrinterProfile, capability_digest
from protocol.signatures import signature_of
from protocol.statuses import JobStatus
from protocol.terms import Bid
from protocol.typed import TypedStruct, escrow_domain, infill_domain
from protocol.units import ZERO_ADDRESS, address_of, digest_of, hex_of, seconds_of

CHAIN_ID = 31337
ESCROW = address_of("0x" + "e5" * 20)
PRINT_ESCROW = escrow_domain(CHAIN_ID, ESCROW)
INFILL = infill_domain(CHAIN_ID, ESCROW)
ETHER = 10**18

PLA_PRINTER = Capability(
    "FDM", (220_000, 220_000, 250_000), (Material("PLA", ("black", "white")),), 400, 100, 300
)


def signed(account: LocalAccount, struct: TypedStruct, domain=PRINT_ESCROW) -> str:
    return "0x" + account.unsafe_sign_hash(struct.digest(domain)).signature.hex()


def bearer(account: LocalAccount, *scopes: str) -> str:
    person, _ = Person.objects.get_or_create(address=account.address)
    return "Bearer " + token_create(person=person, name="test", scopes=scopes, days=1)[1]


def profile_of(account: LocalAccount, capability: Capability = PLA_PRINTER, **members: Any) -> PrinterProfile:
    plain = {
        "provider": account.address,
        "serial": "MK4-1",
        "seq": 1,
        "issued_at": seconds_of(timezone.now()),
    }
    return PrinterProfile(**{**plain, "capability": capability_digest(capability), **members})


def profile_body(
    account: LocalAccount, capability: Capability = PLA_PRINTER, **members: Any
) -> dict[str, Any]:
    profile = profile_of(account, capability, **members)
    return {
        "profile": profile.to_json(),
        "capability": capability.to_json(),
        "signature": signed(account, profile, INFILL),
    }


def registered(account: LocalAccount, capability: Capability = PLA_PRINTER, **members: Any) -> Printer:
    Person.objects.get_or_create(address=account.address)
    profile = profile_of(account, capability, **members)
    printer, _ = printer_register(
        profile=profile,
        capability=capability,
        signature=signature_of(signed(account, profile, INFILL)),
        person=account.address,
        domain=INFILL,
    )
    return printer


@transaction.atomic
def opened(account: LocalAccount, *, status: JobStatus = JobStatus.OPEN, **asked: Any) -> Job:
    """A job of the account, with a spec as opening freezes it but without files behind it."""
    designer, _ = Person.objects.get_or_create(address=account.address)
    now = timezone.now()
    how = {"material": "PLA", "colour": "black", "layer_um": 200, "infill_percent": 20}
    how |= {name: asked.pop(name) for name in set(how) & set(asked)}
    asked = {"quantity": 2} | asked
    size = asked.pop("size_um", (70_000, 40_000, 35_000))
    deadline = asked.pop("deadline", now + timedelta(days=3))
    spec = JobSpec(
        title="bracket",
        designer=address_of(account.address),
        parts=(Part("bracket", digest_of("0x" + "11" * 32), 684, 1, 20_000, 9_000, size, 12, **how),),
        tolerance="standard",
        deadline=seconds_of(deadline),
        sampling="each",
        photos=(),
        ship_to_zone="any",
        licence="print only",
        **asked,
    )
    salt = secrets.token_bytes(32)
    job = Job.objects.create(
        designer=designer,
        title="bracket",
        deadline=deadline,
        bids_close_at=now + timedelta(days=1),
        budget_wei=str(ETHER),
        ship_to_zone="any",
        licence="print only",
        status=status,
        salt=salt,
        spec=spec.to_json(),
        job_digest=hex_of(job_digest(spec, salt)),
        opened_at=now,
        **asked,
    )
    activity_record(kind="job.opened", subject=job.subject, actor=account.address)
    return job


def bid_on(job: Job, by: Printer, **changed: Any) -> Bid:
    """Terms that this job's marketplace takes, but for what is changed."""
    sane = Bid(
        provider=address_of(by.provider_id),
        designer=address_of(job.designer_id),
        token=ZERO_ADDRESS,
        arbiter=ZERO_ADDRESS,
        fee_to=ZERO_ADDRESS,
        job_digest=digest_of(job.job_digest),
        printer=digest_of(by.digest),
        unit_price=ETHER // 100,
        bond=0,
        dispute_fee=0,
        min_units=1,
        max_units=10,
        valid_until=seconds_of(timezone.now()) + 3600,
        make_time=86_400,
        review_time=86_400,
        arbiter_time=86_400,
        grace_time=0,
        fallback_bps=5_000,
        fee_bps=0,
        epoch=0,
        to_ledger=False,
        salt=secrets.randbits(256),
    )
    return replace(sane, **changed)


def bid_body(account: LocalAccount, bid: Bid, domain=PRINT_ESCROW) -> dict[str, Any]:
    return {"bid": bid.to_json(), "signature": signed(account, bid, domain), "signer": account.address}


def received(account: LocalAccount, job: Job, printer: Printer, **changed: Any):
    """A bid as the service keeps it."""
    from marketplace.bidding.selectors import market

    bid = bid_on(job, printer, **changed)
    kept, _ = bid_submit(
        job=job.pk,
        bid=bid,
        signature=signature_of(signed(account, bid)),
        signer=address_of(account.address),
        person=account.address,
        market=market(),
        now=timezone.now(),
    )
    return kept
