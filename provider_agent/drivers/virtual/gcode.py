"""G-code as text: one line in, one command out. Streams, keeps nothing."""

from __future__ import annotations

import re
from typing import NamedTuple

from protocol.errors import InfillError

_CHATTY = frozenset({"M16", "M23", "M28", "M30", "M32", "M117", "M118", "M486", "M862"})
_USUAL = re.compile(r"G[01](?: [XYZEF]-?\d+\.?\d*)+\s*\Z")
_WORD = re.compile(r"([A-Z])\s*([-+]?(?:\d+\.?\d*|\.\d+))?")
_CHECKSUM = re.compile(r"\*\d+\s*$")
_PARENTHESES = re.compile(r"\([^)]*\)")
_LINE_NUMBER = re.compile(r"N\d+\s*")
_PLAIN = re.compile(r"[-+.\dA-Z\s]*\Z")


class MalformedGcode(InfillError):
    """A line that no printer can carry out."""

    code = "malformed-gcode"


class Command(NamedTuple):
    """`code` such as "G1" or "M104"; `words` its parameters by letter (a bare letter is 0)."""

    code: str
    words: dict[str, float]


def parse_line(line: str) -> Command | None:
    """The command on a line, None for an empty line, a comment or a message to people.

    Raises MalformedGcode for a word that is not a letter with a plain decimal number.
    """
    if _USUAL.match(line):
        words = line.split()
        return Command(words[0], {word[0]: float(word[1:]) for word in words[1:]})
    return _parse_thoroughly(line.partition(";")[0])


def _parse_thoroughly(text: str) -> Command | None:
    text = _CHECKSUM.sub("", _PARENTHESES.sub("", text)).strip().upper()
    text = _LINE_NUMBER.sub("", text, count=1) if text.startswith("N") else text
    if not text or text[0] not in "GMT":
        return None
    found = [(match[1], match[2]) for match in _WORD.finditer(text)]
    letter, number = found[0] if found else ("", "")
    if not number:
        raise MalformedGcode(f"not a command: {text[:60]!r}")
    code = f"{letter}{float(number):g}"
    if code.partition(".")[0] in _CHATTY:
        return None
    if not _PLAIN.match(text) or _WORD.sub("", text).strip():
        raise MalformedGcode(f"a word is not a letter and a number: {text[:60]!r}")
    return Command(code, {key: float(value or 0) for key, value in found[1:]})
