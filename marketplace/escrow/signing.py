"""Typed data for wallets to sign (EIP-712), told in words; and who signed it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404

from marketplace.bidding.models import Bid
from marketplace.chain.nodes import client
from marketplace.escrow.selectors import agreement_for, escrow_domain_here
from protocol.errors import Malformed, SignatureInvalid
from protocol.mandate import Mandate
from protocol.signatures import recover
from protocol.terms import Award, Settlement, Voucher
from protocol.typed import Domain, TypedStruct
from protocol.units import Address, hex_of, moment_text, seconds_of


@dataclass(frozen=True)
class ToSign:
    """Something for `signer` to sign, in words."""

    struct: TypedStruct
    domain: Domain
    signer: Address
    summary: str
    warnings: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Wire form."""
        return {
            "typed_data": self.struct.typed_data(self.domain),
            "digest": hex_of(self.struct.digest(self.domain)),
            "signer": self.signer,
            "summary": self.summary,
            "warnings": list(self.warnings),
        }


def chain_seconds() -> int:
    return seconds_of(client().head().time)


def deadline_of(wanted: Mapping[str, Any], now: int, usual: int, latest: int) -> int:
    """The last second in which it can be used. Raises Malformed."""
    chosen: datetime | None = wanted.get("deadline")
    deadline = seconds_of(chosen) if chosen else min(usual, latest)
    if not now <= deadline <= latest:
        raise Malformed(f"expected a time from now until {moment_text(latest)}", "deadline")
    return deadline


def signer_of(struct: TypedStruct, signature: bytes, *allowed: str) -> Address:
    """Who signed something of the escrow's. Raises SignatureInvalid where it is none of those allowed."""
    signer = recover(struct.digest(escrow_domain_here()), signature)
    if signer not in allowed:
        raise SignatureInvalid(
            f"{signer} signed this, and it must be {' or '.join(allowed)}: sign the exact members with "
            "that key. A wallet that is a contract is asked by the escrow itself, when the signature is "
            "used."
        )
    return signer


def signers_allowed(struct: TypedStruct, person: Address) -> tuple[str, ...]:
    """Whose signature something needs, for who may know of it. Raises Http404 for everybody else."""
    if isinstance(struct, Mandate) and person in (struct.designer, struct.dispatcher):
        return (struct.designer,)
    if isinstance(struct, Award):
        bid = Bid.objects.filter(pk=hex_of(struct.agreement)).select_related("job").first()
        if bid and person in (bid.job.designer_id, bid.provider_id):
            return (bid.job.designer_id,)
    if isinstance(struct, Voucher):
        return (agreement_for(hex_of(struct.agreement), person).designer,)
    if isinstance(struct, Settlement):
        return agreement_for(hex_of(struct.agreement), person).parties
    raise Http404
