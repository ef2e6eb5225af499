"""What other apps do when logs of the contracts are seen, become final or are taken back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Protocol

from marketplace.chain.rows import LogRow


@dataclass(frozen=True)
class Changed:
    """What one move of the follower did to the stored logs, each in chain order.

    `removed` are gone already; `added` may hold what is final at once; `final` became so now. A log that
    moved to another block is among the removed and the added.
    """

    removed: Sequence[LogRow] = ()
    added: Sequence[LogRow] = ()
    final: Sequence[LogRow] = ()

    def only(self, names: frozenset[str]) -> "Changed":
        """The same of logs with these names."""
        some = ([row for row in rows if row.name in names] for rows in (self.removed, self.added, self.final))
        return Changed(*some)

    @property
    def agreements(self) -> set[str]:
        """The agreements that any of them names."""
        return {row.agreement for row in chain(self.removed, self.added, self.final)} - {""}

    def __bool__(self) -> bool:
        return bool(self.removed or self.added or self.final)


class Handler(Protocol):
    """Runs inside the follower's atomic block; an exception undoes it and stops the follower there."""

    def __call__(self, *, changed: Changed) -> None: ...


_handlers: list[tuple[frozenset[str], Handler]] = []


def register(log_names: Iterable[str], fn: Handler) -> None:
    """Call `fn(changed=)` once for each move that touches logs of these names. For an app's `ready()`.

    Registering the same twice changes nothing.
    """
    entry = (frozenset(log_names), fn)
    if entry not in _handlers:
        _handlers.append(entry)


def handlers_call(*, changed: Changed) -> None:
    """Call every handler that one of the logs concerns, in the order they were registered."""
    for names, fn in _handlers:
        if some := changed.only(names):
            fn(changed=some)
