"""The benchmark's own contracts, compiled by the project's compiler under the project's settings."""

from typing import Any, NamedTuple

import solcx

from contracts.compiler import NPM_SOLC, ROOT, standard_input

FOLDER = "benchmarks/gas"


class Compiled(NamedTuple):
    """What a deployment needs."""

    abi: list[dict[str, Any]]
    bytecode: str


def compile_helpers() -> dict[str, Compiled]:
    """Floor and the tokens, by contract name."""
    names = [f"{FOLDER}/{name}.sol" for name in ("Floor", "Tokens")]
    outputs = {"*": ["abi", "evm.bytecode.object"]}
    request = {
        "language": "Solidity",
        "sources": {name: {"content": (ROOT / name).read_text()} for name in names},
        "settings": {**standard_input()["settings"], "outputSelection": dict.fromkeys(names, outputs)},
    }
    output = solcx.compile_standard(request, solc_binary=NPM_SOLC, base_path=ROOT)
    return {
        name: Compiled(found["abi"], found["evm"]["bytecode"]["object"])
        for source in names
        for name, found in output["contracts"][source].items()
    }
