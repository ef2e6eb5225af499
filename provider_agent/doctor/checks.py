"""What a check is, and running many of them at once within a time limit."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from protocol.errors import InfillError

SECONDS: Final = 10.0
"""How long one check may take."""


class Verdict(StrEnum):
    """FAILED: the agent cannot work so. WARNING: it can, for now or in part."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True)
class Finding:
    """One line that says what is, and what to do about it; empty where there is nothing to do."""

    verdict: Verdict
    says: str
    todo: str = ""


@dataclass(frozen=True)
class Checked:
    """A check by its name, and what it found."""

    name: str
    finding: Finding


@dataclass(frozen=True)
class Check:
    """`run` may raise InfillError, whose message then says what to do."""

    name: str
    run: Callable[[], Awaitable[Finding]]
    seconds: float = SECONDS


def ok(says: str) -> Finding:
    """Nothing to do."""
    return Finding(Verdict.OK, says)


def warning(says: str, todo: str) -> Finding:
    """Works, but not for long or not wholly."""
    return Finding(Verdict.WARNING, says, todo)


def failed(says: str, todo: str) -> Finding:
    """Does not work."""
    return Finding(Verdict.FAILED, says, todo)


async def checks_run(checks: Sequence[Check]) -> list[Checked]:
    """All at once, answered in their order; none can hold up or break another."""
    findings = await asyncio.gather(*(_run(check) for check in checks))
    return [Checked(check.name, finding) for check, finding in zip(checks, findings, strict=True)]


async def _run(check: Check) -> Finding:
    try:
        async with asyncio.timeout(check.seconds):
            return await check.run()
    except TimeoutError:
        return failed(
            f"no answer within {check.seconds:g} s", "see whether what it asks is overloaded or stuck"
        )
    except InfillError as error:
        return failed(str(error), "do what the message says")
    except Exception as error:  # noqa: BLE001 - a defect in one check must not hide the others
        return failed(f"the check itself broke: {type(error).__name__}: {error}", "report it to Infill")
