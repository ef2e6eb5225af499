"""When the agent bids, at what price, and why it does not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.capability import Capability, Material, satisfies
from protocol.jobspec import requirement_of
from protocol.units import ZERO_ADDRESS, Address, Wei
from provider_agent.bidding import SHIP_SECONDS, Decline, Terms, uses_of, weigh
from provider_agent.config import Delivery
from provider_agent.estimating import Estimate, estimate
from provider_agent.journal.reservations import Reservation
from provider_agent.pricing import Circumstances, Work, price_of_work
from tests.provider_agent.samples import MARKET, PLA, POLICY, job, offer, part, spec

NOW = 1_800_000_000
EVE = Address("0x" + "EE" * 20)
amounts = st.integers(0, 10**17).map(Wei)
policies = st.builds(
    lambda hour, gram, setup, least: replace(
        POLICY, machine_hour_wei=hour, gram_wei=gram, setup_wei=setup, minimum_wei=least
    ),
    amounts,
    amounts,
    amounts,
    amounts,
)
estimates = st.builds(
    Estimate,
    st.integers(1, 10**7),
    st.dictionaries(st.sampled_from(["PLA", "PETG"]), st.integers(0, 10**8)),
    st.integers(1, 1000),
)
lengths = st.integers(1, 300_000)
capabilities = st.builds(
    lambda bed, kinds, low, extra: Capability(
        "FDM", bed, tuple(Material(kind, ("black",)) for kind in kinds), 400, low, low + extra
    ),
    st.tuples(lengths, lengths, lengths),
    st.lists(st.sampled_from(["PLA", "PETG", "ABS"]), min_size=1, max_size=3, unique=True),
    st.integers(50, 300),
    st.integers(0, 200),
)
jobs = st.builds(
    lambda size, kind, colour, layer, quantity: job(
        spec(
            parts=(part(size_um=size, material=kind, colour=colour, layer_um=layer), part()),
            quantity=quantity,
            deadline=NOW + 10**7,
        )
    ),
    st.tuples(lengths, lengths, lengths),
    st.sampled_from(["PLA", "PETG", "ABS"]),
    st.sampled_from(["black", "red", "any"]),
    st.integers(50, 400),
    st.integers(1, 20),
)


def ask(found=None, *, printers=None, policy=POLICY, market=MARKET):
    found = found or job(spec(deadline=NOW + 10 * 86400))
    printers = [offer(now=NOW)] if printers is None else printers
    return weigh(found, printers, policy, market, estimate=estimate, now=NOW).decision


def price_of(policy, made) -> int:
    about = Circumstances(designer=ZERO_ADDRESS, confidential=False, load=0, slack_s=10**6)
    return price_of_work(policy, Work(made.seconds, made.prints, uses_of(policy, made)), about, 1).price


def near(**changes):
    return job(spec(deadline=NOW + 10 * 86400, **changes))


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (
            near(parts=(part(size_um=(300_000, 10_000, 10_000)),)),
            "300 x 10 x 10 mm, the printer has room for 220",
        ),
        (near(parts=(part(material="PETG"),)), "needs PETG, the printer has PLA"),
        (near(parts=(part(colour="red"),)), "needs red PLA, in stock: black, white"),
        (near(parts=(part(), part(name="lid.stl", colour="red"))), "lid.stl: The job needs red PLA"),
        (near(parts=(part(layer_um=400),)), "0.4 mm layers, the printer does 0.1 to 0.3 mm"),
        (near(quantity=0), "no units"),
        (job(spec(deadline=NOW + 600)), "deadline is too soon: 0.2 h away"),
        (job(spec(deadline=NOW - 600)), "deadline is too soon: 0.0 h away"),
        (replace(near(), bids_close_at=NOW), "Bidding for this job is over"),
    ],
)
def test_a_job_that_does_not_suit_is_declined_with_the_reason(found, reason) -> None:
    answer = ask(found)
    assert isinstance(answer, Decline)
    assert reason in answer.reason


@pytest.mark.parametrize(
    ("policy", "market", "reason"),
    [
        ({"arbiters": (EVE,)}, {"arbiters": ()}, "None of the marketplace's arbiters (none)"),
        ({"arbiters": (EVE,)}, {"arbiters": (Address("0x" + "22" * 20),)}, "is on this provider's list"),
        ({"max_bids_per_hour": 3}, {"bids_last_hour": 3}, "limit of 3 bids an hour"),
        ({"max_fee_bps": 100}, {"fee_bps": 150}, "fee of 1.5 % is above the limit of 1 %"),
        ({"bond_wei": Wei(10**18)}, {"free": Wei(10**15)}, "bond of 1 ETH is not covered: 0.001 ETH"),
    ],
)
def test_terms_that_do_not_suit_are_declined(policy, market, reason) -> None:
    answer = ask(policy=replace(POLICY, **policy), market=replace(MARKET, **market))
    assert isinstance(answer, Decline)
    assert reason in answer.reason


def test_a_full_schedule_is_declined() -> None:
    held = [Reservation(None, "p1", NOW - 10, NOW + POLICY.horizon_s)]
    answer = ask(printers=[offer(now=NOW, held=held)])
    assert isinstance(answer, Decline)
    assert "The schedule is full: ready in 168." in answer.reason


def test_without_a_registered_printer_there_is_no_bid() -> None:
    assert ask(printers=[]) == Decline("No printer is registered.")


def test_every_unfit_printer_gives_its_own_reason() -> None:
    small = replace(PLA, bed_um=(5_000, 5_000, 5_000))
    answer = ask(
        near(parts=(part(material="PETG"),)), printers=[offer("a", now=NOW), offer("b", small, now=NOW)]
    )
    assert isinstance(answer, Decline)
    assert answer.reason.startswith("a: ")
    assert " b: The part needs" in answer.reason


@given(found=jobs, capability=capabilities)
def test_it_never_bids_for_what_the_printer_cannot_make(found, capability) -> None:
    answer = ask(found, printers=[offer(capability=capability, now=NOW)])
    reasons = [satisfies(capability, requirement_of(each)) for each in found.spec.parts]
    assert isinstance(answer, Decline) if any(reasons) else isinstance(answer, Terms | Decline)
    if any(reasons):
        assert all(reason in answer.reason for each in reasons for reason in each)


def added(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    return {kind: one.get(kind, 0) + other.get(kind, 0) for kind in {*one, *other}}


@given(made=estimates, dear=st.integers(0, 10**15))
def test_each_material_costs_its_own_grams(made, dear) -> None:
    plain = replace(POLICY, minimum_wei=Wei(0))
    price = price_of(replace(plain, gram_wei_of={"PETG": Wei(dear)}), made)
    petg = made.milligrams.get("PETG", 0)
    more = petg * (dear - plain.gram_wei) / 1000
    assert price - price_of(plain, made) == pytest.approx(more, abs=10**9)


def test_each_part_takes_the_time_and_material_of_its_own_settings() -> None:
    bracket = part(copies=4, material="PETG", infill_percent=40, volume_mm3=9_000, area_mm2=3_000)
    lid = part(layer_um=150, infill_percent=15, volume_mm3=9_000, area_mm2=3_000)
    both, one, other = (
        estimate(spec(parts=parts, quantity=3), 60) for parts in ((bracket, lid), (bracket,), (lid,))
    )
    assert both.seconds == one.seconds + other.seconds
    assert both.prints == one.prints + other.prints == 15
    assert both.milligrams == one.milligrams | other.milligrams
    assert set(both.milligrams) == {"PETG", "PLA"}
    alike = estimate(spec(parts=(replace(bracket, infill_percent=15), lid), quantity=3), 60)
    assert alike.milligrams["PETG"] < both.milligrams["PETG"]


@given(policy=policies, made=estimates, more=estimates)
def test_the_price_never_falls_as_time_grams_or_prints_rise(policy, made, more) -> None:
    price = price_of(policy, made)
    longer = replace(made, seconds=made.seconds + more.seconds)
    heavier = replace(made, milligrams=added(made.milligrams, more.milligrams))
    further = replace(made, prints=made.prints + more.prints)
    assert all(price_of(policy, dearer) >= price for dearer in (longer, heavier, further))
    assert price >= max(1, policy.minimum_wei)


@given(found=jobs, policy=policies)
def test_where_shipping_counts_there_is_a_day_to_ship(found, policy) -> None:
    answer = ask(found, policy=replace(policy, deliver=Delivery.SHIPPED, make_time_s=1))
    printed = ask(found, policy=replace(policy, make_time_s=1))
    assert isinstance(answer, Decline) is isinstance(printed, Decline)
    if isinstance(answer, Terms) and isinstance(printed, Terms):
        assert answer.make_time == printed.make_time + SHIP_SECONDS
        assert answer.price == printed.price


@given(found=jobs, policy=policies)
def test_terms_keep_the_policy_and_the_deadline(found, policy) -> None:
    answer = ask(found, policy=policy)
    if isinstance(answer, Decline):
        return
    made = estimate(found.spec, 60)
    assert answer.price.price >= price_of(policy, made) - 10**9
    assert answer.price.units == found.spec.quantity
    assert NOW < answer.valid_until <= NOW + policy.valid_for_s
    assert answer.valid_until + answer.make_time <= found.spec.deadline
    assert answer.make_time > policy.grace_time_s
    assert answer.starts_at + answer.seconds <= NOW + answer.make_time
    assert answer.price.unit_price % 10**9 == 0


def test_the_printer_that_is_done_first_makes_the_bid() -> None:
    busy = [Reservation(None, "busy", NOW, NOW + 7200)]
    answer = ask(printers=[offer("busy", now=NOW, held=busy), offer("idle", now=NOW)])
    assert isinstance(answer, Terms)
    assert (answer.serial, answer.starts_at) == ("idle", NOW)


def test_a_common_arbiter_is_named_and_without_a_list_none_is() -> None:
    listed = ask(policy=replace(POLICY, arbiters=(EVE,)), market=replace(MARKET, arbiters=(EVE,)))
    free = ask(market=replace(MARKET, arbiters=(EVE,)))
    assert (listed.arbiter, free.arbiter) == (EVE, ZERO_ADDRESS)


@given(
    volume=st.integers(1, 10**6),
    area=st.integers(1, 10**6),
    infill=st.integers(0, 100),
    layer=st.integers(50, 400),
    more=st.integers(0, 10**5),
)
def test_bigger_parts_never_take_less_time_or_material(volume, area, infill, layer, more) -> None:
    def of(extra: int) -> Estimate:
        one = part(volume_mm3=volume + extra, area_mm2=area, infill_percent=infill, layer_um=layer)
        return estimate(spec(parts=(one,)), 60)

    small, big = of(0), of(more)
    assert (big.seconds, big.milligrams["PLA"]) >= (small.seconds, small.milligrams["PLA"])
    solid = (volume * 0.00124) * 1000
    assert 0 < small.milligrams["PLA"] <= solid + 1
