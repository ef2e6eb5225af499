"""A restore that is killed, or whose disk is full, leaves the site as it was."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
from functools import partial

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from marketplace.accounts.models import Person
from marketplace.backup.services import backup_make
from marketplace.designs import store as designs_store
from tests.backup.conftest import ROOT
from tests.processes import eventually

pytestmark = pytest.mark.django_db(transaction=True)
DIE = "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_DFL)"
MEGABYTE = 1024 * 1024


@pytest.fixture
def large(world, tmp_path):
    """An archive with a file larger than all the rows."""
    designs_store.bytes_save(os.urandom(3 * MEGABYTE))
    return backup_make(target=tmp_path / "infill.zip", now=timezone.now())


@pytest.fixture
def theirs(elsewhere):
    """A site elsewhere with a row of its own, which is there in the end, alone."""
    call_command("migrate", database=elsewhere.database, verbosity=0)
    Person.objects.using(elsewhere.database).create(address="0xTheirs")
    rows = elsewhere.rows()
    yield elsewhere
    assert elsewhere.rows() == rows


@pytest.mark.parametrize("how", ["full disk", "killed"])
@pytest.mark.parametrize("where", ["the rows are unpacked", "files are copied", "rows are replaced"])
def test_a_restore_cut_off_while(how, where, large, theirs):
    """No file may grow beyond a size: the write that would exceed it fails, or the kernel kills who asked."""
    rows = large.manifest.rows.bytes
    if where == "rows are replaced":
        if connection.vendor != "sqlite":
            pytest.skip("PostgreSQL's own server writes the rows: see below")
        shutil.copytree(designs_store._store().location, theirs.folder / "designs")
    # Replacing, SQLite writes the rows to its log, which is a little larger than they are.
    limits = {
        "the rows are unpacked": rows // 2,
        "files are copied": 2 * MEGABYTE,
        "rows are replaced": rows + 512,
    }
    limit = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (limits[where], limits[where]))
    ended = theirs.runs("restore", large.path, "--replace", before=DIE * (how == "killed"), preexec_fn=limit)
    assert ended.returncode == (-signal.SIGXFSZ if how == "killed" else 1), ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_restore_killed_while_postgresql_waits_for_a_reader_changes_nothing(large, theirs):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite writes the rows itself: see above")
    held = "import django; django.setup(); from django.db import connection, transaction; import sys, time\n"
    hold = held + (
        "with transaction.atomic(), connection.cursor() as cursor:\n"
        "    cursor.execute('LOCK TABLE accounts_person IN ACCESS SHARE MODE'); print('held', flush=True); sys.stdin.read()"
    )
    options = {"cwd": ROOT, "env": theirs.env, "text": True}
    with subprocess.Popen(
        [sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE, **options
    ) as reader:
        assert reader.stdout.readline() == "held\n"
        command = [sys.executable, "manage.py", "restore", str(large.path), "--replace"]
        with subprocess.Popen(command, start_new_session=True, **options) as restore:
            eventually(waits_for_a_lock)
            os.killpg(restore.pid, signal.SIGKILL)
        reader.stdin.close()


def waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%DROP SCHEMA%'"
        )
        return cursor.fetchone()[0] > 0
