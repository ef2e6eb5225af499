"""Whether a printer may be given a file of G-code: a list of allowed commands, each within bounds.

Firmware differ in how they read what is unusual: lower case, words without spaces between, line numbers and
checksums, comments in parentheses, a carriage return inside a line. So lines of one plain form are read, and
everything else is refused: a command that is not on the list cannot hide in a form that we read otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import BinaryIO

from provider_agent.slicing.errors import GcodeRefused
from provider_agent.slicing.gcode_head import Head, Limits, OutOfBounds, Words

MOST_LINE_BYTES = 4096
MOST_COMMAND_BYTES = 95
"""What fits into the buffer of the smallest firmware: it cuts off the rest."""

_NUMBER = rb"-?(?:\d{1,7}(?:\.\d{0,8})?|\.\d{1,8})"
_MOVE = re.compile(
    rb"G[01](?: F(N))?(?: X(N))?(?: Y(N))?(?: Z(N))?(?: E(N))?(?: F(N))?\n?\Z".replace(b"N", _NUMBER)
)
_COMMAND = re.compile(rb"([GM]\d{1,3})((?: [A-Z](?:N)?)*)\Z".replace(b"N", _NUMBER))
_COMMENT = re.compile(rb"[\t -~]*\Z")
_BARE = frozenset("XYZ")


def gcode_check(path: Path, limits: Limits) -> None:
    """Read a whole file, line by line. Raises GcodeRefused at the first line that may not be printed."""
    with path.open("rb") as file:
        lines_check(file, limits)


def lines_check(file: BinaryIO, limits: Limits) -> None:
    """The same for an open file."""
    head = Head(limits)
    number, line = 0, b""
    read: Callable[[], bytes] = partial(file.readline, MOST_LINE_BYTES + 1)
    try:
        for line in iter(read, b""):
            number += 1
            if (found := _MOVE.match(line)) is not None:
                early, x, y, z, e, late = (None if word is None else float(word) for word in found.groups())
                if early is not None and late is not None:
                    raise OutOfBounds("one word twice")
                head.move(late if early is None else early, x, y, z, e)
            else:
                _line(head, line)
        for heater, target_c in head.targets.items():
            if target_c:
                raise OutOfBounds(f"the file ends with the {heater} heated to {target_c:g} C")
    except OutOfBounds as error:
        raise GcodeRefused(number, line, str(error)) from error


def _line(head: Head, line: bytes) -> None:
    if len(line) > MOST_LINE_BYTES:
        raise OutOfBounds(f"a line of more than {MOST_LINE_BYTES} bytes")
    command, _, comment = line.removesuffix(b"\n").partition(b";")
    if not _COMMENT.match(comment):
        raise OutOfBounds("a comment of other bytes than plain text")
    command = command.rstrip(b" ")
    if not command:
        return
    if len(command) > MOST_COMMAND_BYTES:
        raise OutOfBounds(f"a command of more than {MOST_COMMAND_BYTES} bytes")
    found = _COMMAND.match(command)
    if found is None:
        raise OutOfBounds("not a command of the plain form, like G1 X10 Y5")
    _carry_out(head, found[1].decode(), found[2].decode().split())


def _carry_out(head: Head, code: str, written: list[str]) -> None:
    if code not in ALLOWED:
        raise OutOfBounds("this command is not on the list of those that are printed")
    may, act = ALLOWED[code]
    words: Words = {}
    for word in written:
        if word[0] in words:
            raise OutOfBounds("one word twice")
        if word[0] not in may or (len(word) == 1) is not (code == "G28"):
            raise OutOfBounds(f"the word {word} does not belong to this command")
        words[word[0]] = float(word[1:] or 0)
    act(head, words)


def _move(head: Head, words: Words) -> None:
    head.move(*(words.get(letter) for letter in "FXYZE"))


def _dwell(head: Head, words: Words) -> None:
    head.dwell(words["S"] if "S" in words else words.get("P", 0.0) / 1000)


def _count(head: Head, words: Words) -> None:
    head.pushed = _one(words, "E")


def _fan(_: Head, words: Words) -> None:
    if not 0 <= _one(words, "S") <= 255:
        raise OutOfBounds("a fan speed beyond 0 to 255")


def _heat(heater: str) -> Callable[[Head, Words], None]:
    return lambda head, words: head.heat(heater, _one(words, "S"))


def _one(words: Words, letter: str) -> float:
    """The word without which a command means something of its own to each firmware."""
    if letter not in words:
        raise OutOfBounds(f"{letter} is missing")
    return words[letter]


ALLOWED: Mapping[str, tuple[frozenset[str], Callable[[Head, Words], None]]] = {
    "G0": (frozenset("XYZEF"), _move),
    "G1": (frozenset("XYZEF"), _move),
    "G2": (frozenset("XYZIJEF"), lambda head, words: head.arc(words, clockwise=True)),
    "G3": (frozenset("XYZIJEF"), lambda head, words: head.arc(words, clockwise=False)),
    "G4": (frozenset("SP"), _dwell),
    "G21": (frozenset(), lambda head, words: setattr(head, "metric", True)),
    "G28": (_BARE, lambda head, words: head.home({"XYZ".index(letter) for letter in words})),
    "G90": (frozenset(), lambda head, words: head.positioning(relative=False)),
    "G91": (frozenset(), lambda head, words: head.positioning(relative=True)),
    "G92": (frozenset("E"), _count),
    "M82": (frozenset(), lambda head, words: head.extruder(relative=False)),
    "M83": (frozenset(), lambda head, words: head.extruder(relative=True)),
    "M84": (frozenset(), lambda head, words: head.motors_off()),
    "M104": (frozenset("S"), _heat("nozzle")),
    "M106": (frozenset("S"), _fan),
    "M107": (frozenset(), lambda head, words: None),
    "M109": (frozenset("S"), _heat("nozzle")),
    "M140": (frozenset("S"), _heat("bed")),
    "M190": (frozenset("S"), _heat("bed")),
}
"""Every command that may be printed, with the words it may have. Inches (G20) and offsets of X, Y and Z (G92)
are not here: a firmware that passes over one of them would move elsewhere than was checked."""
