"""infill-agent backup and restore."""

from __future__ import annotations

from pathlib import Path

import click

from protocol.units import time_of
from provider_agent.backup.archive import archive_open, archive_pack
from provider_agent.backup.restoring import home_restore
from provider_agent.backup.taking import backup_take, target_check
from provider_agent.errors import BackupRefused
from provider_agent.files import file_write
from provider_agent.keystore import keystore_unlock, password_get
from provider_agent.opening import home_made

AFTERWARDS = """\
Never start the agent again from where this backup was made: two of one key sign two logs.
Then: `infill-agent run`. Before it signs anything it learns from the marketplace and the chain what was
signed since the backup, and asks you to empty the plates; `docs/recovering.md` says the rest."""


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def backup(home: Path, file: Path) -> None:
    """Write journal, settings and key to FILE, encrypted under the key's password; the agent may run."""
    target_check(file)
    account = keystore_unlock(home_made(home), password_get())
    data = archive_pack(backup_take(home), account)
    try:
        file_write(file, data)
    except OSError as error:
        raise BackupRefused(f"{file} cannot be written: {error.strerror}") from error
    click.echo(f"{file}: {len(data)} bytes; it opens with the password of {account.address}")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def restore(home: Path, file: Path) -> None:
    """Make a home again out of the backup FILE; over nothing that is there."""
    found = archive_open(file.read_bytes(), password_get())
    address = home_restore(home, found)
    click.echo(f"{home}: the agent of {address} as of {time_of(found.made_at):%d %b %Y %H:%M} UTC")
    click.echo(AFTERWARDS, err=True)
