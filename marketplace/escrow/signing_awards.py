"""What designers sign so that a bid can be awarded: a consent, a permit, a mandate."""

import secrets
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import Http404

from contracts import token as erc20
from contracts.views import Accounts, CheckAwardable
from marketplace.bidding.operator import operator_address
from marketplace.chain.nodes import client
from marketplace.chain.selectors import deployment_current
from marketplace.escrow.award_book import award_book
from marketplace.escrow.award_plans import award_summary, review_warnings
from marketplace.escrow.coins import Coin, ask_token, coin_of, permit_domain
from marketplace.escrow.errors import (
    BidNotAwardable,
    NoDispatcher,
    PermitUnsupported,
)
from marketplace.escrow.offers import Target, award_target
from marketplace.escrow.selectors import escrow_domain_here, job_units
from marketplace.escrow.signing import ToSign, chain_seconds, deadline_of
from marketplace.escrow.transactions import refusals
from marketplace.jobs.models import Job
from protocol.mandate import Mandate
from protocol.statuses import JobStatus
from protocol.terms import DAY, Award
from protocol.units import (
    ZERO_ADDRESS,
    ZERO_DIGEST,
    Address,
    Wei,
    address_of,
    digest_of,
    moment_text,
    seconds_of,
)

HOUR = 60 * 60


def _target(person: Address, wanted: Mapping[str, Any]) -> Target:
    """A bid of a job of the person's that the chain would award now. Raises Http404, StepRefused and more."""
    target = award_target(wanted["bid"], person, dict(wanted))
    offer = target.offer
    with refusals():
        client().ask(CheckAwardable(offer.terms, offer.signature, offer.signer, target.units))
    return target


def free_warnings(coin: Coin, owner: Address, takes: int) -> tuple[str, ...]:
    free = client().ask(Accounts(coin.token, owner)).free
    if free >= takes:
        return ()
    return (
        f"Your free balance in the escrow is {coin.text(free)}, and this takes {coin.text(takes)}: deposit "
        "first.",
    )


def consent_to_sign(person: Address, wanted: Mapping[str, Any]) -> ToSign:
    """A designer's consent to an award that somebody else sends, paid from the designer's free balance.

    Raises Http404, BidNotAwardable, StandbyUnknown, StepRefused, Malformed, ChainError.
    """
    target, now = _target(person, wanted), chain_seconds()
    bid, coin = target.offer.terms, coin_of(target.offer.terms.token)
    deadline = deadline_of(wanted, now, now + DAY, bid.valid_until)
    struct = Award(digest_of(target.row.pk), target.units, target.standby, award_book(bid), deadline)
    awarded = award_summary(target, coin, now, "your free balance")
    summary = f"Whoever sends this until {moment_text(deadline)} awards the bid for you. {awarded}"
    warnings = (*review_warnings(bid), *free_warnings(coin, person, target.price))
    return ToSign(struct, escrow_domain_here(), person, summary, warnings)


def permit_to_sign(person: Address, wanted: Mapping[str, Any]) -> ToSign:
    """A designer's permit for a bid's price, in its token. Raises as a consent, and PermitUnsupported."""
    target, now = _target(person, wanted), chain_seconds()
    bid = target.offer.terms
    if bid.token == ZERO_ADDRESS:
        raise PermitUnsupported
    domain, coin = permit_domain(bid.token), coin_of(bid.token)
    nonce, escrow = ask_token(bid.token, erc20.Nonces(person)), Address(deployment_current().escrow)
    deadline = deadline_of(wanted, now, now + HOUR, bid.valid_until)
    struct = erc20.Permit(person, escrow, Wei(target.price), nonce, deadline)
    summary = (
        f"You let the escrow take {coin.text(target.price)} from your wallet until "
        f"{moment_text(deadline)}, and no more. Nothing moves until you send the award itself."
    )
    return ToSign(struct, domain, person, summary, coin.warnings)


def mandate_to_sign(person: Address, wanted: Mapping[str, Any]) -> ToSign:
    """Limits within which a dispatcher may award a job, from the job unless told; in the chain's coin.

    Raises Http404, BidNotAwardable, NoDispatcher, Malformed, ChainError.
    """
    job, now = _open_job(wanted["job"], person), chain_seconds()
    members = (
        _dispatcher(wanted)
        | _job_limits(job, now)
        | {name: value for name, value in wanted.items() if name not in ("job", "deadline")}
    )
    latest = seconds_of(job.deadline)
    # As long as an award may fail and be made again: it can be revoked at any time.
    valid_until = deadline_of(wanted, now, latest, latest)
    struct = Mandate(designer=person, salt=secrets.randbits(256), valid_until=valid_until, **members)
    coin, most = Coin(), int(struct.max_unit_price) * struct.units
    summary = (
        f"Until {moment_text(valid_until)} the dispatcher {struct.dispatcher} can award up to "
        f"{struct.units} unit(s) of this job for you, each for at most "
        f"{coin.text(int(struct.max_unit_price))}: at most {coin.text(most)} in all, out of your free "
        "balance. Refunds go back there, and you can revoke it at any time."
    )
    return ToSign(struct, escrow_domain_here(), person, summary, free_warnings(coin, person, most))


def _dispatcher(wanted: Mapping[str, Any]) -> dict[str, Any]:
    own = operator_address()
    if own is None and "dispatcher" not in wanted:
        raise NoDispatcher
    return {"dispatcher": own}


def _open_job(job: Any, person: Address) -> Job:
    found = Job.objects.filter(pk=job, designer=person).first()
    if found is None:
        raise Http404
    if found.status != JobStatus.OPEN:
        raise BidNotAwardable(f"The job is {found.status}: only bids on an OPEN job can be awarded.")
    return found


def _job_limits(job: Job, now: int) -> dict[str, Any]:
    """What a job says of a mandate's limits; the rest are those that a cautious designer would set."""
    units = job.quantity - job_units(job).bound
    return {
        "token": ZERO_ADDRESS,
        "arbiter": address_of(settings.ARBITERS[0]) if settings.ARBITERS else ZERO_ADDRESS,
        "job_digest": digest_of(job.job_digest),
        "printers": ZERO_DIGEST,
        "max_unit_price": Wei(int(job.budget_wei) // job.quantity),
        "min_bond": Wei(0),
        "max_dispute_fee": Wei(0),
        "units": units,
        "max_make_time": max(1, seconds_of(job.deadline) - now),
        "min_review_time": 7 * DAY,
        "min_arbiter_time": DAY,
        "max_arbiter_time": 30 * DAY,
        "max_grace_time": DAY,
        "max_fallback_bps": 5_000,
    }
