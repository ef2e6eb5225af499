"""Who is woken once activity rows are committed."""

import logging
from collections.abc import Callable, Iterable, Sequence

from marketplace.activity.models import Activity

Subscriber = Callable[[Sequence[Activity]], None]
_subscribers: dict[str, list[Subscriber]] = {}
logger = logging.getLogger(__name__)


def subscribe(kind: str, fn: Subscriber) -> None:
    """Call `fn` after commit with the activities of this kind, or of every kind for "*".

    For an app's `ready()`. `fn` may only enqueue a task or push a wake-up: what must not be lost is found by
    the sweeps. Subscribing the same function twice changes nothing.
    """
    known = _subscribers.setdefault(kind, [])
    if fn not in known:
        known.append(fn)


def subscribers_wake(activities: Iterable[Activity]) -> None:
    """Call each subscriber with what concerns it of what was written together.

    One that fails is logged and never breaks the write, which is already done.
    """
    activities = list(activities)
    for kind, subscribers in _subscribers.items():
        if concerned := [each for each in activities if kind in ("*", each.kind)]:
            for fn in subscribers:
                _wake(fn, concerned)


def _wake(fn: Subscriber, activities: Sequence[Activity]) -> None:
    try:
        fn(activities)
    except Exception:  # whatever a wake-up hits, the sweeps make up for it
        kinds = ", ".join(sorted({activity.kind for activity in activities}))
        logger.exception("subscriber %s failed on %s", fn.__qualname__, kinds)
