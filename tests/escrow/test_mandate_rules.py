"""Every limit of a mandate, by the pure rule and by the contract itself: they give one answer, always."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts import calls
from marketplace.chain.errors import ContractReverted
from marketplace.chain.nodes import client
from marketplace.escrow.dispatch_rules import (
    REST,
    Choice,
    Offered,
    Outlook,
    Wait,
    Waiting,
    choices,
    rests_until,
)
from marketplace.escrow.mandate_rules import (
    Breach,
    MandateStatus,
    breaches,
    mandate_problems,
    mandate_status,
    printer_proof,
    printers_root,
    units_for,
)
from protocol.errors import TreeRefused
from protocol.mandate import Mandate
from protocol.statuses import JobStatus
from protocol.typed import escrow_domain
from protocol.units import ZERO_ADDRESS, ZERO_DIGEST, Digest, address_of, hex_of
from tests.escrow.histories import a_bid
from tests.escrow.mandates import DAY, limits_of, office, operated, operator

__all__ = ["office", "operated", "operator"]

BID = a_bid()
NOW = 1_700_000_000
OTHER = address_of("0x" + "0d" * 20)
PRINTERS = tuple(Digest(bytes([number]) * 32) for number in range(1, 5))


def just(**changes: Any) -> Mandate:
    """Limits that BID just keeps at NOW."""
    usual = Mandate(
        BID.designer, OTHER, BID.token, BID.arbiter, BID.job_digest, ZERO_DIGEST, BID.unit_price, BID.bond,
        BID.dispute_fee, 3, BID.make_time, BID.review_time, BID.arbiter_time, BID.arbiter_time, BID.grace_time,
        BID.fallback_bps, NOW, 1,
    )  # fmt: skip
    return replace(usual, **changes)


BROKEN = {
    "validUntil": {"valid_until": NOW - 1},
    "designer": {"designer": OTHER},
    "token": {"token": OTHER},
    "arbiter": {"arbiter": OTHER},
    "jobDigest": {"job_digest": Digest(b"x" * 32)},
    "unitPrice": {"max_unit_price": BID.unit_price - 1},
    "bond": {"min_bond": BID.bond + 1},
    "disputeFee": {"max_dispute_fee": BID.dispute_fee - 1},
    "makeTime": {"max_make_time": BID.make_time - 1},
    "reviewTime": {"min_review_time": BID.review_time + 1},
    "arbiterTime": {"min_arbiter_time": BID.arbiter_time + 1, "max_arbiter_time": BID.arbiter_time + 2},
    "graceTime": {"max_grace_time": BID.grace_time - 1},
    "fallbackBps": {"max_fallback_bps": BID.fallback_bps - 1},
    "printer": {"printers": printers_root(PRINTERS)},
}


def test_limits_that_are_just_kept_are_kept():
    assert breaches(just(), BID, now=NOW) == ()


@pytest.mark.parametrize("term", BROKEN)
def test_each_limit_is_named_when_it_is_broken(term):
    (found,) = breaches(just(**BROKEN[term]), BID, now=NOW, printers=PRINTERS)
    assert found.term == term
    assert term in found.text


def test_an_arbiter_may_be_too_slow_too():
    (found,) = breaches(just(max_arbiter_time=BID.arbiter_time - 1), BID, now=NOW)
    assert (found.term, found.relation) == ("arbiterTime", "at most")


def test_a_printer_on_the_list_is_accepted_and_its_root_is_not_asked_twice():
    bid = replace(BID, printer=PRINTERS[2])
    assert breaches(just(printers=printers_root(PRINTERS)), bid, now=NOW, printers=PRINTERS) == ()
    assert printers_root(()) == ZERO_DIGEST
    with pytest.raises(TreeRefused):
        printers_root((PRINTERS[0], PRINTERS[0]))


def test_limits_are_told_in_words():
    texts = {
        term: breaches(just(**change), BID, now=NOW, printers=PRINTERS)[0].text
        for term, change in BROKEN.items()
    }
    assert texts["fallbackBps"] == "fallbackBps is 50 %, the mandate wants at most 49.99 %"
    assert texts["makeTime"] == "makeTime is 3600 s (1 h), the mandate wants at most 3599 s (1 h)"
    assert texts["printer"].endswith("the mandate wants one of those it lists")
    assert texts["arbiter"].endswith(OTHER)


@pytest.mark.parametrize(("available", "units"), [(0, 0), (1, 0), (2, 2), (3, 3), (9, 4)], ids=str)
def test_as_many_units_as_both_allow(available, units):
    assert units_for(replace(BID, min_units=2, max_units=4), available) == units


def test_a_price_beyond_what_the_escrow_holds_is_for_no_units():
    assert units_for(replace(BID, unit_price=2**95, max_units=3), 3) == 0


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("token", {"token": OTHER}),
        ("arbiter", {"arbiter": OTHER}),
        ("units", {"units": 0}),
        ("units", {"units": 6}),
        ("maxUnitPrice", {"max_unit_price": 0}),
        ("maxMakeTime", {"max_make_time": 0}),
        ("maxArbiterTime", {"min_arbiter_time": 9, "max_arbiter_time": 8}),
        ("maxArbiterTime", {"min_arbiter_time": 0, "max_arbiter_time": 0}),
        ("printers", {"printers": Digest(b"r" * 32)}),
    ],
)
def test_limits_that_nothing_can_keep_are_refused_at_the_door(name, change):
    asked = {"quantity": 5, "arbiters": frozenset({BID.arbiter}), "printers": ()}
    assert mandate_problems(just(), **asked) == {}
    assert list(mandate_problems(just(**change), **asked)) == [name]


def test_what_a_mandate_can_still_do():
    def status(used: int = 0, revoked: bool = False, now: int = NOW) -> MandateStatus:
        return mandate_status(just(), used=used, revoked=revoked, now=now)

    assert status() is MandateStatus.ACTIVE
    assert status(used=3) is MandateStatus.USED_UP
    assert status(now=NOW + 1) is MandateStatus.EXPIRED
    assert status(used=3, revoked=True, now=NOW + 1) is MandateStatus.REVOKED


# ------------------------------------------------------------------ the choice


def outlook(*offered: Offered, **changes: Any) -> Outlook:
    usual = {
        "mandate": just(), "now": datetime.fromtimestamp(NOW, UTC), "used": 0, "revoked": False, "free": 10**9,
        "job": JobStatus.OPEN, "units_left": 3, "offered": offered,
    }  # fmt: skip
    return Outlook(**(usual | changes))


def offered(name: str = "best", **changes: Any) -> Offered:
    own = {key: changes.pop(key) for key in ("rests_until", "failed_before") if key in changes}
    return Offered(name, replace(BID, **changes), **own)


@pytest.mark.parametrize(
    ("code", "change", "offers"),
    [
        (Wait.REVOKED, {"revoked": True}, [offered()]),
        (Wait.EXPIRED, {"now": datetime.fromtimestamp(NOW + 1, UTC)}, [offered()]),
        (Wait.USED_UP, {"used": 3}, [offered()]),
        (Wait.USED_UP, {"used": 4}, [offered()]),
        (Wait.JOB, {"job": JobStatus.AWARDED, "units_left": 0}, [offered()]),
        (Wait.JOB, {"job": JobStatus.WITHDRAWN, "units_left": 0}, [offered()]),
        (Wait.COLLECTING, {"award_from": datetime.fromtimestamp(NOW + 1, UTC)}, [offered()]),
        (Wait.BIDS, {}, []),
        (Wait.LIMITS, {}, [offered(unit_price=BID.unit_price + 1)]),
        (Wait.UNITS, {"units_left": 1}, [offered(min_units=2)]),
        (Wait.FAILED_BEFORE, {}, [offered(failed_before=True)]),
        (Wait.RESTING, {}, [offered(rests_until=datetime.fromtimestamp(NOW + 1, UTC))]),
        (Wait.DEPOSIT, {"free": 3 * BID.unit_price - 1}, [offered(), offered("cheap", unit_price=1)]),
    ],
)
def test_what_is_waited_for(code, change, offers):
    found = choices(outlook(*offers, **change))
    assert isinstance(found, Waiting)
    assert found.code is code
    assert found.text.endswith(".")


def test_the_best_first_and_only_within_limits_units_and_money():
    offers = [
        offered("dear", unit_price=BID.unit_price + 1),
        offered("best", unit_price=10),
        offered("few", unit_price=11, max_units=2),
        offered("unpaid", unit_price=12),
    ]
    found = choices(outlook(*offers, free=30))
    assert found == (Choice(offers[1], 3), Choice(offers[2], 2))
    assert found[0].price == 30


def test_no_more_than_the_mandate_has_left():
    (choice,) = choices(outlook(offered(), used=2))
    assert choice.units == 1


def test_a_bid_rests_twice_as_long_after_every_failure():
    last = datetime.fromtimestamp(NOW, UTC)
    assert rests_until(0, None) is None
    assert [rests_until(count, last) - last for count in (1, 2, 3)] == [REST, 2 * REST, 4 * REST]
    assert rests_until(99, last) - last == timedelta(days=1)


# ------------------------------------------------------------------ the contract


def asked_of_chain(
    office, limits: Mandate, bid, signature: bytes, proof: tuple[Digest, ...]
) -> tuple[str, dict]:
    """The name and values of the contract's error; empty where it would award."""
    signed = bytes.fromhex(office.signed(limits)[2:])
    call = calls.AwardUnder(bid, signature, bid.provider, 1, ZERO_DIGEST, limits, signed, proof)
    try:
        client().call(sender=office.dispatcher.address, to=office.deal.escrow, data=hex_of(call.data))
    except ContractReverted as error:
        return error.name, error.values
    return "", {}


