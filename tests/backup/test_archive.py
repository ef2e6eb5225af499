"""An archive is read as if somebody had changed it: every bit, every length, every name."""

from __future__ import annotations

import json
import secrets
from dataclasses import replace
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from marketplace.backup.archive import archive_new, archive_open, entry_put, entry_read
from marketplace.backup.errors import ArchiveDamaged, ArchiveExists, ArchiveForeign, ArchiveNewer
from marketplace.backup.rules import MANIFEST, Manifest, file_name, fit_check, manifest_of
from protocol.canonical import canonical_bytes, keccak

ROWS, MODEL = b"every row, every column\n" * 20, secrets.token_bytes(100)
MODEL_NAME = file_name(keccak(MODEL).hex())


def written(path: Path) -> Manifest:
    """A small archive of SQLite rows and one file."""
    with archive_new(path) as archive:
        entries = (entry_put(archive, "rows.sqlite3", [ROWS]), entry_put(archive, MODEL_NAME, [MODEL]))
        manifest = Manifest("2026-11-27T00:00:00Z", "sqlite", 31337, ("jobs.0001_initial",), entries)
        archive.writestr(MANIFEST, manifest.to_bytes())
    return manifest


def read(path: Path) -> tuple[Manifest, dict[str, bytes]]:
    with archive_open(path) as (archive, manifest):
        return manifest, {entry.name: b"".join(entry_read(archive, entry)) for entry in manifest.entries}


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "infill.zip"


def test_no_archive_is_written_over_another(path):
    path.write_bytes(b"the only backup there is")
    with pytest.raises(ArchiveExists, match="name another file"), archive_new(path):
        pass
    assert path.read_bytes() == b"the only backup there is"


def test_an_archive_that_could_not_be_finished_is_not_there(path):
    def fails():
        yield ROWS
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="disk"), archive_new(path) as archive:
        entry_put(archive, "rows.sqlite3", fails())
    assert list(path.parent.glob("*infill*")) == []


def test_a_cut_archive_is_refused_wherever_it_is_cut(path):
    written(path)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(ArchiveDamaged, match="take another one"):
            read(path)


@pytest.mark.parametrize("flip", [0x01, 0x80, 0xFF])
def test_no_changed_byte_is_ever_restored(path, flip):
    """Some bytes of a zip say nothing, such as a time; whatever else is changed is found."""
    good = (written(path), {"rows.sqlite3": ROWS, MODEL_NAME: MODEL})
    whole, unnoticed = path.read_bytes(), 0
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ flip]) + whole[at + 1 :])
        try:
            assert read(path) == good
            unnoticed += 1
        except (ArchiveDamaged, ArchiveForeign):
            pass
    assert unnoticed < len(whole) / 4


def test_what_is_no_archive_of_ours_is_refused(path):
    path.write_bytes(b"PK: no zip at all")
    with pytest.raises(ArchiveDamaged):
        read(path)
    for content in ({"hello.txt": b"hello"}, {MANIFEST: b"{}"}, {MANIFEST: b'{"format":"infill-backup/3"}'}):
        with ZipFile(path, "w") as archive:
            for name, data in content.items():
                archive.writestr(name, data)
        with pytest.raises((ArchiveDamaged, ArchiveForeign)):
            read(path)


@pytest.mark.parametrize(
    "name",
    [
        "../rows.sqlite3",
        "/etc/passwd",
        "files/../../key",
        "files\\..\\key",
        "files/" + "A" * 64,
        "",
        "files/x",
    ],
)
def test_a_name_that_could_lead_out_is_refused_though_the_manifest_has_it(path, name):
    manifest = written(path)
    entries = (manifest.rows, replace(manifest.files[0], name=name))
    data = replace(manifest, entries=entries).to_bytes()
    with pytest.raises(ArchiveDamaged):
        manifest_of(data, [MANIFEST, "rows.sqlite3", name])


def test_a_member_too_many_twice_or_under_another_name_is_refused(path):
    manifest = written(path)
    data, names = manifest.to_bytes(), [MANIFEST, "rows.sqlite3", MODEL_NAME]
    assert manifest_of(data, names) == manifest
    other = file_name(keccak(b"another").hex())
    for members in ([*names, "more"], [*names, MODEL_NAME], [*names, MANIFEST], names[:2]):
        with pytest.raises(ArchiveDamaged, match="members"):
            manifest_of(data, members)
    renamed = replace(manifest, entries=(manifest.rows, replace(manifest.files[0], name=other)))
    with pytest.raises(ArchiveDamaged, match="named after another file"):
        manifest_of(renamed.to_bytes(), [MANIFEST, "rows.sqlite3", other])
    twice = replace(manifest, entries=(manifest.rows, manifest.rows))
    with pytest.raises(ArchiveDamaged):
        manifest_of(twice.to_bytes(), [MANIFEST, "rows.sqlite3", "rows.sqlite3"])


@pytest.mark.parametrize(
    "change",
    [{"entries": [{}]}, {"entries": 3}, {"schema": None}, {"chain_id": "1"}, {"more": 1}, {"vendor": 1}],
)
def test_a_manifest_of_another_shape_is_refused(path, change):
    found = json.loads(written(path).to_bytes()) | change
    with pytest.raises(ArchiveDamaged, match="cannot be read"):
        manifest_of(canonical_bytes(found), [MANIFEST, "rows.sqlite3", MODEL_NAME])


def test_a_member_longer_than_promised_is_not_unpacked_to_its_end(path):
    """A few kilobytes of zip can be many gigabytes of nothing."""
    manifest = written(path)
    bomb = path.with_name("bomb.zip")
    with ZipFile(bomb, "w", ZIP_DEFLATED) as archive:
        archive.writestr("rows.sqlite3", bytes(50_000_000))
        archive.writestr(MODEL_NAME, MODEL)
        archive.writestr(MANIFEST, manifest.to_bytes())
    taken: list[int] = []
    with archive_open(bomb) as (archive, found), pytest.raises(ArchiveDamaged):
        taken.extend(map(len, entry_read(archive, found.rows)))
    assert sum(taken) < 1_000_000


def test_an_archive_of_another_kind_chain_or_time_to_come_is_refused(path):
    manifest, here = written(path), {"vendor": "sqlite", "chain_id": 31337, "known": {"jobs.0001_initial"}}
    fit_check(manifest, **here)
    with pytest.raises(ArchiveForeign, match="use the same kind"):
        fit_check(manifest, **here | {"vendor": "postgresql"})
    with pytest.raises(ArchiveForeign, match="CHAIN_ID is 1"):
        fit_check(manifest, **here | {"chain_id": 1})
    with pytest.raises(ArchiveNewer, match=r"jobs\.0001_initial.*Install"):
        fit_check(manifest, **here | {"known": {"jobs.0000_before"}})
