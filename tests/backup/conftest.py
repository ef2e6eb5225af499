"""A filled site in this process, and empty ones elsewhere, reached by their commands alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from marketplace.backup.services import backup_make
from tests.factories.market import CHAIN_ID
from tests.factories.place import client, place
from tests.factories.site import client_of, measured, person, registered, store, upload
from tests.factories.world import world
from tests.parallel import second_database

__all__ = ["client", "client_of", "measured", "person", "place", "registered", "store", "upload", "world"]
ROOT = Path(__file__).resolve().parents[2]


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(at.relative_to(folder)): at.read_bytes() for at in folder.rglob("*") if at.is_file()}


def rows_here(database: str = "default") -> list[dict[str, Any]]:
    """Every row of every model."""
    text = StringIO()
    call_command("dumpdata", "--all", database=database, stdout=text)
    return json.loads(text.getvalue())


@dataclass
class Elsewhere:
    """Another site: a database and a folder of its own. `database` is its name in this process."""

    url: str
    folder: Path
    database: str
    keys: list[str]

    @property
    def env(self) -> dict[str, str]:
        own = {"DATABASE_URL": self.url, "DATA_DIR": str(self.folder), "CHAIN_ID": str(CHAIN_ID)}
        own["DESIGN_KEYS"] = ",".join(self.keys)
        return {**os.environ, **own}

    @property
    def files(self) -> dict[str, bytes]:
        return files_of(self.folder / "designs")

    def runs(self, *words: object, before: str = "", **options: Any) -> subprocess.CompletedProcess[str]:
        """A command of manage.py, after some Python; how it ended."""
        line = f"{before}\nfrom django.core.management import execute_from_command_line as run\nrun({['manage.py', *map(str, words)]})"
        return subprocess.run(
            [sys.executable, "-c", line], cwd=ROOT, env=self.env, check=False, capture_output=True, text=True,
            timeout=120, **options,
        )  # fmt: skip

    def does(self, *words: object) -> str:
        """A command that has to work; what it said."""
        done = self.runs(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def rows(self) -> list[dict[str, Any]]:
        return rows_here(self.database)


@pytest.fixture
def elsewhere(database_url, tmp_path, settings) -> Iterator[Elsewhere]:
    """An empty site that was never migrated."""
    with second_database(database_url) as name:
        yield Elsewhere(database_url, tmp_path / "elsewhere", name, settings.DESIGN_KEYS)


@pytest.fixture
def archive(world, tmp_path) -> Path:
    """A backup of the filled site."""
    return backup_make(target=tmp_path / "infill.zip", now=timezone.now()).path
