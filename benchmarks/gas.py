"""Gas of the escrow's calls, from the receipts of a chain, beside the floor and the prototype.

Steady state: every account has been used, the agreement's own word is new. `python -m benchmarks.gas` starts
an Anvil of its own; `--rpc URL` measures on another local node with unlocked, funded accounts.
"""

import secrets
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import click
from eth_account import Account
from eth_account.signers.local import LocalAccount
from web3 import HTTPProvider, Web3
from web3.contract.contract import Contract, ContractFunction
from web3.types import TxParams, Wei

from contracts.artifacts import abi
from contracts.deploy import deploy
from demo.binaries import foundry_path
from protocol.terms import DAY, Bid, agreement_id
from protocol.typed import escrow_domain
from protocol.units import ZERO_ADDRESS, ZERO_DIGEST, Address, Digest, address_of
from protocol.units import Wei as Amount

FLOOR = 89_000  # award and payment in full by anything that verifies a bid and holds money, native coin
PROTOTYPE = 126_000  # the same two transactions of the research prototype
BOOK_AND_BID = 7_000  # what the full Bid in the log and the book root add, which the prototype lacks
ETHER = 10**18
BOND, FEE_BPS = ETHER // 10, 250
START_SECONDS = 20


@dataclass(frozen=True)
class Case:
    """What makes a difference to gas."""

    name: str
    bond: int = 0
    fee_bps: int = 0
    from_ledger: bool = False


CASES = (
    Case("no bond"),
    Case("bond", bond=BOND),
    Case("fee", fee_bps=FEE_BPS),
    Case("bond and fee", bond=BOND, fee_bps=FEE_BPS),
    Case("no bond, from the ledger", from_ledger=True),
)


@dataclass(frozen=True)
class Row:
    """One measured case: gas of award, of deliver and of release in full."""

    case: Case
    award: int
    deliver: int
    release: int

    @property
    def award_and_release(self) -> int:
        """What a designer pays for an agreement that goes well."""
        return self.award + self.release