def near(value: int, most: int) -> st.SearchStrategy[int]:
    """The limit itself, and what is just beyond it, most of the time."""
    beside = [each for each in (value - 1, value, value, value, value, value + 1) if 0 <= each <= most]
    return st.sampled_from(beside)


@pytest.fixture
def signed(office, bo):
    """A bid of Bo's that the chain would award, and its signature; Ada has deposited."""
    office.deal.deposit(office.deal.ada, 10**18)
    row = office.deal.bid(bo)
    return row.terms, bytes.fromhex(row.signature[2:])


def test_rule_and_contract_agree_on_any_mandate(office, signed):
    terms, signature = signed
    until = office.deal.anvil.now() + DAY
    listed = (*PRINTERS, terms.printer)
    u32, u96 = 2**32 - 1, 2**96 - 1
    mandates = st.fixed_dictionaries({
        "token": st.sampled_from([ZERO_ADDRESS] * 6 + [OTHER]),
        "arbiter": st.sampled_from([ZERO_ADDRESS] * 6 + [OTHER]),
        "job_digest": st.sampled_from([terms.job_digest] * 6 + [Digest(b"x" * 32)]),
        "printers": st.sampled_from([ZERO_DIGEST] * 2 + [printers_root(listed)] * 2 + [printers_root(PRINTERS)]),
        "max_unit_price": near(terms.unit_price, u96), "min_bond": near(terms.bond, u96),
        "max_dispute_fee": near(terms.dispute_fee, u96), "max_make_time": near(terms.make_time, u32),
        "min_review_time": near(terms.review_time, u32), "min_arbiter_time": near(terms.arbiter_time, u32),
        "max_arbiter_time": near(terms.arbiter_time, u32), "max_grace_time": near(terms.grace_time, u32),
        "max_fallback_bps": near(terms.fallback_bps, 10_000), "valid_until": st.sampled_from([until] * 6 + [1]),
        "units": st.sampled_from([1, 1, 1, 0]),
    })  # fmt: skip

    @settings(max_examples=150, suppress_health_check=list(HealthCheck))
    @given(mandates)
    def agree(members: dict[str, Any]) -> None:
        limits = limits_of(office.deal.ada.address, office.dispatcher.address, terms.job_digest, until)
        limits = replace(limits, **members)
        printers = listed if limits.printers == printers_root(listed) else PRINTERS
        proof = printer_proof(limits, terms, printers)
        found = breaches(limits, terms, now=office.deal.anvil.now(), printers=printers)
        name, values = asked_of_chain(office, limits, terms, signature, proof)
        assert (name, values) == expected(found, limits, name, values), found

    agree()


