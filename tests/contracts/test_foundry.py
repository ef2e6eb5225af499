"""The Solidity tests, and what they must amount to."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.compiler import CONTRACTS, HERE, ROOT
from demo.binaries import foundry_path

SECONDS = 900  # on a loaded machine; an idle one needs less than three minutes
pytestmark = [pytest.mark.foundry, pytest.mark.timeout(SECONDS + 60), pytest.mark.xdist_group("foundry")]


@pytest.fixture(scope="module")
def suites() -> dict:
    """The outcome of `forge test`: suite -> its tests."""
    command = [str(foundry_path("forge")), "test", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False)
    start = done.stdout.find("{")
    assert start >= 0, done.stdout[-3000:] + done.stderr[-3000:]
    return json.loads(done.stdout[start:])


def results(suites: dict) -> Iterator[tuple[str, dict]]:
    for suite, outcome in suites.items():
        for name, result in outcome["test_results"].items():
            yield f"{suite.split(':')[-1]}.{name.split('(')[0]}", result


def test_every_foundry_test_passes(suites: dict) -> None:
    failed = {name: result["reason"] for name, result in results(suites) if result["status"] != "Success"}
    assert failed == {}
    assert len(list(results(suites))) > 100


def test_at_least_half_of_them_take_random_arguments(suites: dict) -> None:
    names = [name for name, _ in results(suites)]
    random = [name for name in names if ".testFuzz_" in name or ".invariant_" in name]
    assert len(random) >= len(names) / 2


def test_invariants_really_ran(suites: dict) -> None:
    kinds = [result["kind"]["Invariant"] for name, result in results(suites) if ".invariant_" in name]
    assert {kind["reverts"] for kind in kinds} == {0}
    assert min(kind["calls"] for kind in kinds) >= 4096


@pytest.mark.parametrize("name", CONTRACTS)
def test_what_forge_tested_is_what_is_committed(suites: dict, name: str) -> None:
    tested = json.loads((HERE / "out" / f"{name}.sol" / f"{name}.json").read_text())
    built = json.loads((HERE / "build" / f"{name}.json").read_text())
    assert tested["bytecode"]["object"] == built["bytecode"]


def test_every_custom_error_is_provoked_by_name() -> None:
    sources = "".join(path.read_text() for path in (HERE / "src" / "interfaces").glob("*.sol"))
    errors = set(re.findall(r"^    error (\w+)\(", sources, re.MULTILINE))
    tests = "".join(path.read_text() for path in Path(HERE / "test").rglob("*.sol"))
    provoked = set(re.findall(r"I(?:EscrowTypes|ProvenanceAnchor)\.(\w+)\.selector", tests))
    assert errors - provoked == set()
