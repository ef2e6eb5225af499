"""Encrypted files: every part can be read by itself, and nothing that was changed, cut or swapped is ever read."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.designs.sealing import CHUNK, TAG, FileDamaged, Unsealed, seal, sealed_length

KEY, OTHER_KEY, ABOUT = b"k" * 32, b"o" * 32, b"address"
LENGTHS = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 100]


def plain(length: int) -> bytes:
    return bytes(number * 7 % 251 for number in range(length))


def sealed(data: bytes, key: bytes = KEY, about: bytes = ABOUT) -> bytes:
    return b"".join(seal(key, about, [data]))


def read(cipher: bytes, length: int, key: bytes = KEY, about: bytes = ABOUT) -> bytes:
    return io.BufferedReader(Unsealed(io.BytesIO(cipher), key, about, length)).read()


def refused(cipher: bytes, length: int, **changed: bytes) -> None:
    with pytest.raises(FileDamaged, match="restore it from a backup"):
        read(cipher, length, **changed)


@pytest.mark.parametrize("length", LENGTHS)
def test_another_key_or_another_file_s_address_opens_nothing(length):
    cipher = sealed(plain(length))
    refused(cipher, length, key=OTHER_KEY)
    refused(cipher, length, about=b"another")


@pytest.mark.parametrize("length", [0, 1, CHUNK + 1])
def test_any_flipped_byte_is_found(length):
    cipher = sealed(plain(length))
    for at in {0, len(cipher) // 2, len(cipher) - 1}:
        refused(cipher[:at] + bytes([cipher[at] ^ 1]) + cipher[at + 1 :], length)


@pytest.mark.parametrize("length", LENGTHS)
def test_a_cut_or_longer_file_is_found_wherever_it_ends(length):
    cipher = sealed(plain(length))
    for end in {0, TAG, len(cipher) // 2, len(cipher) - TAG, len(cipher) - 1} - {len(cipher)}:
        refused(cipher[:end], length)
    refused(cipher + b"x", length)


@pytest.mark.parametrize("length", [CHUNK, 2 * CHUNK, 3 * CHUNK])
def test_a_file_cut_between_chunks_is_no_shorter_file(length):
    cipher, whole = sealed(plain(length + CHUNK)), CHUNK + TAG
    refused(cipher[: length // CHUNK * whole], length)
    refused(sealed(plain(length)), length + CHUNK)


def test_chunks_cannot_change_places_nor_come_from_another_file():
    cipher, whole = sealed(plain(3 * CHUNK)), CHUNK + TAG
    refused(cipher[whole : 2 * whole] + cipher[:whole] + cipher[2 * whole :], 3 * CHUNK)
    foreign = sealed(plain(3 * CHUNK), about=b"another")
    refused(foreign[:whole] + cipher[whole:], 3 * CHUNK)


@given(st.sampled_from(LENGTHS), st.integers(0, 3 * CHUNK), st.integers(0, CHUNK + 5), st.integers(1, 3))
def test_whatever_is_read_is_what_was_put_there(length, start, count, pieces):
    data = plain(length)
    step = max(1, -(-length // pieces))
    parts = [data[at : at + step] for at in range(0, length, step)]
    cipher = b"".join(seal(KEY, ABOUT, parts))
    assert len(cipher) == sealed_length(length)
    file = io.BufferedReader(Unsealed(io.BytesIO(cipher), KEY, ABOUT, length))
    file.seek(start)
    assert file.read(count) == data[start : start + count]
    file.seek(0)
    assert file.read() == data


def test_a_part_is_read_without_the_rest():
    """What a resumed download costs: the chunks it asks for, not those before."""
    length = 8 * CHUNK
    cipher = bytearray(sealed(plain(length)))
    cipher[: 4 * CHUNK] = bytes(4 * CHUNK)
    file = Unsealed(io.BytesIO(bytes(cipher)), KEY, ABOUT, length)
    file.seek(6 * CHUNK)
    assert file.read(10) == plain(length)[6 * CHUNK : 6 * CHUNK + 10]
