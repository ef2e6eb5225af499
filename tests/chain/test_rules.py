"""Decoding logs and choosing ranges."""

from __future__ import annotations

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st

from contracts.artifacts import abi
from marketplace.chain.errors import UnknownLog
from marketplace.chain.rules import LogDecoder, Span
from protocol.units import address_of

DECODER = LogDecoder(abi("PrintEscrow"))
WORDS = st.binary(min_size=32, max_size=32)
PAID = "0x" + keccak(text="Paid(bytes32,uint96,uint96,uint8)").hex()
DEPOSITED = "0x" + keccak(text="Deposited(address,address,address,uint128)").hex()


@pytest.mark.parametrize("topics", [[], ["0x" + "00" * 32], ["0x" + "ab" * 32, PAID]])
def test_a_log_of_another_contract_is_refused(topics):
    with pytest.raises(UnknownLog, match="another contract"):
        DECODER.decode(topics, "0x")


@given(WORDS, st.integers(0, 2**96 - 1), st.integers(0, 2**96 - 1), st.integers(0, 9))
def test_wide_amounts_are_text_and_narrow_ones_numbers(agreement, paid, fee, how):
    data = "0x" + encode(["uint96", "uint96", "uint8"], [paid, fee, how]).hex()
    name, args = DECODER.decode([PAID, "0x" + agreement.hex()], data)
    assert name == "Paid"
    assert args == {"agreement": "0x" + agreement.hex(), "paid": str(paid), "fee": str(fee), "how": how}


@given(st.tuples(*[st.binary(min_size=20, max_size=20)] * 3), st.integers(0, 2**128 - 1))
def test_addresses_are_checksummed(addresses, amount):
    topics = [DEPOSITED, *("0x" + "00" * 12 + each.hex() for each in addresses)]
    _, args = DECODER.decode(topics, "0x" + encode(["uint128"], [amount]).hex())
    token, owner, payer = (address_of("0x" + each.hex()) for each in addresses)
    assert args == {"token": token, "owner": owner, "payer": payer, "amount": str(amount)}


def test_one_block_is_the_least_to_ask_for():
    span = Span(blocks=2)
    assert span.refused()
    assert span.blocks == 1
    assert not span.refused()


@given(st.lists(st.integers(0, 20_000) | st.none(), max_size=60))
def test_a_span_stays_within_its_bounds(answers):
    span = Span()
    for logs in answers:
        if logs is None:
            span.refused()
        else:
            span.answered(logs)
        assert 1 <= span.blocks <= span.largest


def test_a_span_shrinks_on_many_logs_and_grows_on_few():
    span = Span(blocks=100)
    span.answered(span.many_logs + 1)
    assert span.blocks == 50
    span.answered(0)
    span.answered(0)
    assert span.blocks == 200
