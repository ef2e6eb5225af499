"""Every signature that an agreement rests on: who must have made it, over what, and where it stands."""

from collections.abc import Iterator
from dataclasses import dataclass

from auditor.calls import Call
from auditor.case import Case
from auditor.ids import consent_digest, mandate_digest, settlement_digest, voucher_digest
from auditor.moving import Step
from auditor.records import Signature, Terms
from auditor.signers import signer_of
from protocol.units import Address, Digest

BID = "bid"


@dataclass(frozen=True)
class Claim:
    """`what` was signed: bid, consent, mandate, voucher or settlement. `block` is that of its use."""

    what: str
    place: str
    signer: Address
    digest: Digest
    signature: bytes
    block: int

    @property
    def key(self) -> Signature:
        """What a signer with code is asked about."""
        return self.signer, self.digest, self.signature


def holds(case: Case, claim: Claim) -> bool:
    """Whether the signature is its signer's."""
    return claim.key in case.node.accepted or signer_of(claim.digest, claim.signature) == claim.signer


def claims_of(case: Case) -> Iterator[Claim]:
    """The bid's signature as the bundle has it, and all that calls to the escrow carried."""
    if case.history is None:
        return
    bid, award = case.bundle.bid, case.history.award.raw
    if bid:
        place = "bid.json signature"
        yield Claim(BID, place, bid.signer, case.agreement, bid.signature, award.block)
    seen: set[Digest] = set()
    for step in case.history.steps:
        if step.call and "party_signature" in step.call.arguments and step.sent.digest not in seen:
            seen.add(step.sent.digest)
            yield _claim(case, step, step.call, case.history.terms)


def _claim(case: Case, step: Step, call: Call, terms: Terms) -> Claim:
    """What one party signed and another used."""
    here, arguments, signer = (case.node.chain_id, case.node.escrow), call.arguments, terms.designer
    match call.function:
        case "awardFor":
            what, digest = "consent", consent_digest(arguments["consent"], *here)
        case "awardUnder":
            what, digest = "mandate", mandate_digest(arguments["mandate"], *here)
            signer = arguments["mandate"].designer
        case "redeem":
            what, digest = "voucher", voucher_digest(case.agreement, arguments["cumulative"], *here)
        case _:
            what, digest = "settlement", settlement_digest(arguments["settlement"], *here)
            signer = terms.provider if step.sent.sender == terms.designer else terms.designer
    place = f"transaction 0x{step.sent.digest.hex()}"
    return Claim(what, place, signer, digest, arguments["party_signature"], step.raw.block)
