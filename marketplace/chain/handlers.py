"""What other apps do when a log of the escrow is seen, becomes final or is taken back."""

from typing import Literal, Protocol

from marketplace.chain.models import Log

Change = Literal["seen", "final", "removed"]


class Handler(Protocol):
    """Runs inside the follower's atomic block; an exception undoes it and stops the follower there."""

    def __call__(self, *, log: Log, change: Change) -> None: ...


_handlers: dict[str, list[Handler]] = {}


def register(log_name: str, fn: Handler) -> None:
    """Call `fn(log=, change=)` for each log of this name. For an app's `ready()`; twice changes nothing.

    On "removed" the row is already gone from the database; `log` still carries its values.
    """
    known = _handlers.setdefault(log_name, [])
    if fn not in known:
        known.append(fn)


def handlers_call(*, log: Log, change: Change) -> None:
    """Call every handler of the log's name, in the order they were registered."""
    for fn in _handlers.get(log.name, ()):
        fn(log=log, change=change)
