"""Deploy the committed build to a chain, once: a deployment that is still there is kept."""

import sys
from pathlib import Path

import click
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress
from web3 import HTTPProvider, Web3
from web3.contract.contract import ContractConstructor
from web3.types import TxReceipt

from contracts.artifacts import (
    Deployment,
    UnknownDeployment,
    abi,
    bytecode,
    deployment,
    deployment_path,
    deployment_write,
    is_build,
)

LOCAL_CHAIN = 31337
RECEIPT_SECONDS = 120

Sender = LocalAccount | ChecksumAddress


class DeploymentError(Exception):
    """The contracts could not be deployed, or a deployment is not what its file says."""


def deploy(
    web3: Web3, sender: Sender, folder: Path | None = None, publisher: str | None = None
) -> Deployment:
    """Deploy both contracts from `sender`, a key or an unlocked address; write where they stand to `folder`.

    A deployment in `folder` whose code on the chain is this build is kept. `publisher` is who anchors for
    this marketplace. Raises DeploymentError where the file names contracts that the chain does not have,
    other than on the local chain 31337, which is allowed to start anew.
    """
    chain_id = web3.eth.chain_id
    known = _known(chain_id, folder)
    missing = _missing(web3, known) if known else []
    if known and not missing:
        return known
    if known and chain_id != LOCAL_CHAIN:
        raise DeploymentError(
            f"On chain {chain_id}, {' and '.join(missing)} of {deployment_path(chain_id, folder).name} "
            "is not this build: check the RPC URL; to deploy a second time, remove the file first."
        )
    escrow, block = _create(web3, sender, "PrintEscrow")
    anchor, _ = _create(web3, sender, "ProvenanceAnchor")
    fresh = Deployment(chain_id, escrow, anchor, block, publisher)
    deployment_write(fresh, folder)
    return fresh


def _known(chain_id: int, folder: Path | None) -> Deployment | None:
    try:
        return deployment(chain_id, folder)
    except UnknownDeployment:
        return None


def _missing(web3: Web3, known: Deployment) -> list[str]:
    """The contracts whose code at their address is not this build."""
    addresses = {"PrintEscrow": known.escrow, "ProvenanceAnchor": known.anchor}
    return [
        f"{name} at {address}"
        for name, address in addresses.items()
        if not is_build(name, bytes(web3.eth.get_code(Web3.to_checksum_address(address))))
    ]


def _create(web3: Web3, sender: Sender, name: str) -> tuple[ChecksumAddress, int]:
    """Returns the address and the block of creation."""
    receipt = _send(web3, sender, web3.eth.contract(abi=abi(name), bytecode=bytecode(name)).constructor())
    address = receipt["contractAddress"]
    if receipt["status"] != 1 or address is None:
        raise DeploymentError(
            f"The creation of {name} failed in block {receipt['blockNumber']}: has the sender enough gas?"
        )
    return address, receipt["blockNumber"]


def _send(web3: Web3, sender: Sender, call: ContractConstructor) -> TxReceipt:
    """Send from a key, or from an address the node itself signs for, and wait for the receipt."""
    if not isinstance(sender, LocalAccount):
        return web3.eth.wait_for_transaction_receipt(call.transact({"from": sender}), timeout=RECEIPT_SECONDS)
    nonce = web3.eth.get_transaction_count(sender.address, "pending")
    transaction = call.build_transaction(
        {"from": sender.address, "nonce": nonce, "chainId": web3.eth.chain_id}
    )
    signed = sender.sign_transaction(dict(transaction))
    return web3.eth.wait_for_transaction_receipt(
        web3.eth.send_raw_transaction(signed.raw_transaction), timeout=RECEIPT_SECONDS
    )


@click.command()
@click.option("--rpc", required=True, help="URL of an Ethereum node.")
@click.option(
    "--key-file",
    type=click.Path(path_type=Path, exists=True),
    help="File with the sender's private key in hex.",
)
@click.option("--unlocked", is_flag=True, help="Send from the node's own first account.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder for <chain id>.json; else contracts/deployments."
)
@click.option("--publisher", help="Address that anchors for this marketplace.")
def main(rpc: str, key_file: Path | None, unlocked: bool, out: Path | None, publisher: str | None) -> None:
    """Deploy PrintEscrow and ProvenanceAnchor, or find that they stand already."""
    if (key_file is None) != unlocked:
        raise click.UsageError("Give either --key-file or --unlocked.")
    web3 = Web3(HTTPProvider(rpc))
    try:
        sender = Account.from_key(key_file.read_text().strip()) if key_file else web3.eth.accounts[0]
        found = deploy(web3, sender, out, publisher)
    except (DeploymentError, OSError) as error:
        sys.exit(str(error))
    click.echo(f"chain {found.chain_id}, from block {found.block}")
    click.echo(f"PrintEscrow {found.escrow}, ProvenanceAnchor {found.anchor}")


if __name__ == "__main__":
    main()
