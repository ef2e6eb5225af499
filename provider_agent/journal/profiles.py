"""Signed printer profiles: the newest for each serial, and whether the marketplace has it."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass

from protocol.capability import Capability
from protocol.profiles import PrinterProfile
from protocol.units import Digest, digest_of, hex_of
from provider_agent.journal.store import Journal


@dataclass(frozen=True)
class ProfileRow:
    """A profile as signed; `digest` is what bids name as their printer."""

    digest: Digest
    profile: PrinterProfile
    capability: Capability
    signature: bytes
    registered: bool


def profile_put(journal: Journal, row: ProfileRow) -> None:
    """Journal a profile before it is sent, replacing the serial's older one."""
    journal.write(
        "INSERT OR REPLACE INTO profiles VALUES (?, ?, ?, ?, ?, ?)",
        row.profile.serial,
        hex_of(row.digest),
        json.dumps(row.profile.to_json()),
        json.dumps(row.capability.to_json()),
        hex_of(row.signature),
        int(row.registered),
    )


def profile_find(journal: Journal, serial: str) -> ProfileRow | None:
    """The newest profile of a serial."""
    found = journal.row("SELECT * FROM profiles WHERE serial = ?", serial)
    return None if found is None else _profile(found)


def digest_registered(journal: Journal, serial: str) -> str | None:
    """What the marketplace calls the printer of a serial (0x text), None where it does not know it."""
    found = journal.row("SELECT digest FROM profiles WHERE serial = ? AND registered", serial)
    return None if found is None else str(found["digest"])


def serials_registered(journal: Journal) -> set[str]:
    """Those whose newest profile the marketplace has."""
    return {row["serial"] for row in journal.rows("SELECT serial FROM profiles WHERE registered")}


def profiles(journal: Journal) -> dict[str, ProfileRow]:
    """The newest profile of each serial."""
    return {row["serial"]: _profile(row) for row in journal.rows("SELECT * FROM profiles ORDER BY serial")}


def _profile(row: sqlite3.Row) -> ProfileRow:
    return ProfileRow(
        digest=digest_of(row["digest"]),
        profile=PrinterProfile.from_json(json.loads(row["profile"])),
        capability=Capability.from_json(json.loads(row["capability"])),
        signature=bytes.fromhex(row["signature"][2:]),
        registered=bool(row["registered"]),
    )