class Bench:
    """Two parties on a chain, who make one agreement after another."""

    def __init__(self, web3: Web3) -> None:
        self.web3 = web3
        self.provider: LocalAccount = Account.create()
        self.designer, self.fee_to, self.faucet = (address_of(one) for one in web3.eth.accounts[:3])
        with tempfile.TemporaryDirectory() as folder:
            found = deploy(web3, Web3.to_checksum_address(self.faucet), Path(folder))
        self.domain = escrow_domain(found.chain_id, address_of(found.escrow))
        self.escrow: Contract = web3.eth.contract(
            address=Web3.to_checksum_address(found.escrow), abi=abi("PrintEscrow")
        )
        gift = self._from(self.faucet, 100 * ETHER)
        gift["to"] = self.provider.address
        web3.eth.send_transaction(gift)
        for owner in (self.provider.address, self.designer, self.fee_to):
            self.call(self.escrow.functions.deposit(ZERO_ADDRESS, owner, 50 * ETHER), self.faucet, 50 * ETHER)

    def _from(self, sender: Address, value: int = 0) -> TxParams:
        return {"from": Web3.to_checksum_address(sender), "value": Wei(value)}

    def call(self, function: ContractFunction, sender: Address, value: int = 0) -> int:
        """Gas used by a call from an unlocked account."""
        digest = function.transact(self._from(sender, value))
        return int(self.web3.eth.wait_for_transaction_receipt(digest)["gasUsed"])

    def call_provider(self, function: ContractFunction) -> int:
        """Gas used by a call from the provider's own key."""
        nonce = self.web3.eth.get_transaction_count(self.provider.address)
        transaction = function.build_transaction({"from": self.provider.address, "nonce": nonce})
        signed = self.provider.sign_transaction(cast(dict[str, Any], transaction))
        digest = self.web3.eth.send_raw_transaction(signed.raw_transaction)
        return int(self.web3.eth.wait_for_transaction_receipt(digest)["gasUsed"])

    def bid(self, case: Case) -> Bid:
        """Ordinary terms of the case: 1 to 10 units of 0.05 coins, to be awarded within a day."""
        plain = Bid(
            provider=address_of(self.provider.address),
            designer=self.designer,
            token=ZERO_ADDRESS,
            arbiter=ZERO_ADDRESS,
            fee_to=ZERO_ADDRESS,
            job_digest=Digest(secrets.token_bytes(32)),
            printer=Digest(secrets.token_bytes(32)),
            unit_price=Amount(5 * ETHER // 100),
            bond=Amount(case.bond),
            dispute_fee=Amount(0),
            min_units=1,
            max_units=10,
            valid_until=int(self.web3.eth.get_block("latest")["timestamp"]) + DAY,
            make_time=2 * DAY,
            review_time=7 * DAY,
            arbiter_time=7 * DAY,
            grace_time=3600,
            fallback_bps=5000,
            fee_bps=case.fee_bps,
            epoch=0,
            to_ledger=False,
            salt=secrets.randbits(256),
        )
        return replace(plain, fee_to=self.fee_to) if case.fee_bps else plain

    def run(self, case: Case) -> Row:
        """One agreement: award of 2 units, delivery, release in full."""
        bid, units, calls = self.bid(case), 2, self.escrow.functions
        terms, price = bid.as_tuple(), bid.unit_price * units
        signed = Account.unsafe_sign_hash(agreement_id(bid, self.domain), self.provider.key)
        compact = signed.r.to_bytes(32) + (signed.s | (signed.v - 27) << 255).to_bytes(32)
        book = secrets.token_bytes(32)
        award = calls.award(terms, compact, bid.provider, units, ZERO_DIGEST, book, case.from_ledger)
        return Row(
            case,
            award=self.call(award, self.designer, 0 if case.from_ledger else price),
            deliver=self.call_provider(calls.deliver(terms, secrets.token_bytes(32))),
            release=self.call(calls.release(terms, price), self.designer),
        )


def measure(web3: Web3) -> list[Row]:
    """Deploy, warm every account up with one agreement of each case, then measure each once."""
    bench = Bench(web3)
    for case in CASES:
        bench.run(case)
    return [bench.run(case) for case in CASES]


def table(rows: list[Row]) -> Iterator[str]:
    """The lines of the printed table."""
    peer = PROTOTYPE + BOOK_AND_BID
    heads = f"{'award':>9}{'deliver':>9}{'release':>9}{'award+release':>15}"
    yield f"{'gas, native coin':26}{heads}{'/ floor':>9}{'/ prototype':>13}"
    for row in rows:
        total = row.award_and_release
        figures = f"{row.award:9,}{row.deliver:9,}{row.release:9,}{total:15,}"
        yield f"{row.case.name:26}{figures}{total / FLOOR:9.2f}{total / peer:13.2f}"
    yield f"{'floor':26}{'':27}{FLOOR:15,}{1:9.2f}{FLOOR / peer:13.2f}"
    yield f"{'prototype, log and book':26}{'':27}{peer:15,}{peer / FLOOR:9.2f}{1:13.2f}"


@contextmanager
def own_anvil() -> Iterator[str]:
    """The URL of an Anvil that lives as long as the block. Raises ProgramMissing, TimeoutError."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    child = subprocess.Popen([foundry_path("anvil"), "--port", str(port), "--silent"])
    try:
        deadline = time.monotonic() + START_SECONDS
        while not Web3(HTTPProvider(url)).is_connected():
            if time.monotonic() > deadline:
                raise TimeoutError(f"Anvil does not answer at {url}")
            time.sleep(0.05)
        yield url
    finally:
        child.terminate()
        child.wait()


@click.command()
@click.option("--rpc", help="URL of a local node with unlocked, funded accounts.")
def main(rpc: str | None) -> None:
    """Measure and print."""
    if rpc:
        click.echo("\n".join(table(measure(Web3(HTTPProvider(rpc))))))
        return
    with own_anvil() as url:
        click.echo("\n".join(table(measure(Web3(HTTPProvider(url))))))


if __name__ == "__main__":
    main()
