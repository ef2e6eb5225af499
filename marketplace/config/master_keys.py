"""The master keys under which designs are encrypted: from the environment, or a file of one's own machine."""

import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

NEW_KEY: Final = "openssl rand -base64 32 | tr +/ -_"


def design_keys(text: str, *, kept: Path | None) -> list[str]:
    """The master keys in a comma list; where it is empty, those in the file `kept`, which is made if need be.

    Raises ImproperlyConfigured, which never shows what was given.
    """
    if not text and kept:
        text = _kept_secret(kept, Fernet.generate_key().decode())
    keys = [key.strip() for key in text.split(",") if key.strip()]
    try:
        for key in keys:
            Fernet(key)
    except ValueError:
        problem = f"DESIGN_KEYS has what is no key: write a comma list of keys as `{NEW_KEY}` makes them."
        raise ImproperlyConfigured(problem) from None
    return keys


def _kept_secret(path: Path, fresh: str) -> str:
    """What a file holds. It is made with mode 0600 if need be: whole, and once among many processes."""
    if not path.exists():
        with NamedTemporaryFile("w", dir=path.parent) as file:
            file.write(fresh)
            file.flush()
            os.fsync(file.fileno())
            with suppress(FileExistsError):
                os.link(file.name, path)
    return path.read_text()
