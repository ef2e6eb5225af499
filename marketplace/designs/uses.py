"""Who still needs a design. Apps above this one register what they know, as they load."""

from collections.abc import Callable
from typing import Final
from uuid import UUID

Use = Callable[[UUID], str]
"""Says in words why a design is still needed; empty if it is not. Asked under the lock of the design's
row."""

_USES: Final[dict[str, Use]] = {}


def use_register(name: str, use: Use) -> None:
    """For an app's ready()."""
    _USES[name] = use


def uses_of(design: UUID) -> list[str]:
    """Every reason for which a design is still needed."""
    return [reason for use in _USES.values() if (reason := use(design))]
