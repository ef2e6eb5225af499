"""A token of OpenZeppelin's with permits, which anybody can mint, on a test's chain."""

from __future__ import annotations

from functools import cache
from typing import Any

import solcx
from eth_account.messages import encode_typed_data
from eth_account.signers.local import LocalAccount

from contracts.compiler import NPM_SOLC, ROOT, standard_input
from protocol.units import Address, address_of
from tests.anvil import Anvil

SOURCE = """// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;
import {ERC20, ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
contract Token is ERC20Permit {
    constructor() ERC20("Token", "TKN") ERC20Permit("Token") {}
    function mint(address to, uint256 amount) external { _mint(to, amount); }
}
"""


@cache
def _compiled() -> tuple[list[dict[str, Any]], str]:
    outputs = {"Token.sol": {"*": ["abi", "evm.bytecode.object"]}}
    request = {
        "language": "Solidity",
        "sources": {"Token.sol": {"content": SOURCE}},
        "settings": {**standard_input()["settings"], "outputSelection": outputs},
    }
    found = solcx.compile_standard(request, solc_binary=NPM_SOLC, base_path=ROOT)["contracts"]["Token.sol"][
        "Token"
    ]
    return found["abi"], found["evm"]["bytecode"]["object"]


class Token:
    """One deployed token."""

    def __init__(self, anvil: Anvil) -> None:
        abi, code = _compiled()
        web3, self.anvil = anvil.web3, anvil
        digest = (
            web3.eth.contract(abi=abi, bytecode=code).constructor().transact({"from": web3.eth.accounts[0]})
        )
        self.address: Address = address_of(web3.eth.wait_for_transaction_receipt(digest)["contractAddress"])
        self.contract = web3.eth.contract(address=self.address, abi=abi)

    def give(self, owner: LocalAccount, escrow: str, amount: int, *, allow: bool = True) -> None:
        """Money, and leave for the escrow to take it."""
        steps = [("mint", [owner.address, amount]), ("approve", [escrow, amount])]
        for name, arguments in steps[: 1 + allow]:
            data = self.contract.encode_abi(name, args=arguments)
            assert self.anvil.send(owner, {"to": self.address, "data": data})["status"] == 1

    def permit(self, owner: LocalAccount, escrow: str, amount: int) -> tuple[int, int, bytes, bytes]:
        """Leave for the escrow by signature: deadline, v, r, s."""
        deadline = self.anvil.now() + 3600
        message = {
            "owner": owner.address,
            "spender": escrow,
            "value": amount,
            "nonce": 0,
            "deadline": deadline,
        }
        members = [("owner", "address"), ("spender", "address"), ("value", "uint256")]
        members += [("nonce", "uint256"), ("deadline", "uint256")]
        signed = owner.sign_message(
            encode_typed_data(
                {
                    "name": "Token",
                    "version": "1",
                    "chainId": self.anvil.chain_id,
                    "verifyingContract": self.address,
                },
                {"Permit": [{"name": name, "type": kind} for name, kind in members]},
                message,
            )
        )
        return deadline, signed.v, signed.r.to_bytes(32), signed.s.to_bytes(32)
