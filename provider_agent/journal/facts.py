"""Single values: cursors and the marketplace token."""

from __future__ import annotations

from provider_agent.journal.store import Journal

AWARDS_FOLLOWED = "awards followed to block"
TOKEN = "marketplace token"  # noqa: S105 - the name of the fact, not a secret


def fact(journal: Journal, name: str) -> str | None:
    """A value, None where it was never set."""
    found = journal.row("SELECT value FROM facts WHERE name = ?", name)
    return None if found is None else str(found["value"])


def fact_set(journal: Journal, name: str, value: str) -> None:
    """Set or replace a value."""
    journal.write(
        "INSERT INTO facts VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value
    )


def cursor(journal: Journal) -> int | None:
    """The last block whose awards are in the journal."""
    found = fact(journal, AWARDS_FOLLOWED)
    return None if found is None else int(found)


def cursor_set(journal: Journal, block: int) -> None:
    """Move the cursor, in the same atomic block as what was found up to it."""
    fact_set(journal, AWARDS_FOLLOWED, str(block))
