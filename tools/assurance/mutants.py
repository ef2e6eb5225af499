"""Run by the analysers' own Python: print the mutants of slither-mutate for the contracts in a folder.

A JSON list of `{file, function, mutator, start, end, old, new}`; the offsets count bytes.
"""

from __future__ import annotations

import inspect
import itertools
import json
import logging
import operator
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from slither import Slither
from slither.tools.mutator.mutators import all_mutators
from slither.tools.mutator.mutators.abstract_mutator import AbstractMutator

# FHR puts the whole function in the place of its head, which never compiles.
_LEFT_OUT = (AbstractMutator, all_mutators.FHR)


def main() -> None:
    """Analyse what was compiled into `out`, and print."""
    logging.disable(logging.ERROR)
    root = Path(sys.argv[1]).resolve()
    slither = Slither(str(root), ignore_compile=True, foundry_out_directory="out")
    mutants: dict[str, dict[str, Any]] = {}
    for unit in slither.compilation_units:
        for contract in unit.contracts:
            path = Path(contract.source_mapping.filename.absolute)
            if not contract.is_interface and path.is_relative_to(root / "contracts" / "src"):
                for mutant in _mutants(unit, contract, path.relative_to(root).as_posix()):
                    mutants[json.dumps(mutant)] = mutant
    print(json.dumps(list(mutants.values())))


def _mutants(unit: Any, contract: Any, name: str) -> Iterator[dict[str, Any]]:
    kinds = [kind for _, kind in inspect.getmembers(all_mutators, inspect.isclass)]
    mutators: list[Any] = [
        kind for kind in kinds if issubclass(kind, AbstractMutator) and kind not in _LEFT_OUT
    ]
    for function in contract.functions_and_modifiers_declared:
        for node, kind in itertools.product(function.nodes, mutators):
            mutator = kind(unit, 0, "", "", contract, None, False, Path(), [])
            mutator.should_mutate_function = partial(operator.is_, function)
            mutator.should_mutate_node = partial(operator.is_, node)
            for patch in _patches(mutator):
                yield {
                    "file": name,
                    "function": _function_at(contract, patch["start"]),
                    "mutator": kind.NAME,
                    "start": patch["start"],
                    "end": patch["end"],
                    "old": patch["old_string"],
                    "new": patch["new_string"],
                }


def _patches(mutator: Any) -> list[dict[str, Any]]:
    """What a mutator makes of one node of a function: nothing where it trips over the node."""
    try:
        found: dict[str, list[dict[str, Any]]] = mutator._mutate().get("patches", {})
    except (AttributeError, IndexError):
        return []
    return [patch for patches in found.values() for patch in patches]


def _function_at(contract: Any, offset: int) -> str:
    for function in contract.functions_and_modifiers_declared:
        place = function.source_mapping
        if place.start <= offset < place.start + place.length:
            return "" if function.is_constructor_variables else str(function.name)
    return ""


if __name__ == "__main__":
    main()
