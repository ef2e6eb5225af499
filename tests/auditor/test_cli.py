"""The command: exit codes, reports for people and programs."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from auditor.cli import main
from protocol.units import hex_of
from tests.factories.bundle import MODEL, Scene, zipped
from tests.processes import free_port

UNKNOWN = "0x" + "77" * 32


def arguments(scene: Scene, bundle: Path, /, **changes: str) -> list[str]:
    options = {"rpc": scene.anvil.url, "contract": scene.escrow, "bundle": str(bundle), **changes}
    agreement = options.pop("agreement", hex_of(scene.agreement))
    return [agreement, *(word for name, value in options.items() for word in (f"--{name}", value))]


def run(scene: Scene, bundle: Path, /, *flags: str, **changes: str) -> Result:
    return CliRunner().invoke(main, [*arguments(scene, bundle, **changes), *flags])


def reason(result: Result) -> str:
    assert result.exit_code == 2
    return json.loads(result.output)["reason"]["code"]


@pytest.fixture
def bundle(scene: Scene, write: Callable[[bytes], Path]) -> Path:
    return write(zipped(scene.story().files()))


def test_cannot_tell_without_a_node(scene, bundle):
    url = f"http://127.0.0.1:{free_port()}"
    assert reason(run(scene, bundle, "--json", rpc=url)) == "node-unreachable"
    told = run(scene, bundle, rpc=url)
    assert told.exit_code == 2
    assert "CANNOT TELL (node-unreachable)" in told.output


def test_cannot_tell_from_a_server_that_is_no_node(scene, bundle):
    assert reason(run(scene, bundle, "--json", rpc="http://127.0.0.1:1/")) == "node-unreachable"
    assert reason(run(scene, bundle, "--json", rpc="nonsense")) == "node-unreachable"


def test_cannot_tell_without_code_at_the_address(scene, bundle):
    assert reason(run(scene, bundle, "--json", contract=scene.ada.address)) == "no-contract"


def test_cannot_tell_from_a_contract_that_is_no_escrow(scene, bundle, deployment):
    assert reason(run(scene, bundle, "--json", contract=deployment.anchor)) == "no-escrow"


def test_cannot_tell_about_an_agreement_that_the_chain_does_not_know(scene, bundle):
    assert reason(run(scene, bundle, "--json", agreement=UNKNOWN)) == "agreement-unknown"


def test_cannot_tell_from_what_is_no_zip(scene, bundle):
    bundle.write_bytes(b"<html>sign in first</html>")
    assert reason(run(scene, bundle, "--json")) == "bundle-not-zip"


@pytest.mark.parametrize(
    "changes",
    [
        {"agreement": "0x12"},
        {"agreement": "ada"},
        {"contract": "0x12"},
        {"bundle": "/nowhere"},
        {"model": "/nowhere"},
    ],
)
def test_wrong_usage_is_told_before_anything_is_read(scene, bundle, changes):
    assert run(scene, bundle, **changes).exit_code == 2


def test_findings_exit_1_and_name_the_record(scene, bundle):
    raw = bundle.read_bytes()
    bundle.write_bytes(raw.replace(b"print finished", b"print finishes", 1))
    result = run(scene, bundle)
    assert result.exit_code == 1
    assert "FINDINGS" in result.output
    assert "evidence/provider.json record 4" in result.output
    report = json.loads(run(scene, bundle, "--json").output)
    assert report["verdict"] == "findings"
    named = {(f["code"], f["place"]) for check in report["checks"] for f in check["findings"]}
    assert ("bundle-file-damaged", "evidence/provider.json") in named
    assert ("evidence-signature", "evidence/provider.json record 4") in named


def test_another_agreements_bundle_is_a_finding(scene, bundle):
    scene.provider_log.clear()
    scene.designer_log.clear()
    scene.terms(salt=1)
    scene.story()
    result = run(scene, bundle, "--json")
    assert result.exit_code == 1
    assert '"manifest-agreement"' in result.output


def test_reading_from_after_the_award_is_a_finding(scene, bundle):
    head = str(scene.anvil.web3.eth.block_number)
    result = run(scene, bundle, "--json", **{"from-block": head})
    assert result.exit_code == 1
    assert '"award-missing"' in result.output


def test_a_defect_of_the_auditor_is_no_verdict(scene, bundle, monkeypatch):
    monkeypatch.setattr("auditor.cli.audit_of", lambda case: 1 // 0)
    assert reason(run(scene, bundle, "--json")) == "auditor-failed"


def test_clean_with_the_design_file_exits_0(scene, bundle, tmp_path):
    model = tmp_path / "bracket.stl"
    model.write_bytes(MODEL)
    result = run(scene, bundle, model=str(model))
    assert result.exit_code == 0, result.output
    assert "CLEAN" in result.output
    assert [line[:18] for line in result.output.splitlines() if line.startswith("note")] == [
        "note The award com",
        "note Nothing is an",
    ]


def test_the_report_for_programs(scene, bundle):
    report = json.loads(run(scene, bundle, "--json").output)
    assert set(report) == {
        "version",
        "verdict",
        "agreement",
        "chain",
        "award",
        "timeline",
        "money",
        "checks",
        "notes",
    }
    assert report["verdict"] == "clean"
    assert report["award"]["price"] == report["award"]["paid"] == str(scene.price)
    assert report["award"]["terms"]["provider"] == scene.bo.address
    assert [entry["what"] for entry in report["timeline"]][1:3] == ["job spec", "model received"]
    assert sum(int(m["amount"]) * (1 if m["target"] == "escrow" else -1) for m in report["money"]) == 0
    assert all(check["passed"] and not check["findings"] for check in report["checks"])


def test_the_real_command(scene, bundle):
    command = [sys.executable, "-m", "auditor", *arguments(scene, bundle)]
    clean = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (clean.returncode, clean.stderr) == (0, "")
    raw = bytearray(bundle.read_bytes())
    raw[len(raw) // 2] ^= 1
    bundle.write_bytes(raw)
    assert subprocess.run(command, capture_output=True, check=False, timeout=60).returncode == 1
    bundle.write_bytes(b"")
    assert subprocess.run(command, capture_output=True, check=False, timeout=60).returncode == 2


def test_nothing_that_serves_signs_or_deploys_is_imported():
    code = "import sys, auditor.cli; print(*sorted({name.split('.')[0] for name in sys.modules}), 'contracts.deploy' in sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    names = set(loaded.stdout.split())
    assert "auditor" in names
    assert not names & {"django", "marketplace", "provider_agent", "True"}
