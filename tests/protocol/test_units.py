"""Units and canonical JSON: nothing is guessed, nothing is rounded."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.canonical import canonical_bytes, parse_canonical
from protocol.errors import Malformed
from protocol.units import (
    address_of,
    amount_text,
    digest_of,
    ether_text,
    hex_of,
    moment_text,
    seconds_of,
    time_of,
    wei_of,
)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=4)
    ),
    max_leaves=10,
)


@pytest.mark.parametrize("value", ["", "-1", "1.0", "01", "0x1", -1, 1.0, True, None])
def test_what_is_no_amount_is_refused(value):
    with pytest.raises(Malformed):
        wei_of(value)


@pytest.mark.parametrize("value", ["", "0x", "0x" + "AA" * 32, "0x" + "aa" * 31, "aa" * 32, None, b"x" * 32])
def test_what_is_no_digest_is_refused(value):
    with pytest.raises(Malformed):
        digest_of(value)


@pytest.mark.parametrize(
    "value", ["0x12", None, "0x" + "g" * 40, "0x52908400098527886E0F7030069857D2E4169Ee7"]
)
def test_what_is_no_address_is_refused(value):
    with pytest.raises(Malformed):
        address_of(value)


@pytest.mark.parametrize("value", [2**53, float("nan"), float("inf"), "\ud800", {1: 2}, b"x"])
def test_what_json_cannot_carry_exactly_is_refused(value):
    with pytest.raises(Malformed):
        canonical_bytes(value)


@pytest.mark.parametrize(
    "text", [b'{"b":1,"a":2}', b'{ "a":1}', b'{"a":1,"a":1}', b"[1", b"1.0", b"\xff", b"[" * 100_000]
)
def test_bytes_that_are_not_canonical_are_refused(text):
    with pytest.raises(Malformed):
        parse_canonical(text)


def test_a_time_without_zone_is_refused():
    with pytest.raises(Malformed):
        seconds_of(datetime(2026, 1, 1))


@given(json_values)
def test_canonical_bytes_parse_to_the_same_value(value):
    assert parse_canonical(canonical_bytes(value)) == value


@given(st.integers(0, 2**256 - 1))
def test_amounts_survive_their_text(amount):
    assert wei_of(str(amount)) == wei_of(amount) == amount


@given(st.binary(min_size=32, max_size=32), st.integers(0, 2**40 - 1))
def test_digests_and_times_survive_their_text(digest, seconds):
    assert digest_of(hex_of(digest)) == digest
    assert seconds_of(time_of(min(seconds, 253402300799))) == min(seconds, 253402300799)
    assert time_of(0).tzinfo is UTC


@pytest.mark.parametrize(
    ("wei", "text"),
    [
        (0, "0 ETH"),
        (1, "0.000000000000000001 ETH"),
        (4_200 * 10**12, "0.0042 ETH"),
        (10**19, "10 ETH"),
        (2**96 - 1, "79228162514.264337593543950335 ETH"),
    ],
)
def test_amounts_for_people_are_exact(wei, text):
    assert ether_text(wei) == text


def test_times_for_people_name_their_zone():
    assert moment_text(1_777_815_900) == "3 May 2026, 13:45 UTC"


@given(st.integers(0, 2**128), st.integers(0, 30))
def test_amounts_for_people_are_exact_in_any_token(amount, decimals):
    assert Fraction(amount_text(amount, decimals)) * 10**decimals == amount
