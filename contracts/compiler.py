"""Compile `contracts/src` into the committed `contracts/build`, or check that the build is up to date.

The settings are those of `foundry.toml`, so that forge tests exactly what is committed.
"""

import hashlib
import json
import posixpath
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import solcx

HERE = Path(__file__).parent
ROOT = HERE.parent
BUILD = HERE / "build"
SOURCES_FILE = "sources.sha256"
NPM_SOLC = HERE / "solc.mjs"
CONTRACTS = ("PrintEscrow", "ProvenanceAnchor")
CODE_LIMIT = 24_576  # bytes, EIP-170
_IMPORT = re.compile(r'^import\b[^;]*?"([^"]+)";', re.MULTILINE)


class CompileFailed(Exception):
    """The compiler could not be run, or refused the sources."""


def sources() -> dict[str, str]:
    """Text of every source and of what they import, by the name forge gives it: relative to the repository.

    Raises CompileFailed where an import is not installed.
    """
    found: dict[str, str] = {}
    wanted = sorted(path.relative_to(ROOT).as_posix() for path in HERE.glob("src/**/*.sol"))
    while wanted:
        name = wanted.pop()
        if name not in found:
            found[name] = _text(name)
            wanted += [_source_name(imported, name) for imported in _IMPORT.findall(found[name])]
    return dict(sorted(found.items()))


def _text(name: str) -> str:
    try:
        return (ROOT / name).read_text()
    except FileNotFoundError as error:
        raise CompileFailed(f"{name} is not there: npm ci installs what the contracts import.") from error


def _source_name(imported: str, importer: str) -> str:
    """The name of a file as an import statement gives it."""
    if imported.startswith("."):
        return posixpath.normpath(posixpath.join(posixpath.dirname(importer), imported))
    prefix, target = next(pair for pair in _remappings() if imported.startswith(pair[0]))
    return target + imported.removeprefix(prefix)


def _remappings() -> list[tuple[str, str]]:
    pairs = [text.partition("=") for text in _profile()["remappings"]]
    return [(prefix, target) for prefix, _, target in pairs]


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
            "remappings": profile["remappings"],
            "optimizer": {"enabled": profile["optimizer"], "runs": profile["optimizer_runs"]},
            "viaIR": profile["via_ir"],
            "evmVersion": profile["evm_version"],
            "metadata": {"bytecodeHash": profile["bytecode_hash"]},
            "outputSelection": {
                "*": {"": ["ast"]},
                **{f"contracts/src/{name}.sol": {name: outputs} for name in CONTRACTS},
            },
        },
    }


def _profile() -> dict[str, Any]:
    """The profile of `foundry.toml` under which forge compiles what is deployed."""
    default = tomllib.loads((ROOT / "foundry.toml").read_text())["profile"]["default"]
    [deployed] = default["additional_compiler_profiles"]
    return {**default, **deployed}


def compile_sources(solc: Path = NPM_SOLC) -> dict[str, str]:
    """Compile with the solc command at `solc`.

    Returns the text of each file of the build, by file name. Raises CompileFailed.
    """
    try:
        output = solcx.compile_standard(standard_input(), solc_binary=solc)
    except OSError as error:
        raise CompileFailed(
            f"{solc} could not be run (npm ci installs the npm solc, which needs node): {error}"
        ) from error
    except solcx.exceptions.SolcError as error:
        raise CompileFailed(f"The sources do not compile:\n{error.message}") from error
    names = dict(_immutable_names([source["ast"] for source in output["sources"].values()]))
    files = {
        f"{name}.json": _artifact(name, output["contracts"][f"contracts/src/{name}.sol"][name], names)
        for name in CONTRACTS
    }
    return {**files, SOURCES_FILE: source_checksums()}


def _immutable_names(nodes: list[Any]) -> Iterator[tuple[str, str]]:
    """The id that the compiler gave each immutable, and its name, from the syntax trees."""
    for node in nodes:
        if isinstance(node, dict):
            if node.get("mutability") == "immutable":
                yield str(node["id"]), node["name"]
            yield from _immutable_names(list(node.values()))
        elif isinstance(node, list):
            yield from _immutable_names(node)


def _artifact(name: str, compiled: dict[str, Any], names: dict[str, str]) -> str:
    deployed = compiled["evm"]["deployedBytecode"]
    references = [
        {"name": names[identity], **place}
        for identity, places in deployed["immutableReferences"].items()
        for place in places
    ]
    artifact = {
        "contract": name,
        "abi": compiled["abi"],
        "bytecode": "0x" + compiled["evm"]["bytecode"]["object"],
        "deployed_bytecode": "0x" + deployed["object"],
        "immutables": sorted(references, key=lambda place: int(place["start"])),
    }
    return json.dumps(artifact, indent=1) + "\n"


def source_checksums() -> str:
    """SHA-256 of every source, in the format of `sha256sum`, names relative to the repository."""
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
