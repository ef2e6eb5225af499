"""What a deployment finds, what is left to create, and what that costs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from web3 import Web3
from web3.types import Wei

from contracts.artifacts import (
    CONTRACTS,
    Deployment,
    UnknownDeployment,
    abi,
    bytecode,
    deployment,
    deployment_path,
)
from contracts.creation import DeploymentError, Report, Unfinished, creation_block, creation_settle, stands
from protocol.units import ether_text

LOCAL_CHAINS = frozenset({1337, 31337})
"""Development chains: they may start anew, and nothing on them costs money."""


@dataclass(frozen=True)
class Plan:
    """What stands already, by contract: address and block; and what there is to create."""

    standing: dict[str, tuple[str, int]]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Cost:
    """Gas of what is missing, and the most that it can cost, in wei; a rollup adds its data fee."""

    gas: int
    wei: int


def deployment_known(web3: Web3, folder: Path | None) -> Deployment | None:
    """The deployment on the node's chain that `folder` has a file of; None where it must be made.

    Raises DeploymentError where the chain has not what the file says, other than on a development chain.
    """
    chain_id = web3.eth.chain_id
    try:
        known = deployment(chain_id, folder)
    except UnknownDeployment:
        return None
    missing = deployment_missing(web3, known)
    if not missing:
        return known
    if chain_id in LOCAL_CHAINS:
        return None
    raise DeploymentError(
        f"On chain {chain_id}, {' and '.join(missing)} of {deployment_path(chain_id, folder).name} "
        "is not this build: check the RPC URL; to deploy a second time, remove the file first."
    )


def deployment_missing(web3: Web3, known: Deployment) -> list[str]:
    """The contracts whose code at their address is not this build."""
    addresses = {"PrintEscrow": known.escrow, "ProvenanceAnchor": known.anchor}
    return [f"{name} at {address}" for name, address in addresses.items() if not stands(web3, name, address)]


def deployment_plan(web3: Web3, unfinished: Unfinished, report: Report) -> Plan:
    """What an earlier run left standing, once all it sent is mined, and the rest. Raises DeploymentError."""
    standing: dict[str, tuple[str, int]] = {}
    for name, creation in unfinished.all().items():
        creation_settle(web3, creation, report)
        if stands(web3, name, creation.address):
            report(f"{name}: stands at {creation.address}, from an earlier run")
            standing[name] = creation.address, creation_block(web3, creation)
    return Plan(standing, tuple(name for name in CONTRACTS if name not in standing))


def cost_of(web3: Web3, payer: str, missing: tuple[str, ...]) -> Cost:
    """What creating these contracts costs at most. Raises DeploymentError where `payer` has too little."""
    sender = Web3.to_checksum_address(payer)
    creations = [web3.eth.contract(abi=abi(name), bytecode=bytecode(name)).constructor() for name in missing]
    gas = sum(creation.estimate_gas({"from": sender, "value": Wei(0)}) for creation in creations)
    base = web3.eth.get_block("latest").get("baseFeePerGas")
    price = web3.eth.gas_price if base is None else 2 * base + web3.eth.max_priority_fee
    cost, balance = Cost(gas, gas * price), web3.eth.get_balance(sender)
    if balance < cost.wei:
        raise DeploymentError(
            f"{sender} has {ether_text(balance)}, this can cost {ether_text(cost.wei)}: send it ether."
        )
    return cost
