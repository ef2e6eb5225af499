"""What every check is made of."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from auditor.case import Case
from auditor.findings import CheckResult, Finding
from auditor.rebuild import History

Findings = Iterator[Finding]
Part = TypeVar("Part")

CLOCK_TOLERANCE = 300
"""Seconds by which a provider's clock may differ from the chain's before a time is a finding."""


class Missing(Exception):
    """A check cannot run: a part it needs is missing or unreadable, which another check reports."""


@dataclass(frozen=True)
class Check:
    """One question, and the function that yields what speaks against a yes."""

    name: str
    title: str
    ask: Callable[[Case], Findings]

    def run(self, case: Case) -> CheckResult:
        """Ask it of a case."""
        try:
            return CheckResult(self.name, self.title, tuple(self.ask(case)))
        except Missing as reason:
            return CheckResult(self.name, self.title, skipped=str(reason))


def need(part: Part | None, name: str) -> Part:
    """The part. Raises Missing."""
    if part is None:
        raise Missing(f"{name} cannot be read")
    return part


def need_history(case: Case) -> History:
    """The agreement's history. Raises Missing."""
    return need(case.history, "the award's log")
