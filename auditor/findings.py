"""What a check answers: findings, each one thing that does not add up, with numbers."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """The outcome of an audit, with its exit code."""

    CLEAN = "clean"
    FINDINGS = "findings"
    CANNOT_TELL = "cannot-tell"

    @property
    def exit_code(self) -> int:
        """0 clean, 1 findings, 2 cannot tell."""
        return list(Verdict).index(self)


@dataclass(frozen=True)
class Finding:
    """One thing that does not add up.

    `code` is stable kebab-case; `place` names the file and record, or the log, or the storage word.
    """

    code: str
    place: str
    message: str
    expected: str = ""
    found: str = ""


@dataclass(frozen=True)
class CheckResult:
    """What one check found. `skipped` says why it could not run; empty when it ran."""

    name: str
    title: str
    findings: tuple[Finding, ...] = ()
    skipped: str = ""

    @property
    def passed(self) -> bool:
        """Whether it ran and found nothing."""
        return not self.findings and not self.skipped


def text_of(value: object) -> str:
    """A value as a finding shows it: bytes as 0x hex."""
    return "0x" + value.hex() if isinstance(value, bytes) else str(value)


def differs(code: str, place: str, message: str, expected: object, found: object) -> Iterable[Finding]:
    """A finding unless the two are equal."""
    if expected != found:
        yield Finding(code, place, message, text_of(expected), text_of(found))
