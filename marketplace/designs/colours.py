"""Names of colours, as providers list what they have. Pure."""

from typing import Final

NAMES: Final[dict[str, tuple[int, int, int]]] = {
    "black": (0, 0, 0), "white": (255, 255, 255), "grey": (128, 128, 128), "red": (220, 20, 20),
    "orange": (255, 128, 0), "yellow": (255, 225, 0), "green": (0, 140, 50), "blue": (20, 60, 220),
    "purple": (128, 0, 160), "pink": (255, 120, 180), "brown": (120, 70, 30),
}  # fmt: skip


def colour_name(shown: str) -> str:
    """The name nearest to a colour "#rrggbb"; empty for none."""
    if not shown:
        return ""
    wanted = tuple(int(shown[at : at + 2], 16) for at in (1, 3, 5))
    return min(NAMES, key=lambda name: _apart(NAMES[name], wanted))


def _apart(one: tuple[int, ...], other: tuple[int, ...]) -> int:
    """How far apart two colours are to the eye, roughly."""
    return sum(weight * (a - b) ** 2 for weight, a, b in zip((2, 4, 3), one, other, strict=True))