def expected(found: tuple[Breach, ...], limits: Mandate, name: str, values: dict) -> tuple[str, dict]:
    """The contract's error for the first limit that the rule names."""
    if not found:
        return ("", {}) if limits.units else ("MandateUsedUp", {"units": 1, "left": 0})
    first = found[0]
    if first.term == "validUntil":
        return "SignatureExpired", {next(iter(values)): limits.valid_until} if values else {}
    if first.term == "printer":
        return "PrinterNotAccepted", values
    term = first.term.encode().ljust(32, b"\0")
    return "OutsideMandate", dict(
        zip(values, (term, first.value, first.limit), strict=True)
    ) if values else {}


def test_designer_and_digest_are_compared_by_the_contract_too(office, signed, bo):
    """Bo signs a mandate over Ada's bid: it is no mandate of hers."""
    terms, signature = signed
    limits = replace(office.limits(), designer=terms.provider)
    (found,) = breaches(limits, terms, now=office.deal.anvil.now())
    signed_by_bo = bytes(
        bo.unsafe_sign_hash(
            limits.digest(escrow_domain(office.deal.anvil.chain_id, office.deal.escrow))
        ).signature
    )
    call = calls.AwardUnder(terms, signature, terms.provider, 1, ZERO_DIGEST, limits, signed_by_bo, ())
    with pytest.raises(ContractReverted) as refused:
        client().call(sender=office.dispatcher.address, to=office.deal.escrow, data=hex_of(call.data))
    assert refused.value.name == "OutsideMandate"
    assert (found.term, refused.value.values["value"]) == ("designer", found.value)
