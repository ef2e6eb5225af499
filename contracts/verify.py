"""Whether what runs at an address is this build: its code, its immutables, the block it came with."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import click
from eth_typing import BlockNumber
from web3 import Web3
from web3.exceptions import Web3RPCError

from contracts.artifacts import (
    Deployment,
    DeploymentDamaged,
    UnknownDeployment,
    deployment,
    deployment_read,
    immutables,
    is_build,
    sources_changed,
    sources_missing,
)
from contracts.node import NodeFailed, node_at
from contracts.proxies import proxy_words
from protocol.errors import Malformed
from protocol.typed import escrow_domain
from protocol.units import address_of, hex_of


@dataclass(frozen=True)
class Claim:
    """What is said to stand where; `chain_id` and `block` where a deployment file says it."""

    escrow: str
    anchor: str
    chain_id: int | None = None
    block: int | None = None

    def addresses(self) -> dict[str, str]:
        """By the contract's name."""
        return {"PrintEscrow": self.escrow, "ProvenanceAnchor": self.anchor}


@dataclass(frozen=True)
class Check:
    """One line of the answer."""

    name: str
    ok: bool
    text: str


def verify(web3: Web3, claim: Claim) -> Iterator[Check]:
    """Every check of a claim; nothing is asked of a chain that is not the claimed one."""
    yield _build_check()
    found = web3.eth.chain_id
    if claim.chain_id not in (None, found):
        words = f"the node serves chain {found}, the deployment is on {claim.chain_id}: correct --rpc"
        yield Check("chain", False, words)
        return
    yield Check("chain", True, f"the node serves chain {found}")
    for name, address in claim.addresses().items():
        code = bytes(web3.eth.get_code(Web3.to_checksum_address(address)))
        yield (same := _code_check(web3, name, address, code))
        if same.ok:
            yield from _immutable_checks(name, code, expected_immutables(found, address))
    if claim.block is not None:
        yield _block_check(web3, claim, claim.block)


def expected_immutables(chain_id: int, address: str) -> dict[str, bytes]:
    """What the immutables of PrintEscrow hold at this address."""
    separator = escrow_domain(chain_id, address_of(address)).separator()
    return {"_chainId": chain_id.to_bytes(32), "_domainSeparator": separator}


def _build_check() -> Check:
    if changed := sources_changed():
        words = f"contracts/build is not made of {', '.join(changed)}: run make contracts"
        return Check("build", False, words)
    absent = len(sources_missing())
    rest = f", but for {absent} imports that are not installed (npm ci)" if absent else ""
    return Check("build", True, f"the checksums of contracts/build are those of its sources{rest}")


def _code_check(web3: Web3, name: str, address: str, code: bytes) -> Check:
    if is_build(name, code):
        return Check(f"{name} code", True, f"{address} runs this build, {len(code):,} bytes")
    if not code:
        words = "there is no contract: check the address, the chain, and that the node is up to date"
    else:
        words = proxy_words(web3, address, code) or (
            f"{len(code):,} bytes of other code: another contract, or another build of this one; "
            "send it no money, or verify with the version it was deployed from"
        )
    return Check(f"{name} code", False, f"{address}: {words}")


def _immutable_checks(name: str, code: bytes, expected: dict[str, bytes]) -> Iterator[Check]:
    for immutable, values in immutables(name, code).items():
        wanted = expected[immutable]
        if values == {wanted}:
            yield Check(f"{name} {immutable}", True, hex_of(wanted))
        else:
            held = " and ".join(hex_of(value) for value in sorted(values))
            words = f"holds {held}, must hold {hex_of(wanted)}: it was not created here by this build"
            yield Check(f"{name} {immutable}", False, words)


def _block_check(web3: Web3, claim: Claim, block: int) -> Check:
    """The contracts came with the block from which their logs are read, or later: none is missed."""
    addresses = [Web3.to_checksum_address(address) for address in claim.addresses().values()]
    try:
        early = [a for a in addresses if block and web3.eth.get_code(a, BlockNumber(block - 1))]
        there = [a for a in addresses if web3.eth.get_code(a, BlockNumber(block))]
    except Web3RPCError as error:
        words = f"the node does not say what was there at block {block} ({error}): ask an archive node"
        return Check("block", False, words)
    if early:
        words = f"{' and '.join(early)} was there before block {block}: earlier logs would be missed"
        return Check("block", False, words)
    if not there:
        return Check("block", False, f"nothing was there at block {block}: the file names a wrong one")
    return Check("block", True, f"created in block {block}")


def _claim(web3: Web3, file: Path | None, escrow: str | None, anchor: str | None) -> Claim:
    if escrow and anchor:
        return Claim(address_of(escrow), address_of(anchor))
    found: Deployment = deployment_read(file) if file else deployment(web3.eth.chain_id)
    return Claim(address_of(found.escrow), address_of(found.anchor), found.chain_id, found.block)


@click.command()
@click.option("--rpc", required=True, help="URL of an Ethereum node.")
@click.option(
    "--deployment",
    "file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A deployment file; else that of the node's chain in contracts/deployments.",
)
@click.option("--escrow", help="Address of a PrintEscrow; needs --anchor.")
@click.option("--anchor", help="Address of a ProvenanceAnchor; needs --escrow.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def main(*, rpc: str, file: Path | None, escrow: str | None, anchor: str | None, as_json: bool) -> None:
    """Exit 0 where every check holds, 1 where one does not or cannot be made."""
    if (escrow is None) != (anchor is None) or (file and escrow):
        raise click.UsageError("Give --escrow with --anchor, or --deployment, or neither.")
    try:
        with node_at(rpc) as web3:
            checks = list(verify(web3, _claim(web3, file, escrow, anchor)))
    except (NodeFailed, UnknownDeployment, DeploymentDamaged, Malformed) as error:
        click.echo(json.dumps({"ok": False, "error": str(error)}) if as_json else str(error))
        sys.exit(1)
    ok = all(check.ok for check in checks)
    if as_json:
        click.echo(json.dumps({"ok": ok, "checks": [asdict(check) for check in checks]}, indent=2))
    else:
        for check in checks:
            click.echo(f"{'ok    ' if check.ok else 'FAILED'} {check.name}: {check.text}")
    sys.exit(0 if ok else 1)


if __name__ == "__main__":
    main()
