"""What voids a bid, from its terms and its signer's word alone; tests/bidding/test_like_the_escrow.py asks the escrow."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from marketplace.bidding.void_rules import VOID_TEXT, Authority, HotKey, Void, hot_key_after, void_of
from tests.escrow.histories import a_bid

NOW = 1_000
PLACES = st.tuples(st.integers(0, 9), st.integers(0, 9))


def bid_with(**terms):
    return replace(a_bid(), **({"bond": 5, "epoch": 0} | terms))


def test_a_key_that_was_never_set_may_not_sign():
    assert void_of(bid_with(), Authority(0, HotKey()), NOW) is Void.SIGNER


def test_a_keys_last_second_is_its_own():
    key = HotKey(NOW, 5)
    assert void_of(bid_with(), Authority(0, key), NOW) is None
    assert void_of(bid_with(), Authority(0, key), NOW + 1) is Void.SIGNER


def test_a_key_locks_what_is_left_to_it_and_not_a_wei_more():
    assert void_of(bid_with(bond=6), Authority(0, HotKey(NOW, 5)), NOW) is Void.BOND
    assert void_of(bid_with(bond=0), Authority(0, HotKey(NOW, 0)), NOW) is None


def test_another_epoch_voids_whoever_signed():
    for key in (None, HotKey(NOW, 5)):
        for epoch in (1, 3):
            assert void_of(bid_with(epoch=epoch), Authority(2, key), NOW) is Void.EPOCH


def test_the_provider_itself_has_no_limits():
    assert void_of(bid_with(bond=2**96 - 1), Authority(0, None), NOW) is None


def test_the_newest_setting_counts_and_only_what_was_locked_since():
    settings = [((4, 1), HotKey(20, 7)), ((2, 0), HotKey(10, 100))]
    bonds = [((3, 5), 60), ((4, 0), 1), ((4, 2), 3), ((9, 0), 2)]
    assert hot_key_after(settings, bonds) == HotKey(20, 2)
    assert hot_key_after([], bonds) == HotKey(0, 0)


@given(
    st.dictionaries(PLACES, st.builds(HotKey, st.integers(0, 9), st.integers(0, 99)), max_size=5),
    st.dictionaries(PLACES, st.integers(0, 9), max_size=5),
    st.randoms(),
)
def test_the_order_in_which_logs_are_found_does_not_matter(settings, bonds, chance):
    found = [list(settings.items()), list(bonds.items())]
    expected = hot_key_after(*found)
    for some in found:
        chance.shuffle(some)
    assert hot_key_after(*found) == expected


def test_every_reason_has_words_for_people():
    assert set(VOID_TEXT) == set(Void)
