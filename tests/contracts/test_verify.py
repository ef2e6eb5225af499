"""What runs at an address is this build, or the answer says what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from web3 import Web3

from contracts import artifacts
from contracts.artifacts import CONTRACTS, Deployment, deployment_write, immutables
from contracts.proxies import SLOTS
from contracts.verify import expected_immutables, main
from protocol.units import hex_of
from tests.anvil import Anvil, running_anvil

NOWHERE = Web3.to_checksum_address("0x" + "1e" * 20)
OTHER_CHAIN = 4242


def run(url: str, *options: str) -> Result:
    return CliRunner().invoke(main, ["--rpc", url, *options])


def failing(result: Result) -> dict[str, str]:
    """The checks that failed, of an answer in JSON."""
    assert result.exit_code == 1, result.output
    answer = json.loads(result.output)
    assert answer["ok"] is False
    return {check["name"]: check["text"] for check in answer["checks"] if not check["ok"]}


@pytest.fixture
def told(anvil: Anvil, deployment: Deployment, tmp_path: Path) -> Callable[..., Result]:
    """Verify the deployment on `anvil` as a file tells it, with these changes."""

    def answer(**changes) -> Result:
        file = deployment_write(replace(deployment, **changes), tmp_path)
        return run(anvil.url, "--deployment", str(file), "--json")

    return answer


@pytest.mark.parametrize("options", [["--escrow", NOWHERE], ["--anchor", NOWHERE]])
def test_half_a_claim_is_refused(options: list[str]) -> None:
    result = run("http://127.0.0.1:1", *options)
    assert result.exit_code == 2
    assert "--escrow with --anchor" in result.output


def test_no_node_is_said(tmp_path: Path) -> None:
    claim = ("--escrow", NOWHERE, "--anchor", NOWHERE)
    assert "No Ethereum node answers" in run("http://127.0.0.1:1", *claim).output
    answer = json.loads(run("http://127.0.0.1:1", *claim, "--json").output)
    assert answer["ok"] is False
    assert "correct --rpc" in answer["error"]


def test_a_chain_without_a_deployment_is_said(tmp_path: Path) -> None:
    with running_anvil(tmp_path, "--chain-id", str(OTHER_CHAIN)) as chain:
        result = run(chain.url)
    assert result.exit_code == 1
    assert f"No contracts are known on chain {OTHER_CHAIN}" in result.output


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"chain_id": 1}'])
def test_a_file_that_describes_no_deployment_is_said(anvil: Anvil, tmp_path: Path, text: str) -> None:
    file = tmp_path / "1.json"
    file.write_text(text)
    result = run(anvil.url, "--deployment", str(file))
    assert result.exit_code == 1
    assert "1.json describes no deployment" in result.output


def test_what_is_no_address_is_said(anvil: Anvil) -> None:
    result = run(anvil.url, "--escrow", "0x12", "--anchor", NOWHERE)
    assert result.exit_code == 1
    assert "expected an address" in result.output


def test_another_chain_is_said_and_asked_nothing(told) -> None:
    result = told(chain_id=OTHER_CHAIN)
    assert failing(result) == {
        "chain": f"the node serves chain 31337, the deployment is on {OTHER_CHAIN}: correct --rpc"
    }
    assert [check["name"] for check in json.loads(result.output)["checks"]] == ["build", "chain"]


def test_no_code_is_said(told) -> None:
    assert failing(told(anchor=NOWHERE)) == {
        "ProvenanceAnchor code": f"{NOWHERE}: there is no contract: check the address, the chain, and that the "
        "node is up to date"
    }


def test_other_code_is_said(told, deployment: Deployment) -> None:
    found = failing(told(escrow=deployment.anchor, anchor=deployment.escrow))
    assert set(found) == {"PrintEscrow code", "ProvenanceAnchor code"}
    assert "bytes of other code" in found["PrintEscrow code"]


@pytest.mark.parametrize("place", [0, 3000, -1])
def test_one_changed_byte_is_said(told, anvil: Anvil, deployment: Deployment, place: int) -> None:
    code = bytearray(anvil.web3.eth.get_code(deployment.escrow))
    code[place] ^= 1
    anvil.rpc("anvil_setCode", deployment.escrow, hex_of(code))
    assert "other code" in failing(told())["PrintEscrow code"]


@pytest.mark.parametrize("immutable", ["_chainId", "_domainSeparator"])
def test_another_immutable_is_said(told, anvil: Anvil, deployment: Deployment, immutable: str) -> None:
    """Such code is equal but for its immutables, and takes signatures that were made for another contract."""
    code = bytes(anvil.web3.eth.get_code(deployment.escrow))
    [held] = immutables("PrintEscrow", code)[immutable]
    anvil.rpc("anvil_setCode", deployment.escrow, hex_of(code.replace(held, b"\x07" * 32)))
    found = failing(told())
    assert list(found) == [f"PrintEscrow {immutable}"]
    assert f"holds 0x{'07' * 32}, must hold {hex_of(held)}" in found[f"PrintEscrow {immutable}"]


def test_one_place_of_an_immutable_changed_alone_is_said(told, anvil: Anvil, deployment: Deployment) -> None:
    code = bytes(anvil.web3.eth.get_code(deployment.escrow))
    [held] = immutables("PrintEscrow", code)["_domainSeparator"]
    anvil.rpc("anvil_setCode", deployment.escrow, hex_of(code.replace(held, bytes(32), 1)))
    assert f"holds 0x{'00' * 32} and {hex_of(held)}" in failing(told())["PrintEscrow _domainSeparator"]


def test_a_copy_of_the_code_elsewhere_is_said(told, anvil: Anvil, deployment: Deployment) -> None:
    anvil.rpc("anvil_setCode", NOWHERE, hex_of(anvil.web3.eth.get_code(deployment.escrow)))
    assert set(failing(told(escrow=NOWHERE))) == {"PrintEscrow _domainSeparator", "block"}


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("0xef0100{}", "an account that runs {}"),
        ("0x363d3d373d3d3d363d73{}5af43d82803e903d91602b57fd5bf3", "a minimal proxy of {}"),
    ],
)
def test_code_that_points_elsewhere_is_said(
    told, anvil: Anvil, deployment: Deployment, code: str, words: str
) -> None:
    anvil.rpc("anvil_setCode", NOWHERE, code.format(deployment.escrow[2:]))
    found = failing(told(escrow=NOWHERE))["PrintEscrow code"]
    assert words.format(deployment.escrow) in found
    assert "send it no money" in found


@pytest.mark.parametrize("slot", SLOTS)
def test_an_upgradeable_proxy_is_said(told, anvil: Anvil, deployment: Deployment, slot: int) -> None:
    anvil.rpc("anvil_setCode", NOWHERE, "0x6000")
    word = "0x" + deployment.escrow[2:].rjust(64, "0")
    anvil.rpc("anvil_setStorageAt", NOWHERE, hex(slot), word)
    assert f"an upgradeable proxy of {deployment.escrow}" in failing(told(escrow=NOWHERE))["PrintEscrow code"]


def test_a_block_that_comes_too_late_or_too_early_is_said(told, anvil: Anvil, deployment: Deployment) -> None:
    anvil.mine()
    late, early = deployment.block + 2, deployment.block - 1
    assert f"was there before block {late}" in failing(told(block=late))["block"]
    assert f"nothing was there at block {early}" in failing(told(block=early))["block"]
    assert "ask an archive node" in failing(told(block=10**6))["block"]


@pytest.mark.parametrize("change", ["altered", "removed", "added"])
def test_a_build_that_is_not_of_its_sources_is_said(
    told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    root = tmp_path / "tree"
    for name in artifacts._checksums():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes((artifacts.ROOT / name).read_bytes())
    anchor = root / "contracts" / "src" / "ProvenanceAnchor.sol"
    monkeypatch.setattr(artifacts, "ROOT", root)
    assert told().exit_code == 0
    if change == "removed":
        anchor.unlink()
    else:
        (anchor if change == "altered" else anchor.with_name("Another.sol")).write_text("// x")
    named = "Another.sol" if change == "added" else "ProvenanceAnchor.sol"
    assert failing(told()) == {
        "build": f"contracts/build is not made of contracts/src/{named}: run make contracts"
    }


def test_imports_that_are_not_installed_are_counted(
    told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in artifacts._checksums():
        if name.startswith("contracts/"):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes((artifacts.ROOT / name).read_bytes())
    monkeypatch.setattr(artifacts, "ROOT", tmp_path)
    result = told()
    assert result.exit_code == 0
    assert "imports that are not installed (npm ci)" in result.output


def test_what_was_deployed_is_verified_line_by_line(
    anvil: Anvil, deployment: Deployment, tmp_path: Path
) -> None:
    file = deployment_write(deployment, tmp_path)
    result = run(anvil.url, "--deployment", str(file))
    assert result.exit_code == 0, result.output
    names = [line.partition(":")[0] for line in result.output.splitlines()]
    assert names == [
        "ok     build",
        "ok     chain",
        "ok     PrintEscrow code",
        "ok     PrintEscrow _domainSeparator",
        "ok     PrintEscrow _chainId",
        "ok     ProvenanceAnchor code",
        "ok     block",
    ]


def test_addresses_alone_are_enough(anvil: Anvil, deployment: Deployment) -> None:
    result = run(anvil.url, "--escrow", deployment.escrow.lower(), "--anchor", deployment.anchor, "--json")
    assert result.exit_code == 0, result.output
    assert "block" not in [check["name"] for check in json.loads(result.output)["checks"]]


def test_it_finds_the_deployment_of_the_nodes_chain(
    anvil: Anvil, deployments_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(artifacts, "DEPLOYMENTS", deployments_dir)
    assert run(anvil.url).exit_code == 0


def test_every_immutable_of_the_build_is_known(deployment: Deployment) -> None:
    for name in CONTRACTS:
        found = immutables(name, b"")
        assert set(found) <= set(expected_immutables(31337, deployment.escrow))
