"""What the parties of an agreement sign for each other: a voucher, a settlement."""

from collections.abc import Mapping
from typing import Any

from contracts.views import Agreements, AgreementWord
from marketplace.chain.nodes import client
from marketplace.escrow.agreement_plans import Moment, moves_text
from marketplace.escrow.coins import coin_of
from marketplace.escrow.errors import (
    AwardNotFinal,
    NotYourSide,
    StepRefused,
)
from marketplace.escrow.models import Agreement
from marketplace.escrow.payouts import settled
from marketplace.escrow.selectors import agreement_for, escrow_domain_here
from marketplace.escrow.signing import ToSign, chain_seconds, deadline_of
from protocol.statuses import AgreementStatus
from protocol.terms import Settlement, Voucher
from protocol.units import (
    Address,
    Wei,
    digest_of,
    moment_text,
)

LONGEST_SETTLEMENT = 60 * 60
"""Seconds a Settlement may be used: while one is live, its signer takes no voucher."""
STATUSES = tuple(AgreementStatus)
CLOSED = (AgreementStatus.NONE, AgreementStatus.CLOSED)


def _word(row: Agreement) -> AgreementWord:
    """An open agreement as the chain has it now. Raises StepRefused."""
    word = client().ask(Agreements(digest_of(row.pk)))
    if word.status in CLOSED:
        raise StepRefused("WrongStatus", {"agreement": row.pk, "status": str(STATUSES.index(word.status))})
    return word


def voucher_to_sign(person: Address, wanted: Mapping[str, Any]) -> ToSign:
    """A designer's promise to pay up to an amount. None is offered before the award is final.

    Raises Http404, NotYourSide, AwardNotFinal, StepRefused, ChainError.
    """
    row = agreement_for(wanted["agreement"], person)
    if row.designer != person:
        raise NotYourSide("Only the designer of an agreement can do this.")
    if row.final_status == AgreementStatus.NONE:
        raise AwardNotFinal("A reorganisation could still take the award back: sign none before it is final.")
    word, coin = _word(row), coin_of(row.bid_terms.token)
    cumulative = wanted.get("cumulative", int(word.price))
    if cumulative <= word.paid:
        raise StepRefused("NotRising", {"cumulative": str(cumulative), "paid": str(word.paid)})
    if cumulative > word.price:
        raise StepRefused("AbovePrice", {"cumulative": str(cumulative), "price": str(word.price)})
    text = coin.text
    summary = (
        f"Whoever sends this pays the provider {text(cumulative - word.paid)} more, {text(cumulative)} of "
        f"{text(int(word.price))} in all, without asking you again. It cannot be taken back."
    )
    return ToSign(Voucher(digest_of(row.pk), Wei(cumulative)), escrow_domain_here(), person, summary)


def settlement_to_sign(person: Address, wanted: Mapping[str, Any]) -> ToSign:
    """A split of what is unpaid and the bond, for the other party to send, at status and payment of now.

    Raises Http404, StepRefused, Malformed, ChainError.
    """
    row, now = agreement_for(wanted["agreement"], person), chain_seconds()
    word, bid = _word(row), row.bid_terms
    moment = Moment(row, person, word, now, coin_of(bid.token), {})
    to_provider, rest = wanted["to_provider"], moment.pot.unpaid + int(bid.bond)
    if to_provider > rest:
        raise StepRefused("AboveRest", {"toProvider": str(to_provider), "rest": str(rest)})
    deadline = deadline_of(wanted, now, now + LONGEST_SETTLEMENT, now + LONGEST_SETTLEMENT)
    status = STATUSES.index(word.status)
    struct = Settlement(digest_of(row.pk), Wei(to_provider), word.paid, status, deadline)
    summary = (
        f"If the other side sends this until {moment_text(deadline)}, the agreement closes: "
        f"{moves_text(moment, settled(moment.pot, to_provider))} It is void once anything more is paid or "
        "changes."
    )
    return ToSign(struct, escrow_domain_here(), person, summary)
