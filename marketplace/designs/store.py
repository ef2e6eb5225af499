"""Where files are kept: encrypted, in the storage named "designs" (a folder, or S3 by settings), each under a
name that says nothing, found by its address.

An address is a digest of the content under a secret key: the same bytes are kept once, and nobody without
that key can tell from an address which file it is. A file is written whole before the row that names it:
who is killed between leaves what no row names, and `designs_check --clean` removes that.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from io import BufferedReader
from typing import Any, Final

from django.core.files import File
from django.core.files.storage import Storage, storages
from django.core.files.uploadedfile import TemporaryUploadedFile

from marketplace.designs.hashing import keccak_stream
from marketplace.designs.keys import MasterKeyMissing, unwrap, wrap
from marketplace.designs.models import AddressKey, StoredFile
from marketplace.designs.sealing import KEY_BYTES, FileDamaged, Unsealed, seal, sealed_length
from protocol.errors import InfillError
from protocol.units import Digest, digest_of, hex_of

CHUNK: Final = 256 * 1024


class FileLost(InfillError, FileNotFoundError):
    """Rows name a file that is not in the store."""

    code = "file-lost"
    http_status = HTTPStatus.SERVICE_UNAVAILABLE

    def __init__(self) -> None:
        super().__init__(
            "The file is not in the store any more: its operator has to restore it from a backup."
        )


def address_key() -> bytes:
    """The key of addresses, made at the first use. It is wrapped as those of files, so rotation keeps it.

    Raises MasterKeyMissing.
    """
    row = AddressKey.objects.first()
    if row is None:
        made = {"wrapped": wrap(secrets.token_bytes(KEY_BYTES))}
        row, _ = AddressKey.objects.get_or_create(pk=1, defaults=made)
    return unwrap(row.wrapped)


def addressing() -> hashlib.blake2b:
    """A running address: `update(bytes)`, then `digest()`. Raises MasterKeyMissing."""
    return hashlib.blake2b(key=address_key(), digest_size=32)


def bytes_save(data: bytes) -> Digest:
    """Keep bytes; their address."""
    running = addressing()
    running.update(data)
    address = Digest(running.digest())
    chunks_save([data], address)
    return address


def chunks_save(chunks: Iterable[bytes], address: Digest, *, evenly: bool = False) -> None:
    """Keep the bytes of this address, unless they are kept; in place of a file that is not there any more.
    `evenly` does as much for what is kept already: who sends a file must not tell by the time it takes
    whether somebody else has it here.

    Never inside an atomic block of one's own: it writes a file.
    """
    known = StoredFile.objects.filter(pk=hex_of(address)).first()
    if known and is_there(known.name, sealed_length(known.bytes)):
        if evenly:
            sealed_delete(sealed_write(chunks, address).name)
        return
    fresh = sealed_write(chunks, address)
    made = {"name": fresh.name, "wrapped": fresh.wrapped, "bytes": fresh.bytes}
    if known and StoredFile.objects.filter(pk=known.pk, name=known.name).update(**made):
        return
    kept, created = StoredFile.objects.get_or_create(pk=fresh.pk, defaults=made)
    if not created and kept.name != fresh.name:
        # Somebody else kept the same bytes meanwhile, under a key of theirs.
        sealed_delete(fresh.name)


def sealed_write(chunks: Iterable[bytes], address: Digest) -> StoredFile:
    """Encrypt bytes under a key of their own into a new file; the row for it, not saved."""
    key, name, count = secrets.token_bytes(KEY_BYTES), secrets.token_hex(16), 0

    def counted() -> Iterator[bytes]:
        nonlocal count
        for chunk in chunks:
            count += len(chunk)
            yield chunk

    sealed_save(name, seal(key, bytes(address), counted()))
    return StoredFile(address=hex_of(address), name=name, wrapped=wrap(key), bytes=count)


def sealed_save(name: str, chunks: Iterable[bytes]) -> None:
    """Write a sealed file as it is. In a folder it arrives whole: written elsewhere there, then renamed."""
    with TemporaryUploadedFile("chunks", "", 0, None) as arriving:
        for chunk in chunks:
            arriving.write(chunk)
        arriving.flush()
        os.fsync(arriving.fileno())  # on the disk before the row that names it
        arriving.seek(0)
        _store().save(_path(name), arriving)


def sealed_chunks(name: str) -> Iterator[bytes]:
    """The bytes of a sealed file as they lie there. Raises FileNotFoundError."""
    with _store().open(_path(name)) as content:
        yield from content.chunks(CHUNK)


def sealed_delete(name: str) -> None:
    """Remove a sealed file; none is fine."""
    _store().delete(_path(name))


def sealed_is(name: str, digest: Digest) -> bool:
    """Whether a sealed file of this name is there, and has this keccak."""
    hashing = keccak_stream()
    try:
        for chunk in sealed_chunks(name):
            hashing.update(chunk)
    except FileNotFoundError:
        return False
    return hashing.digest() == digest


def names_kept() -> Iterator[str]:
    """The path of every file in the store, whether or not a row names it."""
    for folder in _listed("")[0]:
        for name in _listed(folder)[1]:
            yield f"{folder}/{name}"


def path_of(name: str) -> str:
    """Where in the store the sealed file of a row is."""
    return _path(name)


def is_there(name: str, length: int) -> bool:
    """Whether a sealed file of this length is there, by its length alone."""
    return _store().exists(_path(name)) and _store().size(_path(name)) == length


def is_whole(address: Digest) -> bool:
    """Whether the file of an address is there, opens, and is the one of that address, with every byte.

    Raises MasterKeyMissing where that is the key of addresses.
    """
    running = addressing()
    try:
        for chunk in file_chunks(address):
            running.update(chunk)
    except (FileNotFoundError, FileDamaged, MasterKeyMissing):
        return False
    return running.digest() == address


def file_chunks(address: Digest) -> Iterator[bytes]:
    """The plain bytes of a file, in pieces. Raises FileLost, MasterKeyMissing, FileDamaged."""
    with file_open(address) as content:
        yield from content.chunks(CHUNK)


def file_open(address: Digest) -> File[Any]:
    """The plain file of an address, for reading from anywhere. Raises FileLost, MasterKeyMissing.

    Reading raises FileDamaged.
    """
    row = StoredFile.objects.filter(pk=hex_of(address)).first()
    if row is None:
        raise FileLost
    key = unwrap(row.wrapped)
    try:
        sealed = _store().open(_path(row.name))
    except FileNotFoundError as error:
        raise FileLost from error
    return File(BufferedReader(Unsealed(sealed, key, bytes(address), row.bytes), CHUNK))


def salted_digest_of(address: Digest, salt: bytes) -> Digest:
    """keccak(salt || file), as protocol.canonical.salted_digest, without holding the file in memory."""
    hashing = keccak_stream(salt)
    for chunk in file_chunks(address):
        hashing.update(chunk)
    return Digest(hashing.digest())


def address_of_row(row: StoredFile) -> Digest:
    """The address that a row is of."""
    return digest_of(row.address)


def _store() -> Storage:
    return storages["designs"]


def _listed(folder: str) -> tuple[list[str], list[str]]:
    """Folders and files in a folder of the store: none where nothing was ever kept."""
    try:
        return _store().listdir(folder)
    except FileNotFoundError:
        return [], []


def _path(name: str) -> str:
    return f"{name[:2]}/{name}"
