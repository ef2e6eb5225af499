"""Deploying to a real chain."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from eth_account.signers.local import LocalAccount

from contracts.artifacts import deployment, deployment_write, is_build
from contracts.deploy import DeploymentError, deploy, main
from tests.anvil import Anvil, running_anvil

NOWHERE = "0x" + "11" * 20


@pytest.fixture
def foreign(tmp_path: Path, ada: LocalAccount):
    """A chain that is not the local one."""
    with running_anvil(tmp_path, "--chain-id", "4242") as chain:
        chain.fund(ada)
        yield chain


@pytest.mark.parametrize("lost", ["escrow", "anchor"])
def test_a_foreign_chain_without_the_contracts_is_refused(
    foreign: Anvil, ada, tmp_path: Path, lost: str
) -> None:
    found = replace(deploy(foreign.web3, ada, tmp_path), **{lost: NOWHERE})
    deployment_write(found, tmp_path)
    with pytest.raises(DeploymentError, match=NOWHERE):
        deploy(foreign.web3, ada, tmp_path)
    assert deployment(4242, tmp_path) == found, "the file is left as it was"


def test_a_foreign_chain_with_other_code_there_is_refused(foreign: Anvil, ada, tmp_path: Path) -> None:
    found = deploy(foreign.web3, ada, tmp_path)
    deployment_write(replace(found, escrow=found.anchor), tmp_path)
    with pytest.raises(DeploymentError, match="PrintEscrow at"):
        deploy(foreign.web3, ada, tmp_path)


@pytest.mark.parametrize("options", [[], ["--unlocked", "--key-file", os.devnull]])
def test_the_command_wants_one_sender(options: list[str]) -> None:
    result = CliRunner().invoke(main, ["--rpc", "http://127.0.0.1:1", *options])
    assert result.exit_code == 2
    assert "--key-file or --unlocked" in result.output


def test_the_command_says_that_nobody_answers(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["--rpc", "http://127.0.0.1:1", "--unlocked", "--out", str(tmp_path)])
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert "127.0.0.1" in result.output


def test_both_contracts_stand_and_are_written_down(anvil: Anvil, ada: LocalAccount, tmp_path: Path) -> None:
    found = deploy(anvil.web3, ada, tmp_path, publisher=ada.address)
    assert deployment(anvil.chain_id, tmp_path) == found
    assert is_build("PrintEscrow", bytes(anvil.web3.eth.get_code(found.escrow)))
    assert is_build("ProvenanceAnchor", bytes(anvil.web3.eth.get_code(found.anchor)))
    assert found.publisher == ada.address
    creation = anvil.web3.eth.get_block(found.block, full_transactions=True)["transactions"][0]
    assert creation["from"] == ada.address


def test_a_deployment_that_stands_is_kept(anvil: Anvil, ada: LocalAccount, tmp_path: Path) -> None:
    first = deploy(anvil.web3, ada, tmp_path)
    sent = anvil.web3.eth.get_transaction_count(ada.address)
    assert deploy(anvil.web3, anvil.web3.eth.accounts[0], tmp_path) == first
    assert anvil.web3.eth.get_transaction_count(ada.address) == sent


def test_the_local_chain_may_start_anew(anvil: Anvil, ada: LocalAccount, tmp_path: Path) -> None:
    first = deploy(anvil.web3, ada, tmp_path)
    deployment_write(replace(first, escrow=NOWHERE), tmp_path)
    second = deploy(anvil.web3, ada, tmp_path)
    assert second.escrow != first.escrow
    assert deployment(anvil.chain_id, tmp_path) == second


def test_the_command_deploys_from_a_key_file(anvil: Anvil, ada: LocalAccount, tmp_path: Path) -> None:
    key_file = tmp_path / "key"
    key_file.write_text(ada.key.hex() + "\n")
    out = tmp_path / "deployments"
    result = CliRunner().invoke(main, ["--rpc", anvil.url, "--key-file", str(key_file), "--out", str(out)])
    assert result.exit_code == 0, result.output
    written = json.loads((out / "31337.json").read_text())
    assert written["escrow"] in result.output
    assert ada.key.hex() not in result.output
