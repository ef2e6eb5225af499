"""The agent's age identity: the X25519 key that designs are encrypted to, kept encrypted under its other key.

A lost one costs nothing: another is made, and the marketplace encrypts anew to that.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Final

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from eth_account.signers.local import LocalAccount
from pyrage.x25519 import Identity

from provider_agent.errors import KeystoreLocked
from provider_agent.files import file_write

FILE: Final = "identity.age"
PURPOSE: Final = b"infill agent: key of identity.age, version 1"


def identity_open(home: Path, account: LocalAccount) -> Identity:
    """The home's identity; made where there is none. Raises KeystoreLocked for one of another key."""
    path, lock = home / FILE, _lock(account)
    if not path.exists():
        made = Identity.generate()
        file_write(path, lock.encrypt(str(made).encode()))
        return made
    try:
        return Identity.from_str(lock.decrypt(path.read_bytes()).decode())
    except InvalidToken as error:
        raise KeystoreLocked(
            f"{path} is damaged, or of another key: restore it from your copy, or remove it to make a new one"
        ) from error


def _lock(account: LocalAccount) -> Fernet:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(bytes(account.key))
    return Fernet(base64.urlsafe_b64encode(key))
