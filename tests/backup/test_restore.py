"""What was backed up stands again elsewhere, row by row and file by file; what goes wrong changes nothing."""

from __future__ import annotations

from zipfile import ZipFile

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from marketplace.backup import services
from marketplace.backup.errors import ArchiveNewer, MasterKeyOther, ProgramMissing, SiteNotEmpty
from marketplace.backup.services import backup_make, backup_restore
from marketplace.designs import store as designs_store
from marketplace.designs.models import Design, StoredFile
from marketplace.designs.services import design_delete
from marketplace.escrow.models import Agreement
from marketplace.jobs.models import Job
from protocol.canonical import keccak
from protocol.units import digest_of
from tests.backup.conftest import files_of, rows_here

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def untouched(world, store):
    """What the site holds, to be compared with what it holds in the end."""
    held = (rows_here(), files_of(store / "designs"))
    yield held
    assert (rows_here(), files_of(store / "designs")) == held


def test_a_site_with_rows_is_not_restored_over_unless_told(untouched, archive):
    with pytest.raises(SiteNotEmpty, match="--replace"):
        backup_restore(source=archive, replace=False)


def test_a_damaged_archive_touches_nothing(untouched, archive):
    data = bytearray(archive.read_bytes())
    data[len(data) // 2] ^= 1
    archive.write_bytes(data)
    with pytest.raises(CommandError, match="damaged"):
        call_command("restore", str(archive), "--replace")


def test_a_backup_made_by_a_newer_version_touches_nothing(untouched, archive, monkeypatch):
    monkeypatch.setattr("marketplace.backup.services.schema_known", lambda: {"jobs.0001_initial"})
    with pytest.raises(ArchiveNewer):
        backup_restore(source=archive, replace=True)


def test_an_archive_that_is_not_there_and_a_target_that_is(untouched, archive, tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        call_command("restore", str(tmp_path / "nothing.zip"))
    with pytest.raises(CommandError, match="is there already"):
        call_command("backup", str(archive))


def test_a_database_without_its_programs_says_what_to_install(untouched, tmp_path, monkeypatch):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite needs no program")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ProgramMissing, match="apt-get install -y postgresql-client"):
        backup_make(target=tmp_path / "infill.zip", now=timezone.now())
    assert list(tmp_path.glob("*infill*")) == []


def test_elsewhere_every_row_and_every_file_is_equal(world, store, archive, elsewhere):
    said = elsewhere.does("restore", archive)
    assert "and 2 files" in said, "a model and its picture"
    assert elsewhere.rows() == rows_here()
    assert elsewhere.files == files_of(store / "designs")
    again = elsewhere.runs("restore", archive)
    assert again.returncode == 1
    assert "site has rows already" in again.stderr


def test_what_came_after_the_backup_is_gone(world, archive):
    then = rows_here()
    Job.objects.update(title="changed")
    backup_restore(source=archive, replace=True)
    assert rows_here() == then


def test_a_file_that_was_lost_or_damaged_since_is_whole_again(world, store, archive):
    then = files_of(store / "designs")
    lost, damaged = (store / "designs" / name for name in sorted(then))
    lost.unlink()
    damaged.chmod(0o600)
    damaged.write_bytes(b"rotten")
    backup_restore(source=archive, replace=True)
    assert files_of(store / "designs") == then


def test_the_file_that_rows_name_and_the_store_lost_is_named(world, store, tmp_path, capsys):
    """A backup of all the rest is better than none."""
    digest = Design.objects.get().digest
    designs_store.sealed_delete(StoredFile.objects.get(pk=digest).name)
    call_command("backup", str(tmp_path))
    said = capsys.readouterr()
    assert digest in said.err
    (archive,) = tmp_path.glob("infill-*.zip")
    assert f"{archive}: the rows and 1 files" in said.out
    assert archive.stat().st_mode & 0o777 == 0o600


def test_a_file_that_is_still_being_written_is_left_out(world, store, tmp_path):
    half = keccak(b"whole").hex()[:32]
    (store / "designs" / half[:2]).mkdir(exist_ok=True)
    (store / "designs" / half[:2] / half).write_bytes(b"who")
    made = backup_make(target=tmp_path / "infill.zip", now=timezone.now())
    assert half not in {entry.name[-32:] for entry in made.manifest.files}
    assert made.lost == []


def test_rows_of_an_older_schema_are_brought_to_this_one(elsewhere, tmp_path):
    """Over a newer schema too: that is how a failed upgrade is undone."""
    call_command("migrate", "escrow", "0001", database=elsewhere.database, verbosity=0)
    elsewhere.does("backup", tmp_path / "old.zip")
    call_command("migrate", database=elsewhere.database, verbosity=0)
    elsewhere.does("restore", tmp_path / "old.zip")
    assert set(MigrationRecorder(connections[elsewhere.database]).applied_migrations()) == set(
        MigrationLoader(None).disk_migrations
    )


def test_without_the_master_key_neither_a_backup_nor_a_restore_is_begun(
    world, store, archive, elsewhere, settings, tmp_path
):
    """It would be an archive that nobody can open, or a site of which no design opens."""
    elsewhere.keys = [Fernet.generate_key().decode()]
    refused = elsewhere.runs("restore", archive)
    assert refused.returncode == 1
    assert "master key that DESIGN_KEYS here lacks" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert elsewhere.files == {}
    settings.DESIGN_KEYS = elsewhere.keys
    with pytest.raises(MasterKeyOther, match="Without it not one of them opens again"):
        backup_make(target=tmp_path / "again.zip", now=timezone.now())
    assert not (tmp_path / "again.zip").exists()


def test_an_archive_holds_neither_plain_files_nor_the_master_key_and_opens_with_an_old_one(
    world, store, archive, elsewhere, settings
):
    with ZipFile(archive) as opened:
        held = b"".join(opened.read(name) for name in opened.namelist())
    model = b"".join(designs_store.file_chunks(digest_of(Design.objects.get().digest)))
    assert model[90:130] not in held
    assert not any(key.encode() in held for key in settings.DESIGN_KEYS)
    elsewhere.keys = [Fernet.generate_key().decode(), *settings.DESIGN_KEYS]
    elsewhere.does("restore", archive)
    assert "2 keys" not in elsewhere.does("designs_rotate")
    elsewhere.keys = elsewhere.keys[:1]
    assert "files: 2, of which 0 do not open" in elsewhere.does("designs_check")


def test_a_design_deleted_since_the_rows_were_read_is_not_told_as_lost(world, store, tmp_path, monkeypatch):
    """Who deletes is not held up by a backup: its file is left out."""
    Job.objects.update(status="WITHDRAWN")
    Agreement.objects.update(status="CLOSED")
    whole = services.file_is_whole

    def deleted_meanwhile(name, digest):
        found = whole(name, digest)
        if Design.objects.exclude(status="DELETED").exists():
            design_delete(owner=world.ada.address, design=world.design.pk)
        return found

    monkeypatch.setattr(services, "file_is_whole", deleted_meanwhile)
    made = backup_make(target=tmp_path / "infill.zip", now=timezone.now())
    assert (made.lost, made.manifest.files) == ([], [])


def test_what_is_deleted_stays_in_older_backups_until_its_master_key_is_thrown_away(
    world, store, archive, settings
):
    """Said in docs/secrecy.md; both halves."""
    Job.objects.update(status="WITHDRAWN")
    Agreement.objects.update(status="CLOSED")
    digest = digest_of(world.design.digest)
    design_delete(owner=world.ada.address, design=world.design.pk)
    backup_restore(source=archive, replace=True)
    assert designs_store.is_whole(digest)
    settings.DESIGN_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(MasterKeyOther):
        backup_restore(source=archive, replace=True)
