"""A mutant: one small fault in one source."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tools.assurance import place

GENERATOR = Path(__file__).with_name("mutants.py")


class Outcome(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    SURVIVED = "survived"
    INVALID = "does not compile"


@dataclass(frozen=True)
class Mutant:
    """Bytes `start` to `end` of `file` become `new`. `place` names it in words that survive other changes."""

    file: str
    function: str
    mutator: str
    start: int
    end: int
    new: str
    place: str

    def applied(self, source: bytes) -> bytes:
        """The source with the fault in it."""
        return source[: self.start] + self.new.encode() + source[self.end :]


def generated(copy: Path) -> list[Mutant]:
    """Every mutant of the contracts in a copy. Raises ToolMissing, ToolFailed."""
    python = place.analyser("python")
    built = place.run([place.forge(), "build", "--force", "--build-info", place.SOURCES], copy, "coverage")
    if built.returncode:
        raise place.failed("the contracts do not compile", built)
    done = place.run([python, GENERATOR, "."], copy, "coverage")
    if done.returncode:
        raise place.failed("slither made no mutants", done)
    raw = json.loads(done.stdout)
    seen: Counter[str] = Counter()
    mutants = []
    for entry in raw:
        name = _place(entry)
        seen[name] += 1
        if seen[name] > 1:
            name += f" #{seen[name]}"
        mutants.append(
            Mutant(
                **{key: entry[key] for key in ("file", "function", "mutator", "start", "end", "new")},
                place=name,
            )
        )
    return mutants


def _place(entry: dict[str, str]) -> str:
    old, new = (" ".join(entry[key].split()) for key in ("old", "new"))
    return f"{entry['file']} {entry['function'] or '(declarations)'}: {old} => {new}"
