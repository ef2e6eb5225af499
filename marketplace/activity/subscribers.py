"""Who is woken once an activity row is committed."""

import logging
from collections.abc import Callable

from marketplace.activity.models import Activity

Subscriber = Callable[[Activity], None]
_subscribers: dict[str, list[Subscriber]] = {}
logger = logging.getLogger(__name__)


def subscribe(kind: str, fn: Subscriber) -> None:
    """Call `fn` after commit for each activity of this kind, or of every kind for "*".

    For an app's `ready()`. `fn` may only enqueue a task or push a wake-up: what must not be lost is found by
    the sweeps. Subscribing the same function twice changes nothing.
    """
    known = _subscribers.setdefault(kind, [])
    if fn not in known:
        known.append(fn)


def subscribers_wake(activity: Activity) -> None:
    """Call each subscriber; one that fails is logged and never breaks the write, which is already done."""
    for fn in (*_subscribers.get(activity.kind, ()), *_subscribers.get("*", ())):
        try:
            fn(activity)
        except Exception:  # whatever a wake-up hits, the sweeps make up for it
            logger.exception("subscriber %s failed on %s", fn.__qualname__, activity)
