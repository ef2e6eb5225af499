"""The home: its files, who may read them, its settings and key, the disk it is on."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
from pathlib import Path
from typing import Final

from provider_agent.config import FILE as CONFIG
from provider_agent.config import config_load
from provider_agent.doctor.checks import Check, Finding, failed, ok, warning
from provider_agent.keystore import FILE as KEYSTORE
from provider_agent.keystore import PASSWORD_FILE, keystore_address, keystore_unlock, password_get
from provider_agent.supervisor import JOURNAL

LITTLE_BYTES: Final = 1 << 30
TOO_LITTLE_BYTES: Final = 100 << 20
SECRETS: Final = (KEYSTORE, CONFIG, JOURNAL)


def home_checks(home: Path) -> list[Check]:
    """What can be said of a home whose settings may be wrong."""

    async def permissions() -> Finding:
        return _permissions(home)

    async def settings() -> Finding:
        return _settings(home)

    async def password() -> Finding:
        return await asyncio.to_thread(_password, home)

    async def disk() -> Finding:
        return _disk(home)

    return [
        Check("home", permissions),
        Check("agent.toml", settings),
        Check("key", password, seconds=60),
        Check("disk", disk),
    ]


def _permissions(home: Path) -> Finding:
    if not home.is_dir():
        return failed(f"there is no {home}", f"make it with `infill-agent --home {home} init`")
    if not os.access(home, os.R_OK | os.W_OK | os.X_OK):
        return failed(
            f"{home} cannot be written by this user", "run as the agent's user, or give it the folder"
        )
    open_to_others = [
        path.name
        for path in (home, *(home / name for name in SECRETS))
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077
    ]
    if open_to_others:
        return warning(
            f"others may read {', '.join(open_to_others)}", f"chmod -R go-rwx {home}: it holds secrets"
        )
    return ok(f"{home} is this user's alone")


def _settings(home: Path) -> Finding:
    found = config_load(home)
    if not found.printers:
        return warning(
            "agent.toml names no printer", "add one under [[printers]]: nothing is bid for without"
        )
    return ok(f"agent.toml is good and names {len(found.printers)} printer{'s' * (len(found.printers) != 1)}")


def _password(home: Path) -> Finding:
    address = keystore_address(home)
    if not os.environ.get(PASSWORD_FILE):
        return warning(
            f"the password of {address} was not tried", f"name its file in {PASSWORD_FILE} and look again"
        )
    keystore_unlock(home, password_get())
    return ok(f"the password opens the key of {address}")


def _disk(home: Path) -> Finding:
    free = shutil.disk_usage(home if home.is_dir() else home.parent).free
    text = f"{free / 1e9:.1f} GB are free"
    todo = "make room: the journal has to be written before anything is signed"
    if free < TOO_LITTLE_BYTES:
        return failed(text, todo)
    return warning(text, todo) if free < LITTLE_BYTES else ok(text)
