"""What an agent may send, and how fast. Pure: the clock is passed in."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from marketplace.monitoring.errors import MessageTooFast, MessageTooLarge, MessageUnknown
from protocol.errors import Malformed
from protocol.statuses import PrinterStatus

MESSAGE_LIMIT_BYTES = 65_536
SAMPLES_AT_ONCE = 100
MESSAGES_PER_SECOND, MESSAGES_BURST = 100.0, 3_000.0
"""A sample counts as a message: room for a hundred printers at a sample a second, and for what they sent in
half a minute in which we read nothing, as when the database is away: it is all read at once then."""
COMPLAINTS_PER_SECOND, COMPLAINTS_BURST = 0.1, 30.0
"""Refused messages a connection may have; beyond that it is closed."""


Check = Callable[[Any], bool]
Member = tuple[Check, str]
"""Whether a value will do, and what is expected. Plain functions: a sample comes thousands of times a second,
and a serializer takes longer to check it than the database to keep it."""
_DIGEST = re.compile(r"0x[0-9a-f]{64}")
_STATUSES = frozenset(status.value for status in PrinterStatus)


def _number(least: float, most: float) -> Member:
    return (
        lambda value: type(value) in (int, float) and least <= value <= most,
        f"a number, {least} to {most}",
    )


def _whole(least: int, most: int) -> Member:
    return lambda value: type(value) is int and least <= value <= most, f"a whole number, {least} to {most}"


def _is_digest(value: Any) -> bool:
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None


def _is_place(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 3
        and all(type(each) is int and -(10**8) <= each <= 10**8 for each in value)
    )


REQUIRED: Mapping[str, Member] = {
    "printer": (_is_digest, "0x and 64 small hex digits"),
    "status": (lambda value: isinstance(value, str) and value in _STATUSES, "a printer's status"),
    "observed_at": _whole(0, 2**33),
}
OPTIONAL: Mapping[str, Member] = {
    "agreement": (_is_digest, "0x and 64 small hex digits"),
    "progress": _number(0, 1),
    "layer": _whole(0, 10**6),
    "nozzle_c": _number(-100, 1000),
    "bed_c": _number(-100, 1000),
    "position_um": (_is_place, "three whole numbers"),
}
"""Of one sample of one printer: temperatures in Celsius, positions in micrometres, times epoch seconds."""


def message_of(text: str | None) -> dict[str, Any]:
    """The JSON object an agent sent. Raises MessageTooLarge, Malformed."""
    if text is None:
        raise Malformed("expected a text frame with a JSON object")
    if len(text.encode()) > MESSAGE_LIMIT_BYTES:
        raise MessageTooLarge(MESSAGE_LIMIT_BYTES)
    try:
        message = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"not JSON: {error}") from error
    if not isinstance(message, dict):
        raise Malformed("expected a JSON object")
    return message


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def telemetry_of(message: dict[str, Any]) -> list[dict[str, Any]]:
    """Checked samples. Raises Malformed naming the first member that is wrong, MessageUnknown."""
    if message.get("type") != "telemetry":
        raise MessageUnknown("Known types are telemetry and heartbeat.")
    samples = message.get("samples")
    if not isinstance(samples, list) or not 1 <= len(samples) <= SAMPLES_AT_ONCE:
        raise Malformed(f"expected a list of 1 to {SAMPLES_AT_ONCE} samples", "telemetry.samples")
    return [_sample(sent, f"telemetry.samples.{number}") for number, sent in enumerate(samples)]


def _sample(sent: Any, place: str) -> dict[str, Any]:
    """A checked sample, without what is not known. Raises Malformed."""
    if not isinstance(sent, dict):
        raise Malformed("expected an object", place)
    checked = {name: sent.get(name) for name in (*REQUIRED, *OPTIONAL)}
    for name, (is_right, expected) in REQUIRED.items():
        if not is_right(checked[name]):
            raise Malformed(f"expected {expected}", f"{place}.{name}")
    for name, (is_right, expected) in OPTIONAL.items():
        if checked[name] is not None and not is_right(checked[name]):
            raise Malformed(f"expected {expected}, or null", f"{place}.{name}")
    return checked


@dataclass
class Allowance:
    """A token bucket: `burst` messages at once, `per_second` in the long run. `now` is a monotonic clock."""

    per_second: float
    burst: float
    left: float = field(init=False)
    at: float | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.left = self.burst

    def take(self, now: float, count: int = 1) -> None:
        """Raises MessageTooFast when less is left, and takes nothing then."""
        passed = 0.0 if self.at is None else max(now - self.at, 0)
        self.left, self.at = min(self.burst, self.left + passed * self.per_second), now
        if self.left < count:
            raise MessageTooFast(self.per_second)
        self.left -= count


@dataclass
class Every:
    """Lets one thing a name through every `seconds`, or at once when its `mark` changed.

    `spread` gives, when a name comes first, the share of `seconds` that counts as gone by then: what begins
    together does not come together for ever.
    """

    seconds: float
    spread: Callable[[], float] = lambda: 0.0
    last: dict[str, tuple[float, str]] = field(default_factory=dict)

    def due(self, name: str, now: float, mark: str = "") -> bool:
        """Whether it is time for `name`; if so, the time counts from now."""
        at, seen = self.last.get(name, (None, mark))
        if at is not None and now - at < self.seconds and seen == mark:
            return False
        self.last[name] = (now if at is not None else now - self.seconds * self.spread(), mark)
        return True
