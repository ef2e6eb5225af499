"""A contract on its way onto a chain: written down before it is sent, so that a rerun finds it again."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from hexbytes import HexBytes
from web3 import Web3
from web3.exceptions import TimeExhausted
from web3.types import TxReceipt
from web3.utils.address import get_create_address

from contracts.artifacts import DEPLOYMENTS, abi, bytecode, is_build, json_write
from contracts.senders import Sender, address_of_sender, transaction_send
from protocol.units import ether_text

RECEIPT_SECONDS = 120
POLL_SECONDS = 0.2

Report = Callable[[str], None]


class DeploymentError(Exception):
    """The contracts could not be deployed, or a deployment is not what its file says."""


@dataclass(frozen=True)
class Creation:
    """`address` follows from sender and nonce; `since` is the newest block before it was sent."""

    address: str
    sender: str
    nonce: int
    since: int


class Unfinished:
    """The creations of a deployment that has no file yet, in a file of their own."""

    def __init__(self, chain_id: int, folder: Path | None) -> None:
        self.path = (folder or DEPLOYMENTS) / f"{chain_id}.unfinished.json"

    def all(self) -> dict[str, Creation]:
        """By the contract's name."""
        if not self.path.is_file():
            return {}
        return {name: Creation(**values) for name, values in json.loads(self.path.read_text()).items()}

    def write(self, name: str, creation: Creation) -> None:
        """Before its transaction is sent."""
        json_write(self.path, {key: asdict(value) for key, value in {**self.all(), name: creation}.items()})

    def end(self) -> None:
        """Once the deployment is written."""
        self.path.unlink(missing_ok=True)


def stands(web3: Web3, name: str, address: str) -> bool:
    """Whether the code at an address is this build of the contract."""
    return is_build(name, bytes(web3.eth.get_code(Web3.to_checksum_address(address))))


def creation_settle(web3: Web3, creation: Creation, report: Report) -> None:
    """Wait while the node has a transaction of that nonce that is not mined. Raises DeploymentError."""
    sender, deadline = Web3.to_checksum_address(creation.sender), time.monotonic() + RECEIPT_SECONDS
    count = web3.eth.get_transaction_count
    told = False
    while count(sender) <= creation.nonce < count(sender, "pending"):
        if not told:
            report(f"waiting for transaction {creation.nonce} of {sender}, sent by an earlier run")
        told = True
        if time.monotonic() > deadline:
            raise DeploymentError(
                f"Transaction {creation.nonce} of {sender} is not mined yet: run this again later, or send "
                "another with this nonce and a higher fee from that wallet first."
            )
        time.sleep(POLL_SECONDS)


def creation_block(web3: Web3, creation: Creation) -> int:
    """The block in which a contract that stands was created. Asks for code after `since` only."""
    low, high = creation.since, int(web3.eth.block_number)
    while high - low > 1:
        middle = (low + high) // 2
        if web3.eth.get_code(Web3.to_checksum_address(creation.address), middle):
            high = middle
        else:
            low = middle
    return high


def creation_make(
    web3: Web3, sender: Sender, name: str, unfinished: Unfinished, report: Report
) -> tuple[str, int]:
    """Send a contract's creation and wait until it is mined. Returns its address and block."""
    payer = address_of_sender(sender)
    nonce = web3.eth.get_transaction_count(payer, "pending")
    transaction = (
        web3.eth.contract(abi=abi(name), bytecode=bytecode(name))
        .constructor()
        .build_transaction({"from": payer, "nonce": nonce, "chainId": web3.eth.chain_id})
    )
    address = get_create_address(payer, nonce)
    unfinished.write(name, Creation(address, payer, nonce, web3.eth.block_number))
    digest = transaction_send(web3, sender, transaction)
    report(f"{name}: sent in {digest.to_0x_hex()}")
    receipt = _receipt(web3, digest)
    if not receipt["status"] or not stands(web3, name, address):
        raise DeploymentError(
            f"{name} was not created by {digest.to_0x_hex()}: see that transaction, run again."
        )
    paid = ether_text(receipt["gasUsed"] * receipt["effectiveGasPrice"])
    block = receipt["blockNumber"]
    report(f"{name}: mined in block {block} for {receipt['gasUsed']:,} gas ({paid}), at {address}")
    return address, block


def _receipt(web3: Web3, digest: HexBytes) -> TxReceipt:
    try:
        return web3.eth.wait_for_transaction_receipt(digest, RECEIPT_SECONDS, POLL_SECONDS)
    except TimeExhausted as error:
        raise DeploymentError(
            f"{digest.to_0x_hex()} is not mined after {RECEIPT_SECONDS} s: run this again to go on waiting."
        ) from error
