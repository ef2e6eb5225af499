"""The contracts on a chain on which every account has been used before."""

import tempfile
from pathlib import Path

from web3 import Web3
from web3.contract.contract import Contract

from benchmarks.gas.cast import ADDRESSES, DESIGNER, HOT_KEY, PROVIDER, RIVAL
from benchmarks.gas.node import Chain
from benchmarks.gas.sources import Compiled
from contracts.artifacts import abi
from contracts.deploy import deploy
from protocol.canonical import keccak
from protocol.typed import escrow_domain
from protocol.units import ZERO_ADDRESS, ZERO_DIGEST, Address, address_of

ETHER = 10**18
RICH = 1_000 * ETHER
SAVED = 100 * ETHER
FOREVER = 2**40 - 1
INFINITE = 2**256 - 1


class Market:
    """Escrow, anchor, floor and tokens; everybody holds some of each currency, in wallet and ledger."""

    def __init__(self, chain: Chain, helpers: dict[str, Compiled]) -> None:
        self.chain = chain
        with tempfile.TemporaryDirectory() as folder:
            found = deploy(chain.web3, chain.web3.eth.accounts[0], Path(folder))
        self.faucet = address_of(chain.web3.eth.accounts[0])
        self.domain = escrow_domain(found.chain_id, address_of(found.escrow))
        self.escrow = self._at(found.escrow, "PrintEscrow")
        self.anchor = self._at(found.anchor, "ProvenanceAnchor")
        self.token = chain.create(helpers["PlainToken"], self.faucet)
        self.permit_token = chain.create(helpers["PermitToken"], self.faucet)
        self.floor = chain.create(helpers["Floor"], self.faucet, self.token.address)
        for owner in ADDRESSES.values():
            chain.rpc("anvil_setBalance", owner, hex(RICH))
        for token in (self.token, self.permit_token):
            self._mint(token)
        for currency in (ZERO_ADDRESS, address_of(self.token.address), address_of(self.permit_token.address)):
            self._save(currency)
        self._anchor_first()

    def _at(self, address: str, name: str) -> Contract:
        return self.chain.web3.eth.contract(address=Web3.to_checksum_address(address), abi=abi(name))

    def _mint(self, token: Contract) -> None:
        for owner in (self.faucet, address_of(self.floor.address), *ADDRESSES.values()):
            self.chain.call(token, "mint", owner, RICH, by=self.faucet)
        self.chain.call(token, "approve", self.escrow.address, INFINITE, by=self.faucet)

    def _save(self, currency: Address) -> None:
        """Fill every ledger word of the currency."""
        for owner in ADDRESSES.values():
            value = SAVED if currency == ZERO_ADDRESS else 0
            self.chain.call(self.escrow, "deposit", currency, owner, SAVED, by=self.faucet, value=value)
        for provider in (PROVIDER, RIVAL):
            self.chain.call(self.escrow, "setAgent", currency, HOT_KEY, FOREVER, SAVED, by=provider)
        if currency == address_of(self.token.address):
            for spender in (self.escrow, self.floor):
                self.chain.call(self.token, "approve", spender.address, INFINITE, by=DESIGNER)

    def _anchor_first(self) -> None:
        first = keccak(b"first root"), 1_000, ZERO_DIGEST
        self.chain.call(self.anchor, "anchor", *first, by=DESIGNER)
