"""EIP-712 typed data: domains, and bases from which structs derive checks, wire form, type string and digest.

A struct is a frozen dataclass whose fields are annotated with their Solidity type; attribute names are the
snake_case of the signed member names. Only atomic types and `string` occur: one word a member (EIP-712).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, ClassVar, Self, get_type_hints

from eth_abi.abi import encode

from protocol.canonical import keccak
from protocol.errors import Malformed
from protocol.units import Address, Digest, Wei, address_of, digest_of, hex_of, wei_of

AddressField = Annotated[Address, "address"]
DigestField = Annotated[Digest, "bytes32"]
Text = Annotated[str, "string"]
Flag = Annotated[bool, "bool"]
U8 = Annotated[int, "uint8"]
U16 = Annotated[int, "uint16"]
U32 = Annotated[int, "uint32"]
U40 = Annotated[int, "uint40"]
U64 = Annotated[int, "uint64"]
U96 = Annotated[Wei, "uint96"]
U256 = Annotated[int, "uint256"]

_DOMAIN_TYPE = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
_DOMAIN_MEMBERS = [
    {"name": "name", "type": "string"},
    {"name": "version", "type": "string"},
    {"name": "chainId", "type": "uint256"},
    {"name": "verifyingContract", "type": "address"},
]
_LARGEST_JSON_NUMBER_BITS = 53
_UINT = re.compile(r"uint(\d+)")


@dataclass(frozen=True)
class Domain:
    """What a signature is bound to: a name, a chain and a contract. Our own version is always 1."""

    name: str
    chain_id: int
    contract: Address
    version: str = "1"

    def separator(self) -> Digest:
        """The EIP-712 domain separator."""
        return _separator(self.name, self.version, self.chain_id, self.contract)

    def to_json(self) -> dict[str, Any]:
        """As wallets take it."""
        return {
            "name": self.name,
            "version": self.version,
            "chainId": self.chain_id,
            "verifyingContract": self.contract,
        }


def escrow_domain(chain_id: int, escrow: Address) -> Domain:
    """The domain of what the contract itself checks."""
    return Domain("PrintEscrow", chain_id, escrow)


def infill_domain(chain_id: int, escrow: Address) -> Domain:
    """The domain of what is never sent to a contract."""
    return Domain("Infill", chain_id, escrow)


@cache
def _separator(name: str, version: str, chain_id: int, contract: Address) -> Digest:
    texts = [keccak(text.encode()) for text in (_DOMAIN_TYPE, name, version)]
    words = [*texts, chain_id, contract]
    return keccak(encode(["bytes32", "bytes32", "bytes32", "uint256", "address"], words))


@dataclass(frozen=True)
class Struct:
    """Base of every struct of Solidity values. They are checked when made: Malformed names what is wrong."""

    members: ClassVar[dict[str, tuple[str, str]]]
    """Attribute name -> (member name, Solidity type), in signing order."""

    def __init_subclass__(cls) -> None:
        hints = get_type_hints(cls, include_extras=True)
        cls.members = {name: (_camel(name), hints[name].__metadata__[0]) for name in cls.__annotations__}

    def __post_init__(self) -> None:
        for name, (member, solidity) in self.members.items():
            _check(getattr(self, name), solidity, member)

    def encoded(self) -> bytes:
        """Solidity's `abi.encode` of the members in order, 32 bytes each; of a string, its keccak."""
        kinds, words = [], []
        for name, (_, solidity) in self.members.items():
            value = getattr(self, name)
            kinds.append("bytes32" if solidity == "string" else solidity)
            words.append(keccak(value.encode()) if solidity == "string" else value)
        return encode(kinds, words)

    def as_tuple(self) -> tuple[Any, ...]:
        """Members in order, as a contract call takes them."""
        return tuple(getattr(self, name) for name in self.members)

    def to_json(self) -> dict[str, Any]:
        """Wire form: member names, wide integers as decimal text, bytes as hex."""
        pairs = self.members.items()
        return {member: _to_json(getattr(self, name), solidity) for name, (member, solidity) in pairs}

    @classmethod
    def from_json(cls, data: object) -> Self:
        """The struct of its wire form. Raises Malformed naming a member that is unknown, missing or wrong."""
        if not isinstance(data, dict):
            raise Malformed("expected an object", cls.__name__)
        known = cls.members
        unknown = set(data) - {member for member, _ in known.values()}
        if unknown:
            raise Malformed("unknown member", f"{cls.__name__}.{min(unknown)}")
        return cls(**{name: _from_json(data, *pair, cls.__name__) for name, pair in known.items()})


@dataclass(frozen=True)
class TypedStruct(Struct):
    """Base of every signed struct."""

    @classmethod
    def type_string(cls) -> str:
        """The EIP-712 encodeType."""
        inside = ",".join(f"{solidity} {member}" for member, solidity in cls.members.values())
        return f"{cls.__name__}({inside})"

    def struct_digest(self) -> Digest:
        """The EIP-712 hashStruct."""
        return keccak(keccak(self.type_string().encode()) + self.encoded())

    def digest(self, domain: Domain) -> Digest:
        """The 32 bytes that are signed."""
        return keccak(b"\x19\x01" + domain.separator() + self.struct_digest())

    def typed_data(self, domain: Domain) -> dict[str, Any]:
        """What `eth_signTypedData_v4` takes; the message is the wire form."""
        name = type(self).__name__
        own = [{"name": member, "type": solidity} for member, solidity in self.members.values()]
        return {
            "types": {"EIP712Domain": _DOMAIN_MEMBERS, name: own},
            "primaryType": name,
            "domain": domain.to_json(),
            "message": self.to_json(),
        }


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)


def _bits(solidity: str) -> int:
    found = _UINT.fullmatch(solidity)
    return int(found[1]) if found else 0


def _check(value: object, solidity: str, member: str) -> None:
    bits = _bits(solidity)
    if bits:
        good = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**bits
    elif solidity == "bytes32":
        good = isinstance(value, bytes) and len(value) == 32
    elif solidity == "address":
        good = isinstance(value, str) and address_of(value) == value
    else:
        good = isinstance(value, bool if solidity == "bool" else str)
    if not good:
        raise Malformed(f"expected a {solidity}", member)


def _to_json(value: Any, solidity: str) -> Any:
    if solidity == "bytes32":
        return hex_of(value)
    return str(value) if _bits(solidity) > _LARGEST_JSON_NUMBER_BITS else value


def _from_json(data: dict[str, Any], member: str, solidity: str, struct: str) -> Any:
    if member not in data:
        raise Malformed("missing", f"{struct}.{member}")
    value = data[member]
    try:
        if solidity == "address":
            return address_of(value)
        if solidity == "bytes32":
            return digest_of(value)
        if _bits(solidity) > _LARGEST_JSON_NUMBER_BITS:
            if not isinstance(value, str):
                raise Malformed("expected decimal text")
            return wei_of(value)
    except Malformed as error:
        raise Malformed(str(error), f"{struct}.{member}") from error
    return value
