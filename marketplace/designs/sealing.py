"""Encrypted files of which any part can be read by itself: the STREAM construction (Hoang, Reyhanitabar,
Rogaway, Vizar: "Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", CRYPTO 2015), as in
age.

A file is cut into chunks, each sealed with ChaCha20-Poly1305 under the file's own key. A chunk's nonce is its
number and whether it is the last, so none can be left out, moved or cut off; the address of the file is
authenticated with each, so none can come from another file. A key seals one file, once.

A file that is not whole yet is sealed in pieces instead, of any size. What was cut off is written again,
maybe with other bytes, so a piece has a nonce by chance; where it begins is authenticated with it.
"""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import IO, Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from protocol.errors import InfillError

CHUNK: Final = 64 * 1024
TAG: Final = 16
NONCE: Final = 12
SIZE: Final = 4
PIECE: Final = 256 * 1024
KEY_BYTES: Final = 32


class FileDamaged(InfillError):
    """A kept file is not what was put there: a byte was changed, it was cut, or it is another one."""

    code = "file-damaged"
    http_status = HTTPStatus.SERVICE_UNAVAILABLE

    def __init__(self) -> None:
        super().__init__("The kept file is damaged: its operator has to restore it from a backup.")


def sealed_length(length: int) -> int:
    """How many bytes a file of so many has once sealed."""
    return length + TAG * _chunks(length)


def seal(key: bytes, about: bytes, data: Iterable[bytes]) -> Iterator[bytes]:
    """The sealed chunks of a file that arrives in pieces of any size; empty has one chunk too."""
    cipher, waiting, number = ChaCha20Poly1305(key), bytearray(), 0
    for piece in data:
        waiting += piece
        while len(waiting) > CHUNK:
            yield cipher.encrypt(_nonce(number, last=False), bytes(waiting[:CHUNK]), about)
            del waiting[:CHUNK]
            number += 1
    yield cipher.encrypt(_nonce(number, last=True), bytes(waiting), about)


class Unsealed(io.RawIOBase):
    """The plain bytes of a sealed file of `length` plain bytes. Reading raises FileDamaged."""

    def __init__(self, sealed: IO[Any], key: bytes, about: bytes, length: int) -> None:
        self._sealed = sealed
        self._cipher = ChaCha20Poly1305(key)
        self._about = about
        self._length = length
        self._at = 0
        self._open: tuple[int, bytes] = (-1, b"")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._length}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Up to the end of a chunk. The end of the file is believed only of a whole last chunk."""
        if self._at >= self._length:
            self._chunk(_chunks(self._length) - 1)
            return 0
        number, start = divmod(self._at, CHUNK)
        part = self._chunk(number)[start : start + len(buffer)]
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)

    def close(self) -> None:
        if not self.closed:
            self._sealed.close()
        super().close()

    def _chunk(self, number: int) -> bytes:
        if self._open[0] != number:
            self._sealed.seek(number * (CHUNK + TAG))
            last = number == _chunks(self._length) - 1
            # One byte more than there may be: what was added to a file shows too.
            data = self._sealed.read(CHUNK + TAG + last)
            try:
                plain = self._cipher.decrypt(_nonce(number, last=last), data, self._about)
            except InvalidTag as error:
                raise FileDamaged from error
            if last and number * CHUNK + len(plain) != self._length:
                raise FileDamaged
            self._open = (number, plain)
        return self._open[1]


def pieces_seal(key: bytes, about: bytes, start: int, data: bytes) -> Iterator[bytes]:
    """The sealed pieces of the bytes that follow the first `start` ones of a file."""
    cipher = ChaCha20Poly1305(key)
    for at in range(0, len(data), PIECE):
        nonce = secrets.token_bytes(NONCE)
        sealed = cipher.encrypt(nonce, data[at : at + PIECE], about + (start + at).to_bytes(8))
        yield len(sealed).to_bytes(SIZE) + nonce + sealed


def pieces_open(file: IO[bytes], key: bytes, about: bytes, length: int) -> Iterator[bytes]:
    """The plain bytes of a file sealed in pieces, of which there are `length`. Raises FileDamaged."""
    cipher, at = ChaCha20Poly1305(key), 0
    file.seek(0)
    while at < length:
        size = min(int.from_bytes(file.read(SIZE)), PIECE + TAG)
        nonce, sealed = file.read(NONCE), file.read(size)
        try:
            plain = cipher.decrypt(nonce, sealed, about + at.to_bytes(8))
        except (InvalidTag, ValueError) as error:
            raise FileDamaged from error
        yield plain
        at += len(plain)


def _chunks(length: int) -> int:
    return max(1, -(-length // CHUNK))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11) + bytes([last])
