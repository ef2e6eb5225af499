"""The words of tus 1.0 (https://tus.io/protocols/resumable-upload): headers to values and back. Pure."""

import binascii
from base64 import b64decode, b64encode
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from protocol.errors import InfillError

VERSION: Final = "1.0.0"
EXTENSIONS: Final = "creation,termination,expiration"
MEDIA_TYPE: Final = "application/offset+octet-stream"
METADATA_LIMIT: Final = 4096
# What a database column holds; far beyond any limit on uploads.
NUMBER_LIMIT: Final = 2**63 - 1


class TusVersionUnsupported(InfillError):
    """The request does not say that it speaks tus 1.0."""

    code = "tus-version-unsupported"
    http_status = HTTPStatus.PRECONDITION_FAILED

    def __init__(self) -> None:
        super().__init__(f"Send the header Tus-Resumable: {VERSION}.")


class TusHeaderMalformed(InfillError):
    """A header is missing or cannot be read."""

    code = "tus-header-malformed"
    http_status = HTTPStatus.BAD_REQUEST


def version_check(headers: Mapping[str, str]) -> None:
    """Raises TusVersionUnsupported."""
    if headers.get("Tus-Resumable") != VERSION:
        raise TusVersionUnsupported


def number_of(headers: Mapping[str, str], name: str) -> int:
    """A header that holds a count of bytes. Raises TusHeaderMalformed."""
    text = headers.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= NUMBER_LIMIT):
        raise TusHeaderMalformed(f"{name} has to be a whole number of bytes.")
    return int(text)


def metadata_of(headers: Mapping[str, str]) -> dict[str, str]:
    """What Upload-Metadata says: each name once, with its text. Raises TusHeaderMalformed."""
    line = headers.get("Upload-Metadata", "")
    if len(line) > METADATA_LIMIT:
        raise TusHeaderMalformed(f"Upload-Metadata is limited to {METADATA_LIMIT:,} characters.")
    pairs = [pair.strip().partition(" ") for pair in line.split(",")] if line.strip() else []
    found = {name: _text_of(name, value) for name, _, value in pairs}
    if "" in found or len(found) != len(pairs):
        raise TusHeaderMalformed("Upload-Metadata needs a name before each value, and each name once.")
    return found


def _text_of(name: str, value: str) -> str:
    try:
        return b64decode(value.strip(), validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise TusHeaderMalformed(f"Upload-Metadata: the value of {name!r} is not base64 of UTF-8.") from error


def metadata_line(values: Mapping[str, str]) -> str:
    """The header for these values; the other way round of `metadata_of`."""
    return ",".join(f"{name} {b64encode(text.encode()).decode()}" for name, text in values.items())
