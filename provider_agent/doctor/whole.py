"""All checks of a home, as far as it can be opened."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from protocol.errors import InfillError
from provider_agent.config import config_load
from provider_agent.doctor.chain import chain_checks
from provider_agent.doctor.checks import Check, Checked, Finding, Verdict, checks_run, failed
from provider_agent.doctor.home import home_checks
from provider_agent.doctor.journal import journal_checks
from provider_agent.doctor.market import market_checks
from provider_agent.doctor.policy import policy_checks
from provider_agent.doctor.printers import printer_checks
from provider_agent.doctor.subject import Subject, subject_open
from provider_agent.journal.store import journal_read
from provider_agent.keystore import keystore_address
from provider_agent.supervisor import JOURNAL


async def doctor(home: Path) -> list[Checked]:
    """Every check. Where the settings or the key cannot be read, those of the home alone."""
    first = home_checks(home)
    try:
        config, key = config_load(home), keystore_address(home)
    except (InfillError, OSError):
        return await checks_run(first)
    unreadable = _journal_problem(home)
    async with subject_open(home, config, key, journal=unreadable is None) as subject:
        extra = [] if unreadable is None else [Check("journal", partial(_said, unreadable))]
        return await checks_run([*first, *extra, *_all(subject)])


def is_bad(found: list[Checked]) -> bool:
    """Whether anything failed."""
    return any(one.finding.verdict is Verdict.FAILED for one in found)


async def _said(finding: Finding) -> Finding:
    return finding


def _journal_problem(home: Path) -> Finding | None:
    path = home / JOURNAL
    try:
        journal_read(path).close()
    except InfillError as error:
        if path.exists():
            return failed(str(error), "keep the file, and restore the newest backup: docs/recovering.md")
        return Finding(Verdict.WARNING, "there is no journal yet", "`infill-agent register` makes it")
    return None


def _all(subject: Subject) -> list[Check]:
    return [
        *journal_checks(subject),
        *policy_checks(subject),
        *chain_checks(subject),
        *market_checks(subject),
        *printer_checks(subject),
    ]
