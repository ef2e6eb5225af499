"""Taking in a signed mandate: everything that can be wrong with it is said now, not when it is used."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import Http404

from contracts.views import Accounts, Mandates
from marketplace.bidding.operator import operator_address
from marketplace.bidding.selectors import market
from marketplace.chain.nodes import client
from marketplace.escrow.contract_signatures import signature_check
from marketplace.escrow.errors import (
    MandateOtherDispatcher,
    MandateOver,
    MandateTerms,
    NoDispatcher,
    NotYourSide,
)
from marketplace.escrow.mandate_rules import mandate_problems
from marketplace.escrow.mandate_selectors import OVER
from marketplace.escrow.mandates import mandate_store
from marketplace.escrow.models import Mandate
from marketplace.escrow.selectors import escrow_domain_here
from marketplace.jobs.models import Job
from marketplace.jobs.selectors import jobs_by_digest
from protocol.errors import Malformed
from protocol.mandate import Mandate as Limits
from protocol.units import ZERO_ADDRESS, Address, Digest, hex_of, moment_text, seconds_of

MANDATES_PER_JOB = 10


@dataclass(frozen=True)
class Signed:
    """What a designer sent. `printers` are those behind the mandate's root; none where it accepts any."""

    limits: Limits
    signature: bytes
    printers: Sequence[Digest] = ()
    award_from: datetime | None = None


def mandate_take(*, signed: Signed, person: Address, now: datetime) -> tuple[Mandate, bool]:
    """Check and keep a mandate; the flag says whether it is new. The same again changes nothing.

    Raises Http404, NotYourSide, NoDispatcher, MandateOtherDispatcher, MandateTerms, MandateOver, Malformed,
    SignatureInvalid, ChainError.
    """
    limits, digest = signed.limits, signed.limits.digest(escrow_domain_here())
    job = _job(limits, person)
    _dispatcher_check(limits)
    _terms_check(signed, job)
    signature_check(limits.designer, digest, signed.signature)
    _chain_check(limits, digest)
    _count_check(job, hex_of(digest))
    free = client().ask(Accounts(limits.token, limits.designer)).free
    return mandate_store(
        digest=hex_of(digest),
        job=job,
        limits=limits,
        signature=signed.signature,
        printers=signed.printers,
        award_from=signed.award_from,
        free=int(free),
        now=now,
    )


def _job(limits: Limits, person: Address) -> Job:
    """The designer's own, which can still be awarded."""
    if limits.designer != person:
        raise NotYourSide("Only the designer that a mandate names can hand it in.")
    digest = hex_of(limits.job_digest)
    job = jobs_by_digest([digest]).get(digest)
    if job is None or job.designer_id != person:
        raise Http404
    if job.status in OVER:
        raise MandateOver(f"The job is {job.status}: nothing can be awarded of it.")
    return job


def _dispatcher_check(limits: Limits) -> None:
    own = operator_address()
    if own is None:
        raise NoDispatcher
    if limits.dispatcher != own:
        raise MandateOtherDispatcher(limits.dispatcher, own)


def _terms_check(signed: Signed, job: Job) -> None:
    limits, start = signed.limits, signed.award_from
    arbiters = market().arbiters or frozenset({ZERO_ADDRESS})
    if problems := mandate_problems(
        limits, quantity=job.quantity, arbiters=arbiters, printers=signed.printers
    ):
        raise MandateTerms(problems)
    if start and seconds_of(start) >= limits.valid_until:
        raise Malformed(f"expected a time before {moment_text(limits.valid_until)}", "award_from")


def _count_check(job: Job, digest: str) -> None:
    if Mandate.objects.filter(job=job, ended=False).exclude(pk=digest).count() >= MANDATES_PER_JOB:
        raise MandateOver(f"The job has {MANDATES_PER_JOB} mandates that live: revoke those you do not need.")


def _chain_check(limits: Limits, digest: Digest) -> None:
    if seconds_of(client().head().time) > limits.valid_until:
        raise MandateOver(f"The mandate was valid until {moment_text(limits.valid_until)}: sign another.")
    if client().ask(Mandates(digest)).revoked:
        raise MandateOver("The mandate was revoked for ever: sign another.")
