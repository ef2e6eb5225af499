"""The pretend micro-controller's numbers and blocks, against the sizes that Protocol.md lists."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.provider_agent.drivers.moonraker.mcu.wire import Blocks, Message, block, crc16, unvlq, vlq

SIZES = [
    (-32, 95, 1),
    (-4096, 12287, 2),
    (-524288, 1572863, 3),
    (-67108864, 201326591, 4),
    (-(2**31), 2**32 - 1, 5),
]


def test_the_crc_is_ccitt() -> None:
    """The check value of CRC-16/MCRF4XX in the catalogue of CRC algorithms."""
    assert crc16(b"123456789") == 0x6F91


@pytest.mark.parametrize(("low", "high", "size"), SIZES)
def test_numbers_take_the_bytes_that_the_protocol_lists(low: int, high: int, size: int) -> None:
    assert (len(vlq(low)), len(vlq(high))) == (size, size)


@given(st.integers(-(2**31), 2**32 - 1))
def test_every_number_comes_back(value: int) -> None:
    assert unvlq(vlq(value), 0) == (value, len(vlq(value)))


@given(st.binary(max_size=59), st.integers(0, 15), st.binary(max_size=4))
def test_a_block_is_found_behind_noise_and_in_pieces(content: bytes, sequence: int, noise: bytes) -> None:
    no_length = bytes(byte | 0x80 for byte in noise)
    blocks = Blocks()
    stream = no_length + b"\x7e" + block(sequence, content)
    found = [each for byte in stream for each in blocks.feed(bytes((byte,)))]
    assert found == [(sequence, content)]


def test_a_damaged_block_is_dropped() -> None:
    good = block(3, b"abc")
    assert list(Blocks().feed(good[:2] + b"x" + good[3:])) == []


def test_strings_and_numbers_share_a_message() -> None:
    message = Message(0, "identify_response offset=%u data=%.*s")
    content = message.encode({"offset": 300, "data": b"hello"})
    assert message.decode(content, 1) == ({"offset": 300, "data": b"hello"}, len(content))
