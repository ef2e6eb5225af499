"""What a row of the table is."""

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.gas.story import Story

NATIVE, ERC20 = "native", "ERC-20"
CURRENCIES = (NATIVE, ERC20)


@dataclass(frozen=True)
class Case:
    """A call under named circumstances.

    `name` begins with the function's; `floor` is the least work of its kind.
    """

    name: str
    floor: str
    play: Callable[[Story], int]
    currencies: tuple[str, ...] = CURRENCIES

    @property
    def function(self) -> str:
        """The function that is called."""
        return self.name.partition(",")[0]
