"""Which records tell how long a finished print took. Pure.

Records are a provider's own word: what is malformed, impossible or of somebody else's printer tells nothing,
and each copy counts once, by the first record of it. Neither does a plate of several copies: what is expected
is that of a copy printed alone, warming up included, so their sum would make its printer look fast.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from marketplace.providers.rules import TimedPrint
from protocol.evidence import Kind

LONGEST_S: Final = 100 * 24 * 60 * 60
"""No print takes longer."""
TELLING: Final = (Kind.PAUSED, Kind.PRINT_FINISHED)


class Told(NamedTuple):
    """One record of a provider's log, as far as it concerns prints."""

    kind: str
    payload: Mapping[str, Any]
    digest: str
    observed_at: datetime


class Making(NamedTuple):
    """What an agreement lets its provider print on the printer of this serial. `expected` has, by a part's
    salted digest, the seconds of one copy and how many copies there are in all."""

    agreement: str
    provider: str
    serial: str
    expected: Mapping[str, tuple[float, int]]


def prints_told(records: Iterable[Told], making: Making) -> Iterator[TimedPrint]:
    """The finished prints that tell how long a printer takes, from a log's records in their order."""
    paused: set[str] = set()
    seen: set[tuple[str, int]] = set()
    for record in records:
        attempt = str(record.payload.get("attempt"))
        if record.kind == Kind.PAUSED:
            paused.add(attempt)
        elif record.kind == Kind.PRINT_FINISHED:
            timed = _timed(record, making, paused=attempt in paused)
            if timed and (timed.model, timed.copy) not in seen:
                seen.add((timed.model, timed.copy))
                yield timed


def _timed(record: Told, making: Making, *, paused: bool) -> TimedPrint | None:
    payload = record.payload
    model, copy = str(payload.get("model")), payload.get("copy")
    expected, copies = making.expected.get(model, (0.0, 0))
    taken = taken_seconds(payload, paused=paused)
    if "items" in payload:
        return None
    if payload.get("printer") != making.serial or type(copy) is not int or not 0 <= copy < copies:
        return None
    if taken is None or not 0 < expected <= LONGEST_S:
        return None
    return TimedPrint(
        agreement=making.agreement,
        model=model,
        copy=copy,
        provider_id=making.provider,
        serial=making.serial,
        record=record.digest,
        expected_s=expected,
        taken_s=taken,
        finished_at=record.observed_at,
    )


def taken_seconds(payload: Mapping[str, Any], *, paused: bool) -> float | None:
    """How long the printer was at work, without pauses. None where that cannot be known, as when a print was
    `paused` and its record does not say for how long."""
    pause = _time(payload.get("paused_seconds", None if paused else 0))
    whole = _time(payload.get("print_seconds"))
    return whole - pause if whole is not None and pause is not None and whole > pause else None


def _time(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value <= LONGEST_S else None
