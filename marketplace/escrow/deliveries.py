"""Files for the winner: encrypted to the key that it names, in a statement of the key that signed its bid."""

from datetime import datetime
from typing import Any

from django.conf import settings

from marketplace.bidding.authorities import authority_of
from marketplace.bidding.models import Bid
from marketplace.designs.access import original_early, original_refuse
from marketplace.designs.deliveries import design_deliver
from marketplace.designs.rules import RecipientRefused
from marketplace.escrow.errors import DesignNotGranted
from marketplace.escrow.selectors import designs_agreed, granted_job, infill_domain_here
from marketplace.jobs.models import Job
from marketplace.jobs.selectors import job_models
from protocol.errors import SignatureInvalid
from protocol.recipients import Recipient
from protocol.signatures import recover, signature_of
from protocol.units import Address, digest_of, seconds_of


def agreement_designs(*, agreement: str, person: str) -> list[dict[str, Any]]:
    """The designs that the winner of an agreement prints. Who asks too early is counted.

    Raises Http404, DesignNotGranted.
    """
    models = job_models(_granted(agreement, person))
    return [vars(model) | {"design": str(model.design)} for model in models]


def agreement_deliver(
    *, agreement: str, person: Address, recipient: str, signature: str, now: datetime
) -> list[dict[str, Any]]:
    """Encrypt what the winner of an agreement prints to a recipient, and say where each file is; the same
    again is what is there. Never inside an atomic block: it reads and writes files.

    Raises Http404, DesignNotGranted, RecipientRefused, DesignDeleted.
    """
    models, found = job_models(_granted(agreement, person)), []
    try:
        _statement_check(agreement, person, recipient, signature, now)
    except RecipientRefused as refusal:
        # Somebody may be using a token that is not theirs: the designers read it.
        for model in models:
            original_refuse(person=person, design=model.design, told=str(refusal))
        raise
    for model in models:
        made = design_deliver(
            design=model.design,
            provider=person,
            agreement=agreement,
            recipient=recipient,
            statement=signature,
        )
        found.append(
            {
                **vars(model),
                "design": str(model.design),
                "recipient": made.recipient,
                "sealed": made.digest,
                "sealed_bytes": made.bytes,
                "url": f"{settings.PUBLIC_URL}/api/v1/deliveries/{made.pk}/file",
            }
        )
    return found


def _granted(agreement: str, person: str) -> Job:
    try:
        return granted_job(agreement, person)
    except DesignNotGranted:
        for design in designs_agreed(agreement):
            original_early(person=person, design=design)
        raise


def _statement_check(
    agreement: str, provider: Address, recipient: str, signature: str, now: datetime
) -> None:
    """Raises RecipientRefused unless the provider said so, or its hot key that signed the bid and still
    may."""
    try:
        statement = Recipient(digest_of(agreement), recipient)
        signer = recover(statement.digest(infill_domain_here()), signature_of(signature))
    except SignatureInvalid as error:
        raise RecipientRefused(f"The recipient is not signed: {error}") from error
    if signer == provider:
        return
    bid = Bid.objects.filter(pk=agreement, signer=signer).first()
    if bid is None:
        raise RecipientRefused(
            f"The recipient was named by {signer}, which did not sign this agreement's bid."
        )
    key = authority_of(bid.terms, signer).key
    if key is None or key.until < seconds_of(now):
        raise RecipientRefused(f"The hot key {signer} may not sign for the provider any more.")
