"""Names of parts, as a file gives them and as they are shown."""

from typing import Final

LIMIT: Final = 120


def part_name(given: str) -> str:
    """No folders, no control or direction characters, not empty, and short enough for a column."""
    base = given.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    shown = "".join(letter for letter in base if letter.isprintable()).strip(" .")
    return shown[:LIMIT] or "part"
