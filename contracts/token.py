"""What is asked of an ERC-20 token: the functions of its standards, as typed values like our own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from contracts.calls import Call
from contracts.codec import Entry, decoded
from protocol.typed import U256, AddressField, TypedStruct
from protocol.units import Address, Wei


def _entry(name: str, inputs: str, outputs: str) -> Entry:
    sides = {"inputs": inputs, "outputs": outputs}
    return {"name": name, "type": "function"} | {
        side: [{"name": "", "type": kind} for kind in kinds.split()] for side, kinds in sides.items()
    }


_DOMAIN_TYPES = "bytes1 string string uint256 address bytes32 uint256[]"
_ENTRIES = {
    entry["name"]: entry
    for entry in (
        _entry("approve", "address uint256", "bool"),
        _entry("allowance", "address address", "uint256"),
        _entry("balanceOf", "address", "uint256"),
        _entry("decimals", "", "uint8"),
        _entry("symbol", "", "string"),
        _entry("nonces", "address", "uint256"),
        _entry("eip712Domain", "", _DOMAIN_TYPES),
        _entry("DOMAIN_SEPARATOR", "", "bytes32"),
    )
}


class TokenCall(Call):
    """Base of what a token is asked."""

    contract = "ERC-20"

    @classmethod
    def entry(cls) -> Entry:
        """The function in the standard."""
        return _ENTRIES[cls.function]

    def answer(self, returned: bytes) -> Any:
        """The token's answer; several values as a list. Raises Malformed."""
        values = decoded(self.entry()["outputs"], returned)
        return values[0] if len(values) == 1 else values


@dataclass(frozen=True)
class Approve(TokenCall):
    """The sender lets `spender` take `amount`."""

    spender: Address
    amount: Wei


@dataclass(frozen=True)
class Allowance(TokenCall):
    """What `spender` may still take from `owner`."""

    owner: Address
    spender: Address


@dataclass(frozen=True)
class BalanceOf(TokenCall):
    """What `owner` has."""

    owner: Address


@dataclass(frozen=True)
class Decimals(TokenCall):
    """How many digits of an amount come after the point."""


@dataclass(frozen=True)
class Symbol(TokenCall):
    """What the token calls itself."""


@dataclass(frozen=True)
class Nonces(TokenCall):
    """The number of the owner's next permit (EIP-2612)."""

    owner: Address


@dataclass(frozen=True)
class Eip712Domain(TokenCall):
    """The domain of the token's permits (EIP-5267): fields, name, version, chain id, contract, salt, more."""


@dataclass(frozen=True)
class DomainSeparator(TokenCall):
    """The domain separator of the token's permits (EIP-2612)."""

    function = "DOMAIN_SEPARATOR"


@dataclass(frozen=True)
class Permit(TypedStruct):
    """What an owner signs, in the token's domain, to let `spender` take `value` (EIP-2612)."""

    owner: AddressField
    spender: AddressField
    value: U256
    nonce: U256
    deadline: U256
