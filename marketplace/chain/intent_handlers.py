"""How an app hears of the fate of the intents it wanted."""

from typing import Protocol

from marketplace.chain.intent_rules import kind_of
from marketplace.chain.models import Intent


class IntentHandler(Protocol):
    """Runs inside the atomic block in which the status changes; an exception undoes the change.

    `intent.status` is the new one. MINED may be taken back (to SENT); FINAL, FAILED and EXPIRED are ends.
    """

    def __call__(self, *, intent: Intent) -> None: ...


_handlers: dict[str, list[IntentHandler]] = {}


def intents_register(kind: str, fn: IntentHandler) -> None:
    """Call `fn(intent=)` whenever an intent whose key begins with `kind:` changes its status.

    For an app's `ready()`; twice changes nothing.
    """
    known = _handlers.setdefault(kind, [])
    if fn not in known:
        known.append(fn)


def intent_handlers_call(*, intent: Intent) -> None:
    """Call every handler of the intent's kind, in the order they were registered."""
    for fn in _handlers.get(kind_of(intent.key), ()):
        fn(intent=intent)
