"""What was agreed: the id proves the terms, the provider signed them, the designer funded them."""

from auditor.case import Case
from auditor.checks.base import Findings, need, need_history
from auditor.findings import Finding, differs
from auditor.ids import agreement_id
from auditor.records import Terms
from protocol.units import ZERO_ADDRESS

DAY = 24 * 60 * 60
LONGEST = 400 * DAY
ALL_BPS = 10_000
HIGHEST_FEE_BPS = 1_000
UINT96 = 2**96


def id_proves_terms(case: Case) -> Findings:
    """The agreement's id is the digest of the awarded terms, and of the bundle's."""
    node = case.node
    if case.history:
        found = agreement_id(case.history.terms, node.chain_id, node.escrow)
        yield from differs("terms-id", "the award's log", "the terms have another id", case.agreement, found)
    told = need(case.bundle.bid, "bid.json").terms
    found = agreement_id(told, node.chain_id, node.escrow)
    yield from differs("bid-id", "bid.json", "these terms have another id", case.agreement, found)
    if case.history:
        for member, value in vars(case.history.terms).items():
            place = f"bid.json bid {member}"
            yield from differs("bid-terms", place, "not what was awarded", value, getattr(told, member))


def award_within_terms(case: Case) -> Findings:
    """Awarded in time, for a number of units that the bid is for, at its price."""
    history = need_history(case)
    terms, units, place = history.terms, history.units, history.award.raw.place
    if not terms.min_units <= units <= terms.max_units or units == 0:
        wanted = f"{terms.min_units} to {terms.max_units}"
        yield Finding("award-units", place, "the bid is not for so many units", wanted, str(units))
    price = terms.unit_price * units
    if not 1 <= price < UINT96:
        yield Finding(
            "award-price", place, "no agreement can have this price", "1 to 2^96-1 wei", f"{price} wei"
        )
    pot = price + terms.bond + terms.dispute_fee
    if pot >= UINT96:
        message = "price, bond and dispute fee are more than an agreement can hold"
        yield Finding("award-pot", place, message, "at most 2^96-1 wei", f"{pot} wei")
    if history.award.raw.time > terms.valid_until:
        message = "awarded after the bid had expired"
        yield Finding("award-late", place, message, f"until {terms.valid_until}", str(history.award.raw.time))


def terms_sane(case: Case) -> Findings:
    """The terms are such as nobody is robbed by."""
    for problem in _insane(need_history(case).terms):
        yield Finding("terms-insane", "the award's log", problem)


def _insane(terms: Terms) -> list[str]:
    durations = (terms.make_time, terms.review_time, terms.arbiter_time)
    parties = {terms.provider, terms.designer, terms.arbiter}
    rules = {
        f"a duration is not 1 to {LONGEST} s": not all(0 < duration <= LONGEST for duration in durations),
        "the grace time is not shorter than the make time": terms.grace_time >= terms.make_time,
        f"the fee is above {HIGHEST_FEE_BPS} basis points": terms.fee_bps > HIGHEST_FEE_BPS,
        f"the fallback split is above {ALL_BPS} basis points": terms.fallback_bps > ALL_BPS,
        "provider, designer and arbiter are not three parties": len(parties) < 3,
        "the arbiter receives the fee": terms.arbiter == terms.fee_to != ZERO_ADDRESS,
        "nobody receives the fee": terms.fee_bps > 0 and terms.fee_to == ZERO_ADDRESS,
        "there is a dispute fee, but no arbiter": terms.dispute_fee > 0 and terms.arbiter == ZERO_ADDRESS,
    }
    return [problem for problem, broken in rules.items() if broken]
