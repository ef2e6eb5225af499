"""Python, Solidity on a real chain, and ethers compute the committed digests alike."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import solcx

from contracts.artifacts import abi
from contracts.compiler import NPM_SOLC
from protocol.canonical import canonical_bytes
from protocol.signatures import recover
from protocol.terms import Bid, agreement_id
from protocol.typed import escrow_domain
from protocol.units import bytes_of, digest_of
from tests.anvil import Anvil
from tests.vectors.make import PATH, vectors
from tests.vectors.samples import samples

HERE = Path(__file__).parent
COMMITTED = json.loads(PATH.read_text())
NAMES = [vector["type"] for vector in COMMITTED["typed"]]


def test_python_makes_the_committed_vectors():
    assert json.loads(json.dumps(vectors())) == COMMITTED


@pytest.mark.parametrize("vector", COMMITTED["typed"], ids=NAMES)
def test_the_committed_signature_recovers_to_its_signer(vector):
    assert recover(digest_of(vector["digest"]), bytes_of(vector["signature"])) == COMMITTED["signer"]


@pytest.mark.parametrize("vector", COMMITTED["json"], ids=lambda vector: vector["canonical"])
def test_canonical_bytes(vector):
    assert canonical_bytes(vector["value"]).decode() == vector["canonical"]


@pytest.fixture(scope="module")
def digests(anvil_session: Anvil):
    source = {"Digests.sol": {"content": (HERE / "Digests.sol").read_text()}}
    settings = {"viaIR": True, "outputSelection": {"*": {"Digests": ["abi", "evm.bytecode.object"]}}}
    task = {"language": "Solidity", "sources": source, "settings": settings}
    artifact = solcx.compile_standard(task, solc_binary=NPM_SOLC)["contracts"]["Digests.sol"]["Digests"]
    eth = anvil_session.web3.eth
    factory = eth.contract(abi=artifact["abi"], bytecode=artifact["evm"]["bytecode"]["object"])
    receipt = eth.wait_for_transaction_receipt(factory.constructor().transact({"from": eth.accounts[0]}))
    return eth.contract(address=receipt["contractAddress"], abi=artifact["abi"])


@pytest.mark.parametrize(
    ("sample", "vector"), list(zip(samples(), COMMITTED["typed"], strict=True)), ids=NAMES
)
def test_solidity_agrees(digests, sample, vector):
    struct, domain = sample
    inner = digests.functions[f"of{vector['type']}"](struct.as_tuple()).call()
    assert inner == digest_of(vector["struct_digest"])
    whole = digests.functions.digest(domain.name, domain.chain_id, domain.contract, inner).call()
    assert whole == digest_of(vector["digest"])


def test_the_escrow_itself_computes_the_agreement_id(anvil, deployment):
    escrow = anvil.web3.eth.contract(address=deployment.escrow, abi=abi("PrintEscrow"))
    bid = next(struct for struct, _ in samples() if isinstance(struct, Bid))
    domain = escrow_domain(anvil.chain_id, deployment.escrow)
    assert escrow.functions.idOf(bid.as_tuple()).call() == agreement_id(bid, domain)
    assert escrow.functions.domainSeparator().call() == domain.separator()


def test_ethers_agrees():
    node = shutil.which("node")
    assert node, "node is missing: run `make setup`"
    done = subprocess.run([node, HERE / "digests.mjs", PATH], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    expected = [{"digest": v["digest"], "signer": COMMITTED["signer"]} for v in COMMITTED["typed"]]
    assert found["typed"] == expected
    assert found["json"] == [{"digest": v["digest"], "salted": v["salted"]} for v in COMMITTED["json"]]
