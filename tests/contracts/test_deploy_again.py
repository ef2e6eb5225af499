"""A deployment that was killed on its way: run again, it keeps what already stands."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from eth_account.signers.local import LocalAccount

from contracts.artifacts import Deployment, deployment
from contracts.creation import Creation, DeploymentError, Unfinished
from contracts.deploy import deploy
from tests.anvil import Anvil, running_anvil
from tests.processes import eventually, process

CHAIN = 4242


@pytest.fixture
def idle(tmp_path: Path, ada: LocalAccount) -> Iterator[Anvil]:
    """A chain that mines only when told."""
    with running_anvil(tmp_path, "--no-mining", "--chain-id", str(CHAIN)) as chain:
        chain.fund(ada)
        yield chain


@pytest.fixture
def command(idle: Anvil, ada: LocalAccount, tmp_path: Path) -> list[str]:
    key_file = tmp_path / "key"
    key_file.write_text(ada.key.hex())
    options = [
        "--rpc",
        idle.url,
        "--key-file",
        str(key_file),
        "--out",
        str(tmp_path),
        "--yes",
        "--confirmations",
        "0",
    ]
    return [sys.executable, "-m", "contracts.deploy", *options]


def running(command: list[str], tmp_path: Path) -> AbstractContextManager:
    return process(command, tmp_path / "deploy.txt")


def sent(chain: Anvil, key: LocalAccount, count: int) -> None:
    eventually(lambda: chain.web3.eth.get_transaction_count(key.address, "pending") == count)


class Killed(BaseException):
    """What ends a run at one of its reports."""


def killed_at(number: int):
    """A report that ends the run at its line number `number`, counted from 0."""
    lines: list[str] = []

    def report(line: str) -> None:
        lines.append(line)
        if len(lines) > number:
            raise Killed

    return report


def created_at(chain: Anvil, found: Deployment) -> int:
    """The first block with a contract of the deployment."""
    eth = chain.web3.eth
    return next(n for n in range(eth.block_number + 1) if eth.get_code(found.escrow, n))


def creations(chain: Anvil, key: LocalAccount) -> int:
    return chain.web3.eth.get_transaction_count(key.address)


@pytest.mark.parametrize("number", range(4))
def test_killed_anywhere_it_creates_each_contract_once(
    anvil: Anvil, ada, tmp_path: Path, number: int
) -> None:
    before = creations(anvil, ada)
    with pytest.raises(Killed):
        deploy(anvil.web3, ada, tmp_path, report=killed_at(number))
    assert not (tmp_path / f"{anvil.chain_id}.json").exists()
    found = deploy(anvil.web3, ada, tmp_path)
    assert creations(anvil, ada) == before + 2
    assert created_at(anvil, found) == found.block
    assert deployment(anvil.chain_id, tmp_path) == found
    assert [path.name for path in tmp_path.glob("*.json")] == [f"{anvil.chain_id}.json"]


def test_another_sender_keeps_what_stands(anvil: Anvil, ada, bo, tmp_path: Path) -> None:
    before = creations(anvil, ada), creations(anvil, bo)
    with pytest.raises(Killed):
        deploy(anvil.web3, ada, tmp_path, report=killed_at(1))
    deploy(anvil.web3, bo, tmp_path)
    assert (creations(anvil, ada), creations(anvil, bo)) == (before[0] + 1, before[1] + 1)


def test_a_creation_that_never_reached_the_chain_is_made_anew(anvil: Anvil, ada, tmp_path: Path) -> None:
    """Its number was taken by another transaction, or the chain is another one."""
    nonce = creations(anvil, ada)
    for number in (nonce, nonce + 7):
        Unfinished(anvil.chain_id, tmp_path).write(
            "PrintEscrow", Creation("0x" + "11" * 20, ada.address, number, anvil.web3.eth.block_number)
        )
        anvil.send(ada, {"to": ada.address})
        deploy(anvil.web3, ada, tmp_path)
        (tmp_path / f"{anvil.chain_id}.json").unlink()


def test_what_is_not_mined_is_waited_for_and_then_named(
    idle: Anvil, ada, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("contracts.creation.RECEIPT_SECONDS", 0)
    for again in ("is not mined after 0 s: run this again", "is not mined yet: run this again later"):
        with pytest.raises(DeploymentError, match=again):
            deploy(idle.web3, ada, tmp_path)
    sent(idle, ada, 1)


def test_it_waits_for_confirmations(anvil: Anvil, ada, tmp_path: Path) -> None:
    def report(line: str) -> None:
        lines.append(line)
        if "waiting for" in line:
            anvil.mine()

    lines: list[str] = []
    found = deploy(anvil.web3, ada, tmp_path, confirmations=2, report=report)
    assert lines[-2:] == ["waiting for 2 more blocks", "waiting for 1 more block"]
    assert anvil.web3.eth.block_number == found.block + 3


def test_contracts_lost_by_a_reorganisation_are_not_written_down(anvil: Anvil, ada, tmp_path: Path) -> None:
    def report(line: str) -> None:
        if "waiting for" in line:
            anvil.rpc("evm_revert", snapshot)
            anvil.mine(9)

    snapshot = anvil.rpc("evm_snapshot")
    with pytest.raises(DeploymentError, match=r"reorganised and lost PrintEscrow at .* and ProvenanceAnchor"):
        deploy(anvil.web3, ada, tmp_path, confirmations=2, report=report)
    assert not (tmp_path / f"{anvil.chain_id}.json").exists()


def test_killed_while_the_second_is_on_its_way_it_keeps_both(
    idle: Anvil, ada, command, tmp_path: Path
) -> None:
    with running(command, tmp_path) as first:
        sent(idle, ada, 1)
        idle.mine()
        sent(idle, ada, 2)
        first.kill()
    with running(command, tmp_path):
        idle.mine()
        written = eventually(lambda: json.loads((tmp_path / f"{CHAIN}.json").read_text()))
    assert idle.web3.eth.get_transaction_count(ada.address, "pending") == 2
    assert written["block"] == 1
