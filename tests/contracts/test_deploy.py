"""Deploying to a real chain."""

import json
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from eth_account import Account
from eth_account.signers.local import LocalAccount

from contracts.artifacts import deployment, deployment_write, is_build
from contracts.deploy import DeploymentError, deploy, main
from contracts.senders import PASSWORD_FILE
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


def run(chain: Anvil | None, folder: Path, *options: str, **more) -> Result:
    url = chain.url if chain else "http://127.0.0.1:1"
    return CliRunner().invoke(main, ["--rpc", url, "--out", str(folder), *options], **more)


def refused(result: Result, words: str) -> None:
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit)
    assert words in result.output


@pytest.mark.parametrize(
    "options",
    [[], ["--unlocked", "--key-file", os.devnull], ["--keystore", os.devnull, "--key-file", os.devnull]],
)
def test_the_command_wants_one_sender(options: list[str], tmp_path: Path) -> None:
    result = run(None, tmp_path, *options)
    assert result.exit_code == 2
    assert "one of --key-file, --keystore and --unlocked" in result.output


def test_the_command_says_that_nobody_answers(tmp_path: Path) -> None:
    refused(
        run(None, tmp_path, "--unlocked"), "No Ethereum node answers at http://127.0.0.1:1 (ConnectionError)"
    )


def test_another_chain_than_wanted_is_refused(anvil: Anvil, tmp_path: Path) -> None:
    refused(run(anvil, tmp_path, "--unlocked", "--chain-id", "5"), "serves chain 31337, not 5")


def test_a_publisher_that_is_no_address_is_refused(tmp_path: Path) -> None:
    result = run(None, tmp_path, "--unlocked", "--publisher", "0x12")
    assert result.exit_code == 2
    assert "expected an address" in result.output


@pytest.mark.parametrize("option", ["--key-file", "--keystore"])
def test_a_file_without_a_key_is_refused_and_not_quoted(anvil: Anvil, tmp_path: Path, option: str) -> None:
    file = tmp_path / "key"
    file.write_text("5ec7e7")
    result = run(anvil, tmp_path, option, str(file), input="password\n")
    refused(result, str(file))
    assert "5ec7e7" not in result.output


@pytest.fixture(scope="module")
def keystore(ada: LocalAccount, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ada's key, behind the password `open sesame`."""
    file = tmp_path_factory.mktemp("keystore") / "keystore.json"
    file.write_text(json.dumps(Account.encrypt(ada.key, "open sesame", kdf="pbkdf2", iterations=1000)))
    return file


def test_a_wrong_password_is_refused(anvil: Anvil, keystore: Path, tmp_path: Path) -> None:
    refused(
        run(anvil, tmp_path, "--keystore", str(keystore), input="please\n"),
        "does not open with this password",
    )


def test_a_password_file_that_is_not_there_is_named(
    anvil: Anvil, keystore: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSWORD_FILE, str(tmp_path / "lost"))
    refused(run(anvil, tmp_path, "--keystore", str(keystore)), f"{PASSWORD_FILE} names {tmp_path / 'lost'}")


def test_a_damaged_deployment_file_is_not_replaced(anvil: Anvil, tmp_path: Path) -> None:
    (tmp_path / "31337.json").write_text("{")
    refused(run(anvil, tmp_path, "--unlocked"), "31337.json describes no deployment")
    assert (tmp_path / "31337.json").read_text() == "{"


def test_who_cannot_pay_is_told_before_anything_is_sent(anvil: Anvil, charlie, tmp_path: Path) -> None:
    anvil.rpc("anvil_setBalance", charlie.address, hex(10**12))
    file = tmp_path / "key"
    file.write_text(charlie.key.hex())
    refused(
        run(anvil, tmp_path, "--key-file", str(file)), f"{charlie.address} has 0.000001 ETH, this can cost"
    )
    assert list(tmp_path.glob("*.json")) == []


def test_a_node_without_accounts_is_named(tmp_path: Path) -> None:
    with running_anvil(tmp_path, "--accounts", "0") as chain:
        refused(run(chain, tmp_path, "--unlocked"), "no account of its own: give --key-file or --keystore")


def test_off_a_development_chain_it_asks_first(foreign: Anvil, tmp_path: Path) -> None:
    result = run(foreign, tmp_path, "--unlocked", input="n\n")
    assert result.exit_code == 1
    assert "gas, at most 0." in result.output
    assert foreign.web3.eth.block_number == 0
    assert run(foreign, tmp_path, "--unlocked", "--confirmations", "0", input="y\n").exit_code == 0
    assert foreign.web3.eth.block_number == 2


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
    result = run(anvil, tmp_path / "new", "--key-file", str(key_file), "--publisher", ada.address)
    assert result.exit_code == 0, result.output
    written = json.loads((tmp_path / "new" / "31337.json").read_text())
    assert written["publisher"] == ada.address
    for name, address in (("PrintEscrow", written["escrow"]), ("ProvenanceAnchor", written["anchor"])):
        assert re.search(
            f"{name}: sent in 0x[0-9a-f]{{64}}\n{name}: mined in block .*, at {address}", result.output
        )
    assert ada.key.hex() not in result.output


def test_the_command_deploys_from_a_keystore(
    anvil: Anvil, keystore: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_prompt = run(anvil, tmp_path / "a", "--keystore", str(keystore), input="open sesame\n")
    password = tmp_path / "password"
    password.write_text("open sesame\n")
    monkeypatch.setenv(PASSWORD_FILE, str(password))
    by_file = run(anvil, tmp_path / "b", "--keystore", str(keystore))
    assert (by_prompt.exit_code, by_file.exit_code) == (0, 0), by_prompt.output + by_file.output
    assert "sesame" not in by_prompt.output


def test_run_again_the_command_asks_for_nothing(anvil: Anvil, keystore: Path, tmp_path: Path) -> None:
    first = run(anvil, tmp_path, "--unlocked")
    second = run(anvil, tmp_path, "--keystore", str(keystore))
    assert second.output.splitlines() == first.output.splitlines()[-2:]
