"""A journal out of a backup: what it says may be old, and it must say so until it has caught up."""

from __future__ import annotations

from protocol.statuses import MakingStatus
from protocol.units import Digest, hex_of
from provider_agent.journal.facts import fact, fact_set
from provider_agent.journal.store import Journal

RESTORED = "restored at"
BEHIND = "restored, not caught up"
MADE = "backup made at"
CLEARED = "plate cleared by hand: "
ON_DISK = (MakingStatus.FETCHED, MakingStatus.SLICED, MakingStatus.QUEUED, MakingStatus.PRINTING)
"""Statuses that stand on files in the home, which no backup holds."""


def restored_mark(journal: Journal, now: int, made_at: int) -> None:
    """Say that this is a copy, made then (epoch seconds).

    What no copy can know is forgotten: files, and what a person said of plates.
    """
    with journal.atomic():
        fact_set(journal, RESTORED, str(now))
        fact_set(journal, BEHIND, "yes")
        fact_set(journal, MADE, str(made_at))
        journal.write("DELETE FROM facts WHERE substr(name, 1, ?) = ?", len(CLEARED), CLEARED)
        marks = ", ".join("?" * len(ON_DISK))
        live = f"SELECT agreement FROM makings WHERE status IN ({marks})"  # noqa: S608 - values are bound
        journal.write(f"DELETE FROM files WHERE agreement IN ({live})", *ON_DISK)  # noqa: S608
        journal.write(
            f"UPDATE makings SET status = ? WHERE status IN ({marks})",  # noqa: S608
            MakingStatus.WON,
            *ON_DISK,
        )


def restored_at(journal: Journal) -> int | None:
    """When this journal was last put back from a backup (epoch seconds), None where it never was."""
    found = fact(journal, RESTORED)
    return None if found is None else int(found)


def backup_made_at(journal: Journal) -> int:
    """When the backup was made that this journal came from (epoch seconds)."""
    return int(fact(journal, MADE) or 0)


def is_behind(journal: Journal) -> bool:
    """Whether it was restored and has not caught up: nothing may be signed."""
    return fact(journal, BEHIND) == "yes"


def caught_up(journal: Journal) -> None:
    """It knows again all that it signed."""
    fact_set(journal, BEHIND, "")


def making_place(journal: Journal, agreement: Digest, status: MakingStatus) -> None:
    """Put a making where others' records show it to be: the steps between were taken, and lost."""
    journal.write("UPDATE makings SET status = ? WHERE agreement = ?", status, hex_of(agreement))
