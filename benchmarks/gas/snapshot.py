"""The committed figures, and what differs from them."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from benchmarks.gas.measure import Figures, Gas

SNAPSHOT = Path(__file__).parent / "snapshot.json"
RENEW = "Where this is meant, renew the snapshot and the pages: python -m benchmarks.gas --write"
SLACK = 0.01
"""A row may become cheaper by this share before the snapshot counts as out of date."""


def snapshot_read() -> Figures:
    """The committed figures."""
    return Figures(**json.loads(SNAPSHOT.read_text()))


def snapshot_write(figures: Figures) -> None:
    """Replace the committed figures."""
    SNAPSHOT.write_text(json.dumps(asdict(figures), indent=1) + "\n")


def differences(measured: Figures, committed: Figures) -> list[str]:
    """A sentence for each row that rose, fell by more than a hundredth, is new or is gone."""
    return [
        *_differences("", measured.cases, committed.cases),
        *_differences("floor of ", measured.floor, committed.floor),
    ]


def _differences(prefix: str, measured: Gas, committed: Gas) -> Iterator[str]:
    ours, theirs = _rows(measured), _rows(committed)
    for row in {**theirs, **ours}:
        now, before = ours.get(row), theirs.get(row)
        if now is None:
            yield f"{prefix}{row}: is no longer measured"
        elif before is None:
            yield f"{prefix}{row}: {now:,}, is not in the snapshot"
        elif now > before:
            yield f"{prefix}{row}: {now:,}, rose by {now - before:,}"
        elif now < before * (1 - SLACK):
            yield f"{prefix}{row}: {now:,}, fell by {before - now:,}"


def _rows(gas: Gas) -> dict[str, int]:
    return {
        f"{name} ({currency})": value for name, values in gas.items() for currency, value in values.items()
    }
