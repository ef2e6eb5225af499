"""The agent's key: a Web3 Secret Storage file (scrypt), unlocked with a password from a file or a prompt."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click
from eth_account import Account
from eth_account.signers.local import LocalAccount

from protocol.units import Address, address_of
from provider_agent.errors import HomeMissing, KeystoreLocked
from provider_agent.files import file_write

FILE = "keystore.json"
PASSWORD_FILE = "INFILL_AGENT_PASSWORD_FILE"  # noqa: S105 - the name of a variable


def password_get(*, confirm: bool = False) -> str:
    """The password: first line of the file that INFILL_AGENT_PASSWORD_FILE names, else asked for."""
    path = os.environ.get(PASSWORD_FILE)
    if not path:
        return str(click.prompt("Password of the agent's key", hide_input=True, confirmation_prompt=confirm))
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise KeystoreLocked(
            f"{PASSWORD_FILE} names {path}, which cannot be read: {error.strerror}"
        ) from error
    if not lines or not lines[0]:
        raise KeystoreLocked(
            f"{PASSWORD_FILE} names {path}, whose first line is empty: write the password there"
        )
    return lines[0]


def key_read(path: Path) -> bytes:
    """The key of a file that holds it in hex. Raises KeystoreLocked."""
    try:
        key = bytes.fromhex(path.read_text(encoding="utf-8").strip().removeprefix("0x"))
        Account.from_key(key)
    except OSError as error:
        raise KeystoreLocked(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise KeystoreLocked(
            f"{path} holds no key: write its 64 hex digits there, and nothing else"
        ) from error
    return key


def keystore_make(home: Path, password: str, key: bytes | None = None) -> Address:
    """Encrypt a key, by default a new one, into the home; never replaces one. Raises KeystoreLocked."""
    path = home / FILE
    if path.exists():
        raise KeystoreLocked(f"{path} exists: it holds this home's key and is never overwritten")
    account = Account.from_key(key) if key else Account.create()
    secret = Account.encrypt(account.key, password, kdf="scrypt")
    file_write(path, json.dumps(secret).encode())
    return address_of(account.address)


def keystore_address(home: Path) -> Address:
    """The address of the key, without its password. Raises HomeMissing or KeystoreLocked."""
    try:
        return address_of("0x" + str(_read(home)["address"]).removeprefix("0x"))
    except (KeyError, ValueError) as error:
        raise KeystoreLocked(f"{home / FILE} is damaged: restore it from your copy") from error


def keystore_unlock(home: Path, password: str) -> LocalAccount:
    """The key. Raises HomeMissing or KeystoreLocked."""
    return keystore_open(_read(home), password, str(home / FILE))


def keystore_open(secret: dict[str, object], password: str, place: str) -> LocalAccount:
    """The key in a keystore that was read from `place`. Raises KeystoreLocked."""
    try:
        account: LocalAccount = Account.from_key(Account.decrypt(secret, password))
    except ValueError as error:
        raise KeystoreLocked(f"{place} does not open with this password ({error})") from error
    return account


def _read(home: Path) -> dict[str, object]:
    path = home / FILE
    if not path.is_file():
        raise HomeMissing(f"there is no {path}: make it with `infill-agent --home {home} setup`")
    try:
        found: dict[str, object] = json.loads(path.read_text())
    except ValueError as error:
        raise KeystoreLocked(f"{path} is damaged: restore it from your copy") from error
    return found
