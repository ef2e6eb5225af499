"""What a virtual printer remembers through a power cut: its status, its files' digests, every print it
began."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from protocol.statuses import PrinterStatus
from provider_agent.drivers.base import AttemptFate
from provider_agent.drivers.virtual.tally import Box, Tally

_TABLES = """
CREATE TABLE IF NOT EXISTS machine (
  id INTEGER PRIMARY KEY CHECK (id = 1), status TEXT NOT NULL, reason TEXT, plate_dirty INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS files (name TEXT PRIMARY KEY, sha256 TEXT NOT NULL, bytes INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS prints (
  attempt TEXT PRIMARY KEY, file TEXT NOT NULL, sha256 TEXT NOT NULL,
  started_at REAL NOT NULL, finished_at REAL, print_seconds REAL NOT NULL DEFAULT 0,
  extruded_mm REAL NOT NULL DEFAULT 0, layers INTEGER NOT NULL DEFAULT 0, box_um TEXT,
  outcome TEXT NOT NULL, reason TEXT);
"""


@dataclass(frozen=True)
class StoredFile:
    """A file on the printer; `sha256` is 64 hex."""

    name: str
    sha256: str
    bytes: int


@dataclass(frozen=True)
class Print:
    """One print of the history. Times are epoch seconds, `print_seconds` the machine's own, `extruded_mm`
    filament."""

    attempt: str
    file: str
    sha256: str
    started_at: float
    finished_at: float | None
    print_seconds: float
    extruded_mm: float
    layers: int
    box_um: Box | None
    outcome: AttemptFate
    reason: str | None

    def to_json(self) -> dict[str, Any]:
        """Wire form."""
        return asdict(self)


class Store:
    """One printer's SQLite file. Every method is one atomic write or read."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.executescript(_TABLES)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def status(self) -> tuple[PrinterStatus, str | None, bool] | None:
        """Status, reason and whether the plate is dirty, as last saved; None for a new printer."""
        row = self._db.execute("SELECT status, reason, plate_dirty FROM machine").fetchone()
        return (PrinterStatus(row["status"]), row["reason"], bool(row["plate_dirty"])) if row else None

    def status_save(self, status: PrinterStatus, reason: str | None, plate_dirty: bool) -> None:
        """Remember the status."""
        self._db.execute("INSERT OR REPLACE INTO machine VALUES (1, ?, ?, ?)", (status, reason, plate_dirty))

    def file(self, name: str) -> StoredFile | None:
        """A file by its name."""
        row = self._db.execute("SELECT * FROM files WHERE name = ?", (name,)).fetchone()
        return StoredFile(**row) if row else None

    def file_save(self, file: StoredFile) -> None:
        """Remember a file that is completely on disk."""
        self._db.execute("INSERT INTO files VALUES (?, ?, ?)", (file.name, file.sha256, file.bytes))

    def file_delete(self, name: str) -> None:
        """Forget a file that is gone from the disk."""
        self._db.execute("DELETE FROM files WHERE name = ?", (name,))

    def print_begin(self, attempt: str, file: StoredFile, now: float) -> None:
        """Remember a print before it starts."""
        self._db.execute(
            "INSERT INTO prints (attempt, file, sha256, started_at, outcome) VALUES (?, ?, ?, ?, ?)",
            (attempt, file.name, file.sha256, now, AttemptFate.RUNNING),
        )

    def print_progress(self, attempt: str, tally: Tally) -> None:
        """Remember how far a running print has come."""
        self._db.execute(
            "UPDATE prints SET print_seconds = ?, extruded_mm = ?, layers = ?, box_um = ? WHERE attempt = ?",
            (tally.seconds, tally.extruded_mm, tally.layers, json.dumps(tally.box_um), attempt),
        )

    def print_end(self, attempt: str, outcome: AttemptFate, reason: str | None, now: float) -> None:
        """Remember how a running print ended; one that has ended stays as it is."""
        self._db.execute(
            "UPDATE prints SET outcome = ?, reason = ?, finished_at = ? WHERE attempt = ? AND outcome = ?",
            (outcome, reason, now, attempt, AttemptFate.RUNNING),
        )

    def prints(self) -> list[Print]:
        """Every print, the oldest first."""
        return [_print(row) for row in self._db.execute("SELECT * FROM prints ORDER BY rowid")]

    def print(self, attempt: str) -> Print | None:
        """The print of this attempt."""
        row = self._db.execute("SELECT * FROM prints WHERE attempt = ?", (attempt,)).fetchone()
        return _print(row) if row else None


def _print(row: sqlite3.Row) -> Print:
    members = dict(row)
    members["outcome"] = AttemptFate(members["outcome"])
    members["box_um"] = json.loads(members["box_um"]) if members["box_um"] else None
    return Print(**members)
