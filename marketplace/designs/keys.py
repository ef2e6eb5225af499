"""The master keys of the environment, and the keys they wrap. See docs/secrecy.md."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from protocol.errors import InfillError

ADVICE: Final = "DESIGN_KEYS lacks the master key that wraps it: add that key, at the end of the list."


class MasterKeyMissing(InfillError):
    """A wrapped key that none of the master keys opens."""

    code = "master-key-missing"
    http_status = HTTPStatus.SERVICE_UNAVAILABLE

    def __init__(self) -> None:
        super().__init__(f"A kept file cannot be opened. {ADVICE}")


def wrap(key: bytes) -> str:
    """A key, encrypted with the newest master key."""
    return _masters()[0].encrypt(key).decode()


def unwrap(wrapped: str) -> bytes:
    """The key in it. Raises MasterKeyMissing."""
    try:
        return MultiFernet(_masters()).decrypt(wrapped)
    except InvalidToken as error:
        raise MasterKeyMissing from error


def wrapped_anew(wrapped: str) -> str | None:
    """The same key under the newest master key; None where it is already. Raises MasterKeyMissing."""
    try:
        _masters()[0].decrypt(wrapped)
    except InvalidToken:
        return wrap(unwrap(wrapped))
    return None


def _masters() -> list[Fernet]:
    return [Fernet(key) for key in settings.DESIGN_KEYS]
