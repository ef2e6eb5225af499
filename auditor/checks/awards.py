"""Who bound whom: the award's sender, arguments, signature and money, whichever of the five ways it came."""

from auditor.around import epoch_at, key_at
from auditor.calls import Call
from auditor.case import Case
from auditor.checks.base import Findings, need, need_history
from auditor.findings import Finding, differs, text_of
from auditor.ids import agreement_id
from auditor.logs import Awarded
from auditor.rebuild import History
from auditor.signatures import BID, claims_of, holds
from auditor.signers import signer_of
from protocol.units import ZERO_ADDRESS, ZERO_DIGEST, Address


def provider_signed(case: Case) -> Findings:
    """The bid's signature is the provider's, or that of a hot key that was live and had enough to lock."""
    bid, history = need(case.bundle.bid, "bid.json"), need_history(case)
    provider, place = history.terms.provider, "bid.json signer"
    if bid.signer != provider:
        key = key_at(case, history, bid.signer, history.award.raw)
        if key is None:
            message = "the signer is neither the provider nor a live hot key of it"
            yield Finding("bid-signer", place, message, provider, bid.signer)
        elif key.bond_left < history.terms.bond:
            message, limit = "the hot key may not lock such a bond", f"at most {key.bond_left} wei"
            yield Finding("bid-bond", place, message, limit, f"{history.terms.bond} wei")
    if not all(holds(case, claim) for claim in claims_of(case) if claim.what == BID):
        found = signer_of(case.agreement, bid.signature)
        message = "the bid is not signed by its signer"
        yield Finding(
            "bid-signature", "bid.json signature", message, bid.signer, found or "nobody's signature"
        )


def bid_alive(case: Case) -> Findings:
    """The provider had not withdrawn its bids by moving to another epoch."""
    history = need_history(case)
    epoch, place = epoch_at(case, history, history.award.raw), history.award.raw.place
    yield from differs("award-epoch", place, "the bid was withdrawn", epoch, history.terms.epoch)


def designer_awarded(case: Case) -> Findings:
    """The designer, or who it allowed to, sent the award with these very arguments and the right value."""
    history = need_history(case)
    log, call, place = history.awarded, history.award.call, history.award.raw.place
    message = "log and terms disagree"
    yield from differs("award-designer", place, message, history.terms.designer, log.designer)
    yield from differs("award-provider", place, message, history.terms.provider, log.provider)
    if call is None:
        return
    place = f"transaction {text_of(history.award.sent.digest)}"
    sender = _sender(history, call)
    if sender:
        message = "sent by somebody who may not award"
        yield from differs("award-sender", place, message, sender, history.award.sent.sender)
    yield from _as_called(history, log, call, place)
    yield from _consented(case, history, call, place)
    if case.bundle.bid:
        signature, signer = case.bundle.bid.signature, case.bundle.bid.signer
        message, at = "not what was awarded", "bid.json signature"
        yield from differs("award-signature", at, message, call.arguments["signature"], signature)
        yield from differs("award-signer", "bid.json signer", message, call.arguments["signer"], signer)


def _sender(history: History, call: Call) -> Address | None:
    """The only one who may send such an award, if there is one."""
    if call.function == "awardUnder":
        dispatcher: Address = call.arguments["mandate"].dispatcher
        return dispatcher
    return None if call.function in ("awardFor", "reaward") else history.terms.designer


def _as_called(history: History, log: Awarded, call: Call, place: str) -> Findings:
    """What the log says is what was asked for, and the price came with it where it must."""
    told = vars(call.arguments["consent"]) if "consent" in call.arguments else call.arguments
    right = {"terms": call.awarded, "units": told.get("units", log.units)}
    right |= {name: told.get(name, ZERO_DIGEST) for name in ("standby", "book")}
    for member, value in right.items():
        message = f"the {member} sent are not those logged"
        yield from differs("award-call", place, message, value, getattr(log, member))
    by_value = call.function == "award" and not told["from_ledger"] and log.terms.token == ZERO_ADDRESS
    value = history.award.after.price if by_value else 0
    message = "the value sent is not the price"
    yield from differs("award-value", place, message, value, history.award.sent.value)


def _consented(case: Case, history: History, call: Call, place: str) -> Findings:
    """A relayed award is one that the designer allowed, in time; its signature is checked with all others."""
    consent = call.arguments.get("consent")
    if consent is None:
        return
    found = agreement_id(history.terms, case.node.chain_id, case.node.escrow)
    yield from differs("consent-agreement", place, "consent to another award", found, consent.agreement)
    time = history.award.raw.time
    if time > consent.deadline:
        message = "awarded after the consent had expired"
        yield Finding("consent-late", place, message, f"until {consent.deadline}", str(time))
