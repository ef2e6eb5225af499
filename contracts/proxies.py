"""Code that runs other code: what stands there today can be something else tomorrow."""

from __future__ import annotations

from hexbytes import HexBytes
from web3 import Web3

from protocol.canonical import keccak

DELEGATION = bytes.fromhex("ef0100")
"""How the code of an account begins that runs a contract's (EIP-7702)."""
CLONE = (bytes.fromhex("363d3d373d3d3d363d73"), bytes.fromhex("5af43d82803e903d91602b57fd5bf3"))
"""Before and after the address that a minimal proxy runs (ERC-1167)."""
SLOTS = tuple(
    int.from_bytes(keccak(f"eip1967.proxy.{name}".encode())) - 1 for name in ("implementation", "beacon")
)
"""Where an upgradeable proxy keeps what it runs, or who knows it (ERC-1967)."""


def proxy_words(web3: Web3, address: str, code: bytes) -> str:
    """What the code at an address runs, in a sentence; empty where it is no known kind of proxy."""
    before, after = CLONE
    if code.startswith(DELEGATION):
        return _words("an account that runs", code[3:23])
    if code.startswith(before) and code.endswith(after):
        return _words("a minimal proxy of", code[len(before) : len(before) + 20])
    for slot in SLOTS:
        word = bytes(web3.eth.get_storage_at(Web3.to_checksum_address(address), slot))
        if any(word):
            return _words("an upgradeable proxy of", word[-20:])
    return ""


def _words(what: str, target: bytes) -> str:
    where = Web3.to_checksum_address(HexBytes(target).to_0x_hex())
    return f"{what} {where}: Infill's contracts are never proxies; send it no money"
