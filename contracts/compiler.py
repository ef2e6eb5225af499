"""Compile `contracts/src` into the committed `contracts/build`, or check that the build is up to date.

The settings are those of `foundry.toml`, so that forge tests exactly what is committed.
"""

import hashlib
import json
import sys
import tomllib
from pathlib import Path
from typing import Any

import click
import solcx

HERE = Path(__file__).parent
BUILD = HERE / "build"
SOURCES_FILE = "sources.sha256"
NPM_SOLC = HERE / "solc.mjs"
CONTRACTS = ("PrintEscrow", "ProvenanceAnchor")
CODE_LIMIT = 24_576  # bytes, EIP-170


class CompileFailed(Exception):
    """The compiler could not be run, or refused the sources."""


def sources() -> dict[str, str]:
    """Text of every source, by its name relative to `contracts/`: no machine's path enters the build."""
    return {path.relative_to(HERE).as_posix(): path.read_text() for path in sorted(HERE.glob("src/**/*.sol"))}


def standard_input() -> dict[str, Any]:
    """The compiler's standard JSON input."""
    profile = _profile()
    outputs = [
        "abi",
        "evm.bytecode.object",
        "evm.deployedBytecode.object",
        "evm.deployedBytecode.immutableReferences",
    ]
    return {
        "language": "Solidity",
        "sources": {name: {"content": text} for name, text in sources().items()},
        "settings": {
            "optimizer": {"enabled": profile["optimizer"], "runs": profile["optimizer_runs"]},
            "viaIR": profile["via_ir"],
            "evmVersion": profile["evm_version"],
            "metadata": {"bytecodeHash": profile["bytecode_hash"]},
            "outputSelection": {f"src/{name}.sol": {name: outputs} for name in CONTRACTS},
        },
    }


def _profile() -> dict[str, Any]:
    """The profile of `foundry.toml` under which forge compiles what is deployed."""
    default = tomllib.loads((HERE / "foundry.toml").read_text())["profile"]["default"]
    [deployed] = default["additional_compiler_profiles"]
    return {**default, **deployed}


def compile_sources(solc: Path = NPM_SOLC) -> dict[str, str]:
    """Compile with the solc command at `solc`.

    Returns the text of each file of the build, by file name. Raises CompileFailed.
    """
    try:
        output = solcx.compile_standard(standard_input(), solc_binary=solc)
    except (OSError, solcx.exceptions.SolcError) as error:
        raise CompileFailed(
            f"{solc} could not compile (npm ci installs the npm solc, which needs node): {error}"
        ) from error
    files = {
        f"{name}.json": _artifact(name, output["contracts"][f"src/{name}.sol"][name]) for name in CONTRACTS
    }
    return {**files, SOURCES_FILE: source_checksums()}


def _artifact(name: str, compiled: dict[str, Any]) -> str:
    deployed = compiled["evm"]["deployedBytecode"]
    references = [place for places in deployed["immutableReferences"].values() for place in places]
    artifact = {
        "contract": name,
        "abi": compiled["abi"],
        "bytecode": "0x" + compiled["evm"]["bytecode"]["object"],
        "deployed_bytecode": "0x" + deployed["object"],
        "immutables": sorted(references, key=lambda place: int(place["start"])),
    }
    return json.dumps(artifact, indent=1) + "\n"


def source_checksums() -> str:
    """SHA-256 of every source, in the format of `sha256sum`, names relative to `contracts/`."""
    return "".join(
        f"{hashlib.sha256(text.encode()).hexdigest()}  {name}\n" for name, text in sources().items()
    )


def differences(files: dict[str, str], build: Path = BUILD) -> list[str]:
    """Names of the files in which a fresh compilation differs from the build."""
    there = {path.name for path in build.iterdir()} if build.is_dir() else set()
    changed = {
        name for name, text in files.items() if name not in there or (build / name).read_text() != text
    }
    return sorted(changed | (there - set(files)))


def sizes(files: dict[str, str]) -> dict[str, int]:
    """Bytes of deployed code of each contract."""
    codes = {name: json.loads(files[f"{name}.json"])["deployed_bytecode"] for name in CONTRACTS}
    return {name: len(code) // 2 - 1 for name, code in codes.items()}


@click.command()
@click.option(
    "--solc", type=click.Path(path_type=Path, exists=True), default=NPM_SOLC, help="A solc command."
)
@click.option("--check", is_flag=True, help="Compare with the build and change nothing.")
def main(solc: Path, check: bool) -> None:
    """Write the build; or, with --check, exit 1 and name what differs from it."""
    try:
        files = compile_sources(solc)
    except CompileFailed as error:
        sys.exit(str(error))
    for name, size in sizes(files).items():
        click.echo(f"{name:20} {size:6,} of {CODE_LIMIT:,} bytes ({size / CODE_LIMIT:.0%})")
    if check:
        changed = differences(files)
        if changed:
            sys.exit(f"contracts/build differs in {', '.join(changed)}: run python -m contracts.compiler.")
        return
    BUILD.mkdir(exist_ok=True)
    for name, text in files.items():
        (BUILD / name).write_text(text)


if __name__ == "__main__":
    main()
