"""What an archive says of itself: the manifest, whose every word a restore checks before it believes it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from marketplace.backup.errors import ArchiveDamaged, ArchiveForeign, ArchiveNewer
from protocol.canonical import canonical_bytes, parse_canonical
from protocol.errors import Malformed
from protocol.units import digest_of

FORMAT: Final = "infill-backup/2"
MANIFEST: Final = "manifest.json"
# By the database's vendor. SQLite's rows are a database file, PostgreSQL's the SQL that pg_dump writes.
ROWS: Final = {"sqlite": "rows.sqlite3", "postgresql": "rows.sql"}
# Encrypted files have names that say nothing; those of a site that was not upgraded yet are named by their
# keccak.
FILE: Final = re.compile(r"files/([0-9a-f]{32}|[0-9a-f]{64})")


@dataclass(frozen=True)
class Entry:
    """One member of the archive: its name, how many bytes it has, and their keccak as 0x text."""

    name: str
    bytes: int
    digest: str

    @property
    def is_file(self) -> bool:
        """Whether it is a file of the store, rather than the rows."""
        return bool(FILE.fullmatch(self.name))


@dataclass(frozen=True)
class Manifest:
    """When and of what an archive was made. `schema` names the applied migrations, as app.name. `key` is
    the site's key of addresses as the master key wraps it, by which a restore knows that it has that master
    key; empty for none."""

    made_at: str
    vendor: str
    chain_id: int
    schema: tuple[str, ...]
    entries: tuple[Entry, ...]
    key: str = ""

    @property
    def files(self) -> list[Entry]:
        """The store's files, without the rows."""
        return [entry for entry in self.entries if entry.is_file]

    @property
    def rows(self) -> Entry:
        """The member that holds the rows."""
        return next(entry for entry in self.entries if not entry.is_file)

    def to_bytes(self) -> bytes:
        """Canonical JSON."""
        return canonical_bytes({"format": FORMAT, **asdict(self)})


def file_name(name: str) -> str:
    """The member's name of a file of the store."""
    return f"files/{name}"


def name_kept(member: str) -> str:
    """The name in the store of a member."""
    return member.removeprefix("files/")


def manifest_of(data: bytes, members: Sequence[str]) -> Manifest:
    """The manifest of an archive with these members. Raises ArchiveForeign, ArchiveDamaged.

    Its names are the archive's own, each once, each of one of two shapes: none can lead out of a folder.
    """
    try:
        found = parse_canonical(data)
    except Malformed as error:
        raise ArchiveDamaged(f"{MANIFEST} is {error}") from error
    if not isinstance(found, dict) or found.pop("format", None) != FORMAT:
        raise ArchiveForeign(f"its {MANIFEST} is not one of {FORMAT}.")
    try:
        manifest = _manifest(found)
    except (KeyError, TypeError, ValueError, Malformed) as error:
        raise ArchiveDamaged(f"{MANIFEST} cannot be read ({error!r})") from error
    _members_check(manifest, members)
    return manifest


def _manifest(found: dict[str, Any]) -> Manifest:
    entries = tuple(Entry(**entry) for entry in found.pop("entries"))
    manifest = Manifest(entries=entries, schema=tuple(found.pop("schema")), **found)
    texts = [
        manifest.made_at,
        manifest.vendor,
        manifest.key,
        *manifest.schema,
        *(entry.name for entry in entries),
    ]
    counts = [manifest.chain_id, *(entry.bytes for entry in entries)]
    if not all(isinstance(text, str) for text in texts) or not all(type(count) is int for count in counts):
        raise ValueError("a member of another type")
    for entry in entries:
        digest_of(entry.digest)
    return manifest


def _members_check(manifest: Manifest, members: Sequence[str]) -> None:
    names = [entry.name for entry in manifest.entries]
    if sorted([MANIFEST, *names]) != sorted(members) or len(set(names)) != len(names):
        raise ArchiveDamaged(f"its members are not those that {MANIFEST} names")
    others = [entry.name for entry in manifest.entries if not entry.is_file]
    if others != [ROWS.get(manifest.vendor)]:
        raise ArchiveDamaged(f"it holds {others} where the rows of one database belong")
    for entry in manifest.files:
        name = name_kept(entry.name)
        if len(name) == 64 and entry.digest != f"0x{name}":
            raise ArchiveDamaged(f"{entry.name} is named after another file")


def fit_check(manifest: Manifest, *, vendor: str, chain_id: int, known: Iterable[str]) -> None:
    """Whether a site may take the archive. Raises ArchiveForeign, ArchiveNewer."""
    if manifest.vendor != vendor:
        raise ArchiveForeign(
            f"it was made from {manifest.vendor}, and DATABASE_URL names {vendor}: use the same kind."
        )
    if manifest.chain_id != chain_id:
        raise ArchiveForeign(f"it is of chain {manifest.chain_id}, and CHAIN_ID is {chain_id}.")
    if unknown := sorted(set(manifest.schema) - set(known)):
        raise ArchiveNewer(unknown)
