"""Choosing ranges, and telling one chain from two."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.chain.answers import BlockHead
from marketplace.chain.rules import Span, bloom_of, is_one_chain


def chained(count: int) -> list[BlockHead]:
    """Blocks, each the child of the one before."""
    time = datetime(2026, 1, 1, tzinfo=UTC)
    return [
        BlockHead(number, f"0x{number:064x}", f"0x{number - 1:064x}", time, 0)
        for number in range(1, count + 1)
    ]


@pytest.mark.parametrize("change", [{"parent": "0xother"}, {"number": 9}])
@pytest.mark.parametrize("place", [1, 2])
def test_blocks_of_two_chains_are_told_from_one(change, place):
    blocks = chained(3)
    blocks[place] = replace(blocks[place], **change)
    assert not is_one_chain(blocks)


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_children_of_each_other_are_one_chain(count):
    assert is_one_chain(chained(count))


@given(st.binary(min_size=20, max_size=20))
def test_a_value_sets_three_bits_of_a_bloom_at_most(value):
    [bits] = bloom_of(["0x" + value.hex()])
    assert 1 <= bits.bit_count() <= 3
    assert bits < 1 << 2048


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


def test_the_first_span_is_small_since_nothing_is_known_of_the_blocks():
    assert Span().blocks < 10


def test_a_span_shrinks_on_many_logs_and_grows_on_few():
    span = Span(blocks=100)
    span.answered(span.many_logs * 2)
    assert span.blocks == 50
    span.answered(span.many_logs)
    assert span.blocks == 50
    span.answered(0)
    span.answered(0)
    assert span.blocks == 200
