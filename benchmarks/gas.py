"""Gas of the escrow's calls, from the receipts of a chain, beside the floor and the prototype.

Steady state: both accounts have been used, the agreement's own word is new.
`python -m benchmarks.gas --rpc URL` wants a local chain with unlocked accounts, such as a fresh Anvil.
"""

import secrets
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from eth_account import Account
from eth_account.signers.local import LocalAccount
from web3 import HTTPProvider, Web3
from web3.contract.contract import Contract, ContractFunction

from contracts.artifacts import abi
from contracts.deploy import deploy

FLOOR = 89_000  # award and payment in full by anything that verifies a bid and holds money, native coin
PROTOTYPE = 126_000  # the same two transactions of the research prototype
BOOK_AND_BID = 7_000  # what the full Bid in the log and the book root add to it, which the prototype lacks
ZERO = "0x" + "00" * 20
ETHER = 10**18


@dataclass(frozen=True)
class Case:
    """Terms that make a difference to gas; amounts in wei."""

    name: str
    bond: int = 0
    fee_bps: int = 0
    from_ledger: bool = False


CASES = (
    Case("no bond"),
    Case("bond", bond=ETHER // 10),
    Case("fee", fee_bps=250),
    Case("bond and fee", bond=ETHER // 10, fee_bps=250),
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
        self.designer, self.fee_to, faucet = web3.eth.accounts[:3]
        with tempfile.TemporaryDirectory() as folder:
            found = deploy(web3, faucet, Path(folder))
        self.escrow: Contract = web3.eth.contract(
            address=Web3.to_checksum_address(found.escrow), abi=abi("PrintEscrow")
        )
        self._paid({"from": faucet, "to": self.provider.address, "value": 100 * ETHER})
        for owner in (self.provider.address, self.designer, self.fee_to):
            self.call(self.escrow.functions.deposit(ZERO, owner, 50 * ETHER), faucet, 50 * ETHER)

    def _paid(self, transaction: dict[str, Any]) -> int:
        digest = self.web3.eth.send_transaction(transaction)  # type: ignore[arg-type]
        return int(self.web3.eth.wait_for_transaction_receipt(digest)["gasUsed"])

    def call(self, function: ContractFunction, sender: str, value: int = 0) -> int:
        """Gas used by a call from an unlocked account."""
        digest = function.transact({"from": Web3.to_checksum_address(sender), "value": Web3.to_wei(value, "wei")})
        return int(self.web3.eth.wait_for_transaction_receipt(digest)["gasUsed"])

    def call_provider(self, function: ContractFunction) -> int:
        """Gas used by a call from the provider's own key."""
        nonce = self.web3.eth.get_transaction_count(self.provider.address)
        transaction = function.build_transaction({"from": self.provider.address, "nonce": nonce})
        signed = self.provider.sign_transaction(dict(transaction))
        digest = self.web3.eth.send_raw_transaction(signed.raw_transaction)
        return int(self.web3.eth.wait_for_transaction_receipt(digest)["gasUsed"])

    def bid(self, case: Case) -> dict[str, Any]:
        """Ordinary terms of the case, valid for a day, for 1 to 10 units of 0.05 coins."""
        return {
            "provider": self.provider.address,
            "designer": self.designer,
            "token": ZERO,
            "arbiter": ZERO,
            "feeTo": self.fee_to if case.fee_bps else ZERO,
            "jobDigest": secrets.token_bytes(32),
            "printer": secrets.token_bytes(32),
            "unitPrice": 5 * ETHER // 100,
            "bond": case.bond,
            "disputeFee": 0,
            "minUnits": 1,
            "maxUnits": 10,
            "validUntil": self.web3.eth.get_block("latest")["timestamp"] + 86_400,
            "makeTime": 172_800,
            "reviewTime": 604_800,
            "arbiterTime": 604_800,
            "graceTime": 3600,
            "fallbackBps": 5000,
            "feeBps": case.fee_bps,
            "epoch": 0,
            "toLedger": False,
            "salt": secrets.randbits(256),
        }

    def run(self, case: Case) -> Row:
        """One agreement: award of 2 units, delivery, release in full."""
        bid, units = self.bid(case), 2
        price, calls = bid["unitPrice"] * units, self.escrow.functions
        digest = calls.idOf(bid).call()
        signature = Account.unsafe_sign_hash(digest, self.provider.key)
        vs = signature.s | ((signature.v - 27) << 255)
        compact = signature.r.to_bytes(32, "big") + vs.to_bytes(32, "big")
        book = secrets.token_bytes(32)
        award = calls.award(bid, compact, self.provider.address, units, bytes(32), book, case.from_ledger)
        return Row(
            case,
            award=self.call(award, self.designer, 0 if case.from_ledger else price),
            deliver=self.call_provider(calls.deliver(bid, secrets.token_bytes(32))),
            release=self.call(calls.release(bid, price), self.designer),
        )


def measure(web3: Web3) -> list[Row]:
    """Deploy, warm every account up with one agreement of each case, then measure each once."""
    bench = Bench(web3)
    for case in CASES:
        bench.run(case)
    return [bench.run(case) for case in CASES]


def table(rows: list[Row]) -> Iterator[str]:
    """The lines of the printed table."""
    yield f"{'':26}{'award':>9}{'deliver':>9}{'release':>9}{'award+release':>15}{'/ floor':>9}{'/ prototype':>13}"
    peer = PROTOTYPE + BOOK_AND_BID
    for row in rows:
        total = row.award_and_release
        figures = f"{row.award:9,}{row.deliver:9,}{row.release:9,}{total:15,}"
        yield f"{row.case.name:26}{figures}{total / FLOOR:9.2f}{total / peer:13.2f}"
    yield f"{'floor':26}{'':27}{FLOOR:15,}{1:9.2f}{FLOOR / peer:13.2f}"
    yield f"{'prototype, log and book':26}{'':27}{peer:15,}{peer / FLOOR:9.2f}{1:13.2f}"


@click.command()
@click.option("--rpc", required=True, help="URL of a local node with unlocked, funded accounts.")
def main(rpc: str) -> None:
    """Measure and print."""
    echo: Callable[[str], None] = click.echo
    for line in table(measure(Web3(HTTPProvider(rpc)))):
        echo(line)


if __name__ == "__main__":
    main()
