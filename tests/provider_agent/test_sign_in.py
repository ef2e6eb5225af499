"""The agent signs in only where it means to."""

from datetime import UTC, datetime, timedelta

import pytest
from eth_account.messages import encode_defunct

from protocol.signatures import recover
from protocol.units import address_of
from provider_agent.errors import SignInRefused
from provider_agent.sign_in import challenge_check, challenge_digest

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
URL = "https://infill.example:8443"


def message(signer: str, **changes: str) -> str:
    parts = {
        "domain": "infill.example:8443",
        "address": signer,
        "uri": URL,
        "chain": "31337",
        "expires": (NOW + timedelta(minutes=5)).isoformat().replace("+00:00", "Z"),
        **changes,
    }
    return (
        "{domain} wants you to sign in with your Ethereum account:\n{address}\n\nSign in.\n\nURI: {uri}\n"
        "Version: 1\nChain ID: {chain}\nNonce: 0123456789abcdef\nIssued At: 2026-05-01T12:00:00Z\n"
        "Expiration Time: {expires}"
    ).format(**parts)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"domain": "evil.example"}, "it is for evil.example"),
        ({"uri": "https://evil.example"}, "its URI is"),
        ({"uri": "http://infill.example:8443"}, "its URI is"),
        ({"chain": "1"}, "it is for chain 1, not 31337"),
        ({"address": "0x" + "11" * 20}, "it is for 0x1111"),
        ({"expires": "2026-05-01T11:59:59Z"}, "out of date"),
        ({"expires": "2026-05-03T12:00:00Z"}, "out of date"),
        ({"expires": "2026-05-01T12:05:00"}, "out of date"),
        ({"expires": "soon"}, "out of date"),
        ({"domain": "two words"}, "no sign-in message"),
    ],
)
def test_a_message_for_somebody_else_is_not_signed(changes, problem, bo) -> None:
    text = message(bo.address, **changes)
    with pytest.raises(SignInRefused, match=problem):
        challenge_check(text, url=URL, chain_id=31337, address=address_of(bo.address), now=NOW)


@pytest.mark.parametrize("text", ["", "Send all my money", "\x19\x01" + "a" * 64])
def test_a_text_that_is_no_sign_in_is_not_signed(text, bo) -> None:
    with pytest.raises(SignInRefused, match="nothing was signed"):
        challenge_check(text, url=URL, chain_id=31337, address=address_of(bo.address), now=NOW)


def test_a_message_for_us_is_accepted_and_signed_as_wallets_do(bo) -> None:
    text = message(bo.address)
    challenge_check(text, url=URL, chain_id=31337, address=address_of(bo.address), now=NOW)
    signed = bo.sign_message(encode_defunct(text=text))
    assert recover(challenge_digest(text), bytes(signed.signature)) == bo.address
