"""The prover's runner: only what is proven whole passes. And the proofs fail on escrows that are unsound."""

import json
from pathlib import Path
from subprocess import CompletedProcess, TimeoutExpired

import pytest
from click.testing import CliRunner

from contracts import artifacts
from tests.contracts.naive import VARIANTS, changed
from tools.assurance import place, proofs
from tools.assurance.proofs import Check, Result

CHECK = Check("NativeProof", "check_I2_I5_Claim")
# An unsound escrow, by its scenario, and the check that must find it out.
FOUND_OUT = {
    "ADisputeFeeIsPaidOnce": Check("NativeProof", "check_I2_I5_Rule"),
    "AClosedAgreementIsNotAwardedAgain": Check("IdProof", "check_I3_Award"),
    "AnArbiterInLeagueTakesNoMoreThanTheDisputedPot": Check("NativeProof", "check_I2_I5_Rule"),
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    patch = pytest.MonkeyPatch()
    patch.setattr(place, "WORK", tmp_path_factory.mktemp("proofs"))
    copy = place.copied("proofs", (place.SOURCES, proofs.PROOFS))
    patch.undo()
    return copy


def report(**result: object) -> dict:
    whole = {"exitcode": 0, "num_bounded_loops": 0, "num_paths": [7, 3, 0], "time": [2.5, 2.0, 0.5]}
    return {"test_results": {"contracts/proofs/Currencies.t.sol:NativeProof": [{**whole, **result}]}}


@pytest.mark.parametrize(
    ("exitcode", "meaning"),
    [
        (1, "has a counterexample"),
        (2, "not decided in time"),
        (3, "stuck"),
        (4, "every path reverts"),
        (5, "failed"),
        (99, "failed"),
    ],
)
def test_what_is_not_proven_says_what_is_in_the_way(exitcode: int, meaning: str) -> None:
    assert proofs.read(CHECK, report(exitcode=exitcode)).meaning == meaning


def test_a_loop_cut_short_is_no_proof() -> None:
    assert proofs.read(CHECK, report(num_bounded_loops=1)).meaning == "a loop goes on beyond its bound"


def test_a_report_of_no_check_is_none() -> None:
    with pytest.raises(place.ToolFailed, match=r"halmos ran 0 checks for NativeProof\.check_I2_I5_Claim"):
        proofs.read(CHECK, {"test_results": {}})


def test_what_is_proven_has_its_paths_and_seconds() -> None:
    assert proofs.read(CHECK, report()) == Result(CHECK, "proven", 7, 2.5)


def test_a_check_that_takes_too_long_is_not_decided(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(command: list, *_: object) -> CompletedProcess:
        raise TimeoutExpired(command, 5)

    monkeypatch.setattr(place, "analyser", Path)
    monkeypatch.setattr(place, "run", slow)
    assert proofs.prove(copy, CHECK, 5) == Result(CHECK, "not decided in time", seconds=5)


def test_halmos_without_a_report_ends_with_what_it_said(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place, "analyser", Path)
    monkeypatch.setattr(place, "run", lambda *_: CompletedProcess([], 1, "", "no such contract"))
    with pytest.raises(place.ToolFailed, match=r"(?s)no report on check_I2_I5_Claim.*no such contract"):
        proofs.prove(copy, CHECK)


def run(monkeypatch: pytest.MonkeyPatch, folder: Path, meaning: str, *options: str) -> tuple[int, str]:
    monkeypatch.setattr(place, "WORK", folder)
    monkeypatch.setattr(proofs, "found", lambda copy: [CHECK])
    compiled(folder / "proofs", artifacts.bytecode("PrintEscrow"))
    monkeypatch.setattr(proofs, "prove", lambda copy, check: Result(check, meaning, 7, 2.5))
    done = CliRunner().invoke(proofs.main, options)
    return done.exit_code, done.output


def compiled(copy: Path, bytecode: str) -> None:
    artifact = copy / "out/PrintEscrow.sol/PrintEscrow.json"
    artifact.parent.mkdir(parents=True)
    artifact.write_text(json.dumps({"bytecode": {"object": bytecode}}))


def test_other_bytecode_than_is_deployed_is_not_proven(tmp_path: Path) -> None:
    compiled(tmp_path, artifacts.bytecode("PrintEscrow")[:-2])
    with pytest.raises(place.ToolFailed, match=r"not that of contracts/build"):
        proofs.require_deployed(tmp_path)


def test_the_run_ends_with_1_and_names_what_is_not_proven(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, output = run(monkeypatch, tmp_path, "has a counterexample")
    assert code == 1
    assert output.endswith("NativeProof.check_I2_I5_Claim: has a counterexample\n")


def test_a_run_of_nothing_ends_with_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, output = run(monkeypatch, tmp_path, "proven", "--match", "Nothing")
    assert (code, output) == (1, "No check matches 'Nothing'.\n")


def test_a_run_that_proves_all_ends_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, output = run(monkeypatch, tmp_path, "proven", "--match", "I2")
    assert code == 0
    assert output.splitlines()[-1].split() == ["NativeProof.check_I2_I5_Claim", "7", "2", "proven"]


def test_what_is_proven_is_not_proven_again_until_a_source_changes(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = []

    def halmos(command: list, *_: object) -> CompletedProcess:
        runs.append(command)
        (copy / command[-1]).write_text(json.dumps(report()))
        return CompletedProcess([], 0, "", "")

    monkeypatch.setattr(place, "analyser", Path)
    monkeypatch.setattr(place, "run", halmos)
    for _ in range(2):
        assert proofs.prove(copy, CHECK).meaning == "proven"
    assert len(runs) == 1
    with (copy / "contracts/src/PrintEscrow.sol").open("a") as source:
        source.write("\n")
    proofs.prove(copy, CHECK)
    assert len(runs) == 2


@pytest.mark.deep
@pytest.mark.xdist_group("proofs")
@pytest.mark.timeout(2400)
@pytest.mark.parametrize("scenario", FOUND_OUT)
def test_an_unsound_escrow_is_found_out(copy: Path, scenario: str) -> None:
    [variant] = [variant for variant in VARIANTS if variant.scenario == scenario]
    source = copy / place.SOURCES / variant.source
    sound = source.read_text()
    source.write_text(changed(variant, sound))
    try:
        assert FOUND_OUT[scenario] in proofs.found(copy)
        assert proofs.prove(copy, FOUND_OUT[scenario]).meaning != "proven"
    finally:
        source.write_text(sound)
