"""Amounts of the chain's coin and of tokens, in words; what a token allows the escrow to take."""

import re
from dataclasses import dataclass
from typing import Any

from contracts import token as erc20
from contracts.token import TokenCall
from marketplace.chain.errors import ContractReverted
from marketplace.chain.nodes import client
from marketplace.chain.selectors import deployment_current
from marketplace.escrow.errors import PermitUnsupported, StepRefused
from protocol.errors import Malformed
from protocol.typed import Domain
from protocol.units import ETHER_DECIMALS, ZERO_ADDRESS, Address, Wei, amount_text, hex_of

SYMBOL = re.compile(r"[A-Za-z0-9.$-]{1,12}")
EIP712_FIELDS = b"\x0f"
"""Name, version, chain and contract, as OpenZeppelin's tokens have."""


@dataclass(frozen=True)
class Coin:
    """What an amount is of; token zero is the chain's own coin."""

    token: Address = ZERO_ADDRESS
    symbol: str = "ETH"
    decimals: int = ETHER_DECIMALS

    @property
    def is_native(self) -> bool:
        return self.token == ZERO_ADDRESS

    def text(self, amount: int) -> str:
        """An amount for people, exact: `0.0042 ETH`."""
        return f"{amount_text(amount, self.decimals)} {self.symbol}"

    @property
    def warnings(self) -> tuple[str, ...]:
        """Anybody can make a token and give it any name."""
        if self.is_native:
            return ()
        return (f"{self.symbol} is what the token at {self.token} calls itself: compare its address.",)


def coin_of(token: Address) -> Coin:
    """The coin of a token. Raises StepRefused for an address that is none, ChainError."""
    if token == ZERO_ADDRESS:
        return Coin()
    symbol, decimals = ask_token(token, erc20.Symbol()), ask_token(token, erc20.Decimals())
    return Coin(token, symbol if SYMBOL.fullmatch(symbol) else "tokens", decimals)


def ask_token(token: Address, call: TokenCall) -> Any:
    """What a token answers. Raises StepRefused where it is no such token, ChainError."""
    try:
        returned = client().call(sender=ZERO_ADDRESS, to=token, data=hex_of(call.data))
        return call.answer(returned)
    except (ContractReverted, Malformed) as error:
        raise StepRefused("TokenUnsupported", {"token": token}) from error


def allowance_of(token: Address, owner: Address) -> Wei:
    """What the escrow may take from an owner. Raises as `ask_token`."""
    return Wei(ask_token(token, erc20.Allowance(owner, Address(deployment_current().escrow))))


def permit_domain(token: Address) -> Domain:
    """The domain of a token's permits, compared with what the token itself hashes.

    Raises PermitUnsupported, ChainError.
    """
    try:
        fields, name, version, chain_id, contract, *_ = ask_token(token, erc20.Eip712Domain())
        separator = ask_token(token, erc20.DomainSeparator())
    except StepRefused as error:
        raise PermitUnsupported from error
    domain = Domain(name, chain_id, contract, version)
    if fields != EIP712_FIELDS or contract != token or domain.separator() != separator:
        raise PermitUnsupported
    return domain
