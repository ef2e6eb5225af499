"""A site whose designs lay plain: migrating encrypts them, whoever is killed, and says nothing of what was lost."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection, transaction

from marketplace.designs import rotation
from marketplace.designs.models import AddressKey, Design, StoredFile
from marketplace.designs.store import file_chunks, is_whole
from protocol.canonical import keccak
from protocol.units import digest_of
from tests.designs.migrating import seal_all

pytestmark = pytest.mark.django_db(transaction=True)
MODEL, PICTURE = b"solid bracket\nendsolid bracket\n" * 9000, b"a picture"


def plain(folder: Path, data: bytes) -> str:
    """Keep bytes as a site once did: under their keccak."""
    name = keccak(data).hex()
    path = folder / name[:2] / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return f"0x{name}"


@pytest.fixture
def folder(store) -> Path:
    return store / "designs"


@pytest.fixture
def old(folder, person, ada, bo) -> list[Design]:
    """Two designs of one file, as the rows once had them, and one whose file was lost."""
    digest, picture = plain(folder, MODEL), plain(folder, PICTURE)
    made = {"name": "bracket.stl", "bytes": len(MODEL), "picture": picture, "print_digest": ""}
    first, second = (Design.objects.create(owner=person(who), digest=digest, **made) for who in (ada, bo))
    lost = Design.objects.create(owner=person(ada), name="lost", digest="0x" + "ab" * 32, bytes=1)
    return [first, second, lost]


def migrate() -> None:
    with transaction.atomic():
        seal_all(apps, SimpleNamespace(connection=connection))


def lying(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


def test_every_file_is_encrypted_once_and_no_plain_one_is_left(old, folder):
    migrate()
    for design in old:
        design.refresh_from_db()
    first, second, lost = old
    assert first.digest == second.digest != "0x" + keccak(MODEL).hex()
    assert b"".join(file_chunks(digest_of(first.digest))) == MODEL
    assert b"".join(file_chunks(digest_of(second.picture))) == PICTURE
    assert lost.digest == "0x" + "ab" * 32
    assert len(lying(folder)) == StoredFile.objects.count() == 2
    assert not any(b"solid bracket" in data or data == PICTURE for data in lying(folder))
    assert list(rotation.files_broken()) == [lost.digest]


def migrate_in_vain() -> None:
    with transaction.atomic():
        seal_all(apps, SimpleNamespace(connection=connection))
        raise RuntimeError("killed before the commit")


def test_where_it_fails_the_plain_files_and_rows_are_as_before_and_it_runs_again(old, folder):
    with pytest.raises(RuntimeError):
        migrate_in_vain()
    assert not StoredFile.objects.exists()
    assert MODEL in lying(folder)
    migrate()
    assert is_whole(digest_of(Design.objects.get(pk=old[0].pk).digest))
    assert MODEL not in lying(folder)


def test_a_site_without_files_gets_no_key(db):
    migrate()
    assert not AddressKey.objects.exists()
