"""What an agent may send, and how fast. Pure: the clock is passed in."""

import json
from dataclasses import dataclass, field
from typing import Any, NoReturn

from rest_framework import serializers

from marketplace.monitoring.errors import MessageTooFast, MessageTooLarge, MessageUnknown
from protocol.errors import Malformed
from protocol.statuses import PrinterStatus

MESSAGE_LIMIT_BYTES = 65_536
SAMPLES_AT_ONCE = 100
MESSAGES_PER_SECOND, MESSAGES_BURST = 100.0, 300.0
"""A sample counts as a message: room for a hundred printers at a sample a second."""
COMPLAINTS_PER_SECOND, COMPLAINTS_BURST = 0.1, 30.0
"""Refused messages a connection may have; beyond that it is closed."""


class Telemetry(serializers.Serializer[dict[str, Any]]):
    """One sample of one printer: temperatures in Celsius, positions in micrometres, times epoch seconds."""

    printer = serializers.RegexField(r"^0x[0-9a-f]{64}$")
    agreement = serializers.RegexField(r"^0x[0-9a-f]{64}$", allow_null=True, default=None)
    status = serializers.ChoiceField([status.value for status in PrinterStatus])
    progress = serializers.FloatField(min_value=0, max_value=1, allow_null=True, default=None)
    layer = serializers.IntegerField(min_value=0, max_value=10**6, allow_null=True, default=None)
    nozzle_c = serializers.FloatField(min_value=-100, max_value=1000, allow_null=True, default=None)
    bed_c = serializers.FloatField(min_value=-100, max_value=1000, allow_null=True, default=None)
    position_um = serializers.ListField(
        child=serializers.IntegerField(min_value=-(10**8), max_value=10**8),
        min_length=3,
        max_length=3,
        allow_null=True,
        default=None,
    )
    observed_at = serializers.IntegerField(min_value=0, max_value=2**33)


class Report(serializers.Serializer[dict[str, Any]]):
    """Samples of an agent's printers, in the order in which they were taken."""

    samples = serializers.ListField(child=Telemetry(), min_length=1, max_length=SAMPLES_AT_ONCE)


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
    sent = Report(data=message)
    if not sent.is_valid():
        place, problem = _first(sent.errors)
        raise Malformed(problem, f"telemetry.{place}")
    return [dict(sample) for sample in sent.validated_data["samples"]]


def _first(errors: Any) -> tuple[str, str]:
    """Where the first problem is, like samples.0.status, and what it is."""
    if isinstance(errors, list):
        return "", str(errors[0])
    name, inner = next(iter(errors.items()))
    place, problem = _first(inner)
    return f"{name}.{place}".rstrip("."), problem


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
    """Lets one thing a name through every `seconds`, or at once when its `mark` changed."""

    seconds: float
    last: dict[str, tuple[float, str]] = field(default_factory=dict)

    def due(self, name: str, now: float, mark: str = "") -> bool:
        """Whether it is time for `name`; if so, the time counts from now."""
        at, seen = self.last.get(name, (float("-inf"), mark))
        if now - at < self.seconds and seen == mark:
            return False
        self.last[name] = (now, mark)
        return True
