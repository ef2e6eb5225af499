"""Deploy the committed build to a chain, once: what already stands there is kept, also after a kill."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import click
from web3 import Web3

from contracts.artifacts import Deployment, DeploymentDamaged, deployment_write
from contracts.creation import POLL_SECONDS, DeploymentError, Report, Unfinished, creation_make
from contracts.node import NodeFailed, node_at
from contracts.plan import LOCAL_CHAINS, Plan, cost_of, deployment_known, deployment_missing, deployment_plan
from contracts.senders import (
    Sender,
    SenderUnusable,
    address_of_sender,
    sender_of_key_file,
    sender_of_keystore,
    sender_of_node,
)
from protocol.errors import Malformed
from protocol.units import address_of, ether_text

CONFIRMATIONS = 3


def deploy(
    web3: Web3,
    sender: Sender,
    folder: Path | None = None,
    publisher: str | None = None,
    *,
    confirmations: int = 0,
    report: Report = lambda line: None,
    agree: Callable[[Plan], None] = lambda plan: None,
) -> Deployment:
    """Deploy both contracts from `sender`, a key or an unlocked address; write where they stand to `folder`.

    A deployment in `folder` whose code on the chain is this build is kept, and so is each contract that an
    earlier run left. `publisher` is who anchors for this marketplace; `confirmations` are blocks to wait for;
    `agree` is called before anything is sent, and may raise.
    Raises DeploymentError, also where the file names contracts that the chain does not have, other than on a
    development chain, which may start anew.
    """
    known = deployment_known(web3, folder)
    if known:
        return known
    chain_id = web3.eth.chain_id
    unfinished = Unfinished(chain_id, folder)
    plan = deployment_plan(web3, unfinished, report)
    if plan.missing:
        agree(plan)
    made = {name: creation_make(web3, sender, name, unfinished, report) for name in plan.missing}
    places = {**plan.standing, **made}
    first = min(block for _, block in places.values())
    fresh = Deployment(chain_id, places["PrintEscrow"][0], places["ProvenanceAnchor"][0], first, publisher)
    _confirm(web3, fresh, max(block for _, block in places.values()) + confirmations, report)
    deployment_write(fresh, folder)
    unfinished.end()
    return fresh


def _confirm(web3: Web3, fresh: Deployment, last: int, report: Report) -> None:
    """Wait for block `last`; then the contracts must still be there."""
    told = -1
    while (left := last - web3.eth.block_number) > 0:
        if left != told:
            report(f"waiting for {left} more block{'s' if left > 1 else ''}")
        told = left
        time.sleep(POLL_SECONDS)
    if missing := deployment_missing(web3, fresh):
        raise DeploymentError(f"The chain was reorganised and lost {' and '.join(missing)}: run this again.")


def _publisher(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    try:
        return value and address_of(value)
    except Malformed as error:
        raise click.BadParameter(str(error)) from error


@click.command()
@click.option("--rpc", required=True, help="URL of an Ethereum node.")
@click.option(
    "--key-file", type=click.Path(path_type=Path, exists=True), help="File with a private key in hex."
)
@click.option(
    "--keystore",
    type=click.Path(path_type=Path, exists=True),
    help="Encrypted keystore file; its password is asked for, or read from the file that "
    "INFILL_DEPLOYER_PASSWORD_FILE names.",
)
@click.option("--unlocked", is_flag=True, help="Send from the node's own first account.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder of <chain id>.json; else contracts/deployments."
)
@click.option("--publisher", callback=_publisher, help="Address that anchors for this marketplace.")
@click.option("--chain-id", type=int, help="Refuse a node of any other chain.")
@click.option(
    "--confirmations",
    type=click.IntRange(0),
    help=f"Blocks to wait for; {CONFIRMATIONS} by default, 0 on a development chain.",
)
@click.option("--yes", is_flag=True, help="Do not ask before spending.")
def main(
    *,
    rpc: str,
    key_file: Path | None,
    keystore: Path | None,
    unlocked: bool,
    out: Path | None,
    publisher: str | None,
    chain_id: int | None,
    confirmations: int | None,
    yes: bool,
) -> None:
    """Deploy PrintEscrow and ProvenanceAnchor, or find that they stand already."""
    if [key_file is not None, keystore is not None, unlocked].count(True) != 1:
        raise click.UsageError("Give one of --key-file, --keystore and --unlocked.")
    try:
        with node_at(rpc) as web3:
            local = _chain_check(web3, chain_id) in LOCAL_CHAINS
            found = deployment_known(web3, out)
            if found is None:
                sender = _sender(web3, key_file, keystore)
                found = deploy(
                    web3,
                    sender,
                    out,
                    publisher,
                    confirmations=(0 if local else CONFIRMATIONS) if confirmations is None else confirmations,
                    report=click.echo,
                    agree=lambda plan: _agree(web3, address_of_sender(sender), plan, ask=not (local or yes)),
                )
    except (NodeFailed, DeploymentError, SenderUnusable, DeploymentDamaged, OSError) as error:
        sys.exit(str(error))
    click.echo(f"chain {found.chain_id}, from block {found.block}")
    click.echo(f"PrintEscrow {found.escrow}, ProvenanceAnchor {found.anchor}")


def _chain_check(web3: Web3, wanted: int | None) -> int:
    found = web3.eth.chain_id
    if wanted not in (None, found):
        raise DeploymentError(f"The node serves chain {found}, not {wanted}: correct --rpc or --chain-id.")
    return found


def _sender(web3: Web3, key_file: Path | None, keystore: Path | None) -> Sender:
    if key_file:
        return sender_of_key_file(key_file)
    return sender_of_keystore(keystore) if keystore else sender_of_node(web3)


def _agree(web3: Web3, payer: str, plan: Plan, *, ask: bool) -> None:
    """Say what the rest of the deployment costs, and where `ask`, go on only after a yes."""
    cost = cost_of(web3, payer, plan.missing)
    click.echo(
        f"{' and '.join(plan.missing)} on chain {web3.eth.chain_id}, paid by {payer}: "
        f"{cost.gas:,} gas, at most {ether_text(cost.wei)}"
    )
    if ask:
        click.confirm("Deploy?", abort=True)


if __name__ == "__main__":
    main()
