"""What follows from the stored logs alone, in any app: how it is held against them, and written anew."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Difference:
    """One value that is not what it must be. `source` says against what it was held."""

    subject: str
    source: str
    name: str
    stored: Any
    expected: Any

    def __str__(self) -> str:
        return f"{self.subject} {self.name}: stored {self.stored}, by {self.source} it is {self.expected}"


class Projection(Protocol):
    """Rows of an app that its logs decide."""

    name: str

    def differences(self) -> Iterator[Difference]:
        """Each row against what its logs say."""
        ...

    def against_chain(self) -> Iterator[Difference]:
        """What its logs say against what the contracts hold now. Asks the node."""
        ...

    def rebuild(self, *, subjects: Collection[str]) -> None:
        """Write these anew from their logs, inside the caller's atomic block."""
        ...


_projections: list[Projection] = []


def register(projection: Projection) -> None:
    """For an app's `ready()`; twice changes nothing."""
    if projection not in _projections:
        _projections.append(projection)


def projections() -> tuple[Projection, ...]:
    """Those of all apps."""
    return tuple(_projections)
