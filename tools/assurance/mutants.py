"""Run by the analysers' own Python: print the mutants of the contracts in a folder.

A JSON list of `{file, function, mutator, start, end, old, new}`; the offsets count bytes. The mutants of
statements, conditions, declarations and assignments are slither-mutate's. Operators inside an expression are
replaced here, one at a time: slither-mutate takes a compound condition for one operator, and what it makes of
it does not compile.
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
from slither.core.expressions.binary_operation import BinaryOperation
from slither.core.expressions.literal import Literal
from slither.core.expressions.type_conversion import TypeConversion
from slither.core.expressions.unary_operation import UnaryOperation
from slither.slithir.operations import Binary
from slither.tools.mutator.mutators import all_mutators
from slither.tools.mutator.mutators.abstract_mutator import AbstractMutator

# FHR puts the whole function in the place of its head, which never compiles; UOR takes whichever variable
# comes first; the others are about operators.
_LEFT_OUT = {
    AbstractMutator,
    all_mutators.FHR,
    all_mutators.AOR,
    all_mutators.BOR,
    all_mutators.LOR,
    all_mutators.ROR,
    all_mutators.UOR,
}
_FALSE, _TRUE = "false", "true"
# For a comparison three replacements are enough: a test that kills them kills the others (Kaminski, Ammann,
# Offutt, "Improving Logic-Based Testing", 2013).
_INSTEAD = {
    "<": ("<=", "!=", _FALSE),
    ">": (">=", "!=", _FALSE),
    "<=": ("<", "==", _TRUE),
    ">=": (">", "==", _TRUE),
    "==": ("<=", ">=", _FALSE),
    "!=": ("<", ">", _TRUE),
    "+": ("-", "*", "/", "%"),
    "-": ("+", "*", "/", "%"),
    "*": ("+", "-", "/", "%"),
    "/": ("+", "-", "*", "%"),
    "%": ("+", "-", "*", "/"),
    "&": ("|",),
    "|": ("&",),
    "<<": (">>",),
    ">>": ("<<",),
    "&&": ("||",),
    "||": ("&&",),
}
# Beside a zero, of an unsigned number or an address.
_SAME_OF_ZERO = {("!=", ">"), ("==", "<=")}


def main() -> None:
    """Analyse what was compiled into `out`, and print."""
    logging.disable(logging.ERROR)
    root = Path(sys.argv[1]).resolve()
    slither = Slither(str(root), ignore_compile=True, foundry_out_directory="out")
    mutants: dict[tuple[object, ...], dict[str, Any]] = {}  # two mutators may make the same
    for unit in slither.compilation_units:
        for contract in unit.contracts:
            path = Path(contract.source_mapping.filename.absolute)
            if not contract.is_interface and path.is_relative_to(root / "contracts" / "src"):
                for mutant in _mutants(unit, contract, path):
                    mutant["file"] = path.relative_to(root).as_posix()
                    place = (mutant["file"], mutant["start"], mutant["end"], mutant["new"])
                    mutants.setdefault(place, mutant)
    print(json.dumps(list(mutants.values())))


def _mutants(unit: Any, contract: Any, path: Path) -> Iterator[dict[str, Any]]:
    source = path.read_bytes()
    kinds = [kind for _, kind in inspect.getmembers(all_mutators, inspect.isclass)]
    mutators: list[Any] = [
        kind for kind in kinds if issubclass(kind, AbstractMutator) and kind not in _LEFT_OUT
    ]
    for function in contract.functions_and_modifiers_declared:
        for node in function.nodes:
            patches = itertools.chain(
                _operators(node), *(_patches(kind, unit, contract, function, node) for kind in mutators)
            )
            for mutator, start, end, old, new in patches:
                # What a contract inherits is given with places in its base's file: it has its turn there.
                if source[start:end].decode(errors="replace") == old and not _is_idle(old, new):
                    yield {
                        "function": _function_at(contract, start),
                        "mutator": mutator,
                        "start": start,
                        "end": end,
                        "old": old,
                        "new": new,
                    }


def _patches(
    kind: Any, unit: Any, contract: Any, function: Any, node: Any
) -> Iterator[tuple[str, int, int, str, str]]:
    """What a mutator of slither's makes of one node of a function: nothing where it trips over the node."""
    mutator = kind(unit, 0, "", "", contract, None, False, Path(), [])
    mutator.should_mutate_function = partial(operator.is_, function)
    mutator.should_mutate_node = partial(operator.is_, node)
    try:
        found: dict[str, list[dict[str, Any]]] = mutator._mutate().get("patches", {})
    except (AttributeError, IndexError):
        return
    for patch in itertools.chain.from_iterable(found.values()):
        yield kind.NAME, patch["start"], patch["end"], patch["old_string"], patch["new_string"]


def _operators(node: Any) -> Iterator[tuple[str, int, int, str, str]]:
    """Each expression of two sides with another operator between them, or decided; each count downwards."""
    for ir in node.irs:
        expression = ir.expression
        if not isinstance(ir, Binary) or not isinstance(expression, UnaryOperation | BinaryOperation):
            continue
        whole, text = expression.source_mapping, expression.source_mapping.content
        if isinstance(expression, UnaryOperation):
            yield "OR", whole.start, whole.start + whole.length, text, text.replace("++", "--")
            continue
        left, right = (
            side.source_mapping for side in (expression.expression_left, expression.expression_right)
        )
        between = slice(left.start + left.length - whole.start, right.start - whole.start)
        symbol = str(expression.type)
        if text[between].count(symbol) != 1:
            continue  # in assembly, an operator is a call
        for other in _INSTEAD.get(symbol, ()):
            if (symbol, other) in _SAME_OF_ZERO and _is_zero(expression.expression_right):
                continue
            changed = text[: between.start] + text[between].replace(symbol, other) + text[between.stop :]
            new = other if other in (_TRUE, _FALSE) else changed
            yield "OR", whole.start, whole.start + whole.length, text, new


def _is_zero(expression: Any) -> bool:
    if isinstance(expression, TypeConversion):
        expression = expression.expression
    return isinstance(expression, Literal) and str(expression.value) == "0"


def _is_idle(old: str, new: str) -> bool:
    """No change, or a constant that is an immutable instead: the same value."""
    return new in (old, old.replace(" constant ", " immutable "))


def _function_at(contract: Any, offset: int) -> str:
    for function in contract.functions_and_modifiers_declared:
        place = function.source_mapping
        if place.start <= offset < place.start + place.length:
            return "" if function.is_constructor_variables else str(function.name)
    return ""


if __name__ == "__main__":
    main()
