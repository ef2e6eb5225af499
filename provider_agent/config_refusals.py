"""What is wrong with agent.toml, as its owner reads it: file, line, key, what to write, the line itself."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from typing import Final

from provider_agent.errors import ConfigInvalid
from provider_agent.readers import Problem
from provider_agent.toml_places import line_of, places_of

SHOWN_CHARS: Final = 100
SECRETS: Final = ("secret",)
"""Keys whose values go to no terminal and no log."""
_AT_LINE: Final = re.compile(r"at line (\d+)")


def refusal_of(problems: Sequence[Problem], text: str, name: str) -> ConfigInvalid:
    """All problems of a file called `name`, in the order of its lines."""
    places, lines = places_of(text), text.splitlines()
    found = sorted(
        ((line_of(places, problem.place) or 0, problem) for problem in problems), key=lambda pair: pair[0]
    )
    told = [_told(name, line, problem, lines) for line, problem in found]
    head = f"{name} has {len(told)} problems:\n" if len(told) > 1 else ""
    return ConfigInvalid(found[0][1].key, found[0][1].text, head + "\n".join(told))


def refusal_of_toml(error: tomllib.TOMLDecodeError, text: str, name: str) -> ConfigInvalid:
    """A text that is no TOML at all, from the line on at which reading ended."""
    at = _AT_LINE.search(str(error))
    lines = text.splitlines()
    line = int(at[1]) if at else len(lines)
    problem = Problem((), f"not TOML: {error}")
    return ConfigInvalid(problem.key, problem.text, _told(name, line, problem, lines))


def _told(name: str, line: int, problem: Problem, lines: Sequence[str]) -> str:
    key = f" {problem.key}:" if problem.place else ""
    if not 0 < line <= len(lines):
        return f"{name}:{key} {problem.text}"
    shown = lines[line - 1].strip()
    if shown.startswith(SECRETS):
        shown = f"{shown.partition('=')[0].strip()} = ..."
    return f"{name}:{line}:{key} {problem.text}\n    {shown[:SHOWN_CHARS]}"
