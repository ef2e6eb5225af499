"""The file itself: the keystore as it is, beside the home's other files sealed under its key. Whoever has the
password opens both; what is in it: docs/recovering.md."""

from __future__ import annotations

import base64
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import Any, Final

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from eth_account.signers.local import LocalAccount

from provider_agent import keystore
from provider_agent.errors import BackupRefused
from provider_agent.keystore import keystore_open

VERSION: Final = 1
MANIFEST: Final = "manifest.json"
SEALED: Final = "home.sealed"
PURPOSE: Final = b"infill agent: key of a backup, version 1"


@dataclass(frozen=True)
class Archive:
    """The files of a home by name, its keystore among them; `made_at` epoch seconds."""

    made_at: int
    files: Mapping[str, bytes]


def archive_pack(archive: Archive, account: LocalAccount) -> bytes:
    """The file; `account` is the key in the keystore."""
    manifest = {
        "version": VERSION,
        "made_at": archive.made_at,
        "sha256": {name: sha256(data).hexdigest() for name, data in archive.files.items()},
    }
    rest = {name: data for name, data in archive.files.items() if name != keystore.FILE}
    inner = _zip({**rest, MANIFEST: json.dumps(manifest, indent=2).encode()}, zipfile.ZIP_DEFLATED)
    sealed = _lock(account).encrypt(inner)
    return _zip({keystore.FILE: archive.files[keystore.FILE], SEALED: sealed}, zipfile.ZIP_STORED)


def archive_open(data: bytes, password: str) -> Archive:
    """What was packed, checked to its last byte. Raises BackupRefused, or KeystoreLocked."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as outer:
            secret, sealed = outer.read(keystore.FILE), outer.read(SEALED)
        account = keystore_open(json.loads(secret), password, "the backup")
        inner = _lock(account).decrypt(sealed)
        with zipfile.ZipFile(BytesIO(inner)) as packed:
            return _checked(json.loads(packed.read(MANIFEST)), packed, secret)
    except InvalidToken as error:
        raise BackupRefused("it was cut or changed, or its halves are of two homes: take another") from error
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError) as error:
        raise BackupRefused(f"this is no whole backup of an agent: {error}") from error


def _checked(manifest: dict[str, Any], packed: zipfile.ZipFile, secret: bytes) -> Archive:
    if manifest["version"] != VERSION:
        raise BackupRefused(f"it has version {manifest['version']}, this agent reads {VERSION}")
    files = {name: secret if name == keystore.FILE else packed.read(name) for name in manifest["sha256"]}
    for name, data in files.items():
        if sha256(data).hexdigest() != manifest["sha256"][name]:
            raise BackupRefused(f"{name} in it is damaged: take an older backup")
    return Archive(int(manifest["made_at"]), files)


def _zip(members: Mapping[str, bytes], how: int) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", how) as packed:
        for name, data in members.items():
            packed.writestr(name, data)
    return out.getvalue()


def _lock(account: LocalAccount) -> Fernet:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(bytes(account.key))
    return Fernet(base64.urlsafe_b64encode(key))
