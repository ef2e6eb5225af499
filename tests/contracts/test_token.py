"""What tokens are asked: to the byte as a real token's own ABI has it, and a real token's answers."""

from __future__ import annotations

import pytest

from contracts import token as erc20
from contracts.token import Permit, TokenCall
from protocol.errors import Malformed
from protocol.typed import Domain
from tests.factories.token import Token


@pytest.fixture
def token(anvil) -> Token:
    return Token(anvil)


def asked(token: Token, call: TokenCall):
    return call.answer(token.anvil.web3.eth.call({"to": token.address, "data": call.data}))


@pytest.mark.parametrize("returned", [b"", b"\x00" * 31])
def test_an_address_without_a_token_answers_nothing(returned):
    with pytest.raises(Malformed):
        erc20.Decimals().answer(returned)


def test_a_tokens_answers(token, ada, deployment):
    token.give(ada, deployment.escrow, 7)
    assert asked(token, erc20.Allowance(ada.address, deployment.escrow)) == 7
    assert asked(token, erc20.BalanceOf(ada.address)) == 7
    assert (asked(token, erc20.Symbol()), asked(token, erc20.Decimals())) == ("TKN", 18)
    assert asked(token, erc20.Nonces(ada.address)) == 0


def test_what_is_asked_is_the_tokens_own_abi(token, ada, deployment):
    own = token.contract.encode_abi("approve", args=[deployment.escrow, 5])
    assert "0x" + erc20.Approve(deployment.escrow, 5).data.hex() == own


def test_a_permits_domain_and_digest_are_the_tokens(token, anvil, ada, deployment):
    fields, name, version, chain_id, contract, _, _ = asked(token, erc20.Eip712Domain())
    domain = Domain(name, chain_id, contract, version)
    assert (fields, domain.separator()) == (b"\x0f", asked(token, erc20.DomainSeparator()))
    deadline, v, r, s = token.permit(ada, deployment.escrow, 9)
    permit = Permit(ada.address, deployment.escrow, 9, 0, deadline)
    assert bytes(ada.unsafe_sign_hash(permit.digest(domain)).signature) == r + s + bytes([v])
