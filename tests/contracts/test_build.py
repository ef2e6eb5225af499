"""The committed build is what the sources compile to, here and with a native compiler."""

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import pytest
import solcx
from click.testing import CliRunner

from contracts import compiler
from contracts.compiler import (
    BUILD,
    CODE_LIMIT,
    CONTRACTS,
    HERE,
    NPM_SOLC,
    ROOT,
    SOURCES_FILE,
    CompileFailed,
    compile_sources,
)

VERSION = "0.8.37"


@pytest.fixture(scope="module")
def compiled() -> dict[str, str]:
    return compile_sources()


def native_solc() -> Path | None:
    """A native compiler of our version: from the PATH, else one that py-solc-x installed."""
    on_path = shutil.which("solc")
    if on_path:
        answer = subprocess.run([on_path, "--version"], capture_output=True, text=True, check=False).stdout
        if f"Version: {VERSION}+" in answer:
            return Path(on_path)
    if VERSION in [str(version) for version in solcx.get_installed_solc_versions()]:
        return solcx.install.get_executable(VERSION)
    return None


def test_a_compiler_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CompileFailed, match="npm ci"):
        compile_sources(tmp_path / "solc")


def test_what_does_not_compile_is_shown_without_the_compilers_whole_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken = dict.fromkeys(compiler.sources(), "pragma solidity 0.8.37; contract")
    monkeypatch.setattr(compiler, "sources", lambda: broken)
    with pytest.raises(CompileFailed, match="ParserError: Expected identifier") as refusal:
        compile_sources()
    assert "return code" not in str(refusal.value)


@pytest.mark.parametrize("options", [[], ["--combined-json", "abi"]])
def test_the_npm_compiler_says_what_it_answers(options: list[str]) -> None:
    done = subprocess.run([NPM_SOLC, *options], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "--standard-json" in done.stderr


def test_the_npm_compiler_reads_as_a_native_one() -> None:
    done = subprocess.run([NPM_SOLC, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[1].startswith(f"Version: {VERSION}+commit.")
    assert "Emscripten" not in done.stdout


def test_check_names_what_differs(
    compiled: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in compiled.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "PrintEscrow.json").write_text("{}")
    (tmp_path / "Stray.json").write_text("{}")
    monkeypatch.setattr(compiler, "differences", lambda files: ORIGINAL_DIFFERENCES(files, tmp_path))
    result = CliRunner().invoke(compiler.main, ["--check"])
    assert result.exit_code == 1
    assert "PrintEscrow.json, Stray.json" in result.output
    assert (tmp_path / "PrintEscrow.json").read_text() == "{}", "a check writes nothing"


ORIGINAL_DIFFERENCES = compiler.differences


def test_the_build_is_up_to_date(compiled: dict[str, str]) -> None:
    assert compiler.differences(compiled) == []


def test_checksums_are_those_of_the_sources() -> None:
    lines = (BUILD / SOURCES_FILE).read_text().splitlines()
    named = dict(reversed(line.split("  ")) for line in lines)
    files = {path.relative_to(ROOT).as_posix() for path in HERE.glob("src/**/*.sol")}
    assert files <= set(named)
    assert named == {name: hashlib.sha256((ROOT / name).read_bytes()).hexdigest() for name in named}


def test_an_import_that_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiler, "ROOT", tmp_path)
    monkeypatch.setattr(compiler, "HERE", tmp_path / "contracts")
    (tmp_path / "foundry.toml").write_text((ROOT / "foundry.toml").read_text())
    (tmp_path / "contracts" / "src").mkdir(parents=True)
    wanting = tmp_path / "contracts" / "src" / "A.sol"
    wanting.write_text('import {MerkleProof} from "@openzeppelin/contracts/utils/Missing.sol";\n')
    with pytest.raises(
        CompileFailed, match=r"@openzeppelin/contracts/utils/Missing\.sol is not there: npm ci"
    ):
        compiler.sources()


@pytest.mark.parametrize("name", CONTRACTS)
def test_the_build_holds_no_path_of_a_machine(name: str) -> None:
    text = (BUILD / f"{name}.json").read_text()
    assert str(HERE.parent) not in text
    code = bytes.fromhex(json.loads(text)["bytecode"][2:])
    assert b".sol" not in code
    assert b"ipfs" not in code


def test_each_contract_fits_a_block(compiled: dict[str, str]) -> None:
    sizes = compiler.sizes(compiled)
    assert set(sizes) == set(CONTRACTS)
    assert all(0 < size < CODE_LIMIT for size in sizes.values())


def test_a_native_compiler_gives_the_same_bytes(compiled: dict[str, str]) -> None:
    solc = native_solc()
    if solc is None:
        pytest.skip(f"no native solc {VERSION} on the PATH or in py-solc-x's folder")
    assert compile_sources(solc) == compiled
