"""The agent's age identity: private, kept encrypted, and made anew where it is lost."""

from __future__ import annotations

import stat

import pytest
from eth_account import Account

from provider_agent.errors import KeystoreLocked
from provider_agent.identity import FILE, identity_open


def test_another_key_does_not_open_it_and_does_not_replace_it(tmp_path, bo):
    identity_open(tmp_path, bo)
    kept = (tmp_path / FILE).read_bytes()
    with pytest.raises(KeystoreLocked, match="of another key"):
        identity_open(tmp_path, Account.create())
    assert (tmp_path / FILE).read_bytes() == kept


def test_a_damaged_one_is_said_so(tmp_path, bo):
    (tmp_path / FILE).write_bytes(b"rotten")
    with pytest.raises(KeystoreLocked, match="remove it to make a new one"):
        identity_open(tmp_path, bo)


def test_it_stays_the_same_is_private_and_is_not_written_plain(tmp_path, bo):
    first, again = identity_open(tmp_path, bo), identity_open(tmp_path, bo)
    assert str(first) == str(again)
    assert str(first.to_public()) == str(again.to_public())
    path = tmp_path / FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert str(first).encode() not in path.read_bytes()


def test_each_home_has_one_of_its_own(tmp_path, bo):
    assert str(identity_open(tmp_path / "a", bo)) != str(identity_open(tmp_path / "b", bo))
