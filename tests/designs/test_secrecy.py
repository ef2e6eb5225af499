"""The store: encrypted under keys of the environment, addressed by a keyed digest, whole whoever is killed."""

from __future__ import annotations

import shutil
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.utils import timezone

from marketplace.accounts.models import Person
from marketplace.designs import incoming, rotation, store
from marketplace.designs.keys import MasterKeyMissing, wrapped_anew
from marketplace.designs.models import AddressKey, Design, StoredFile
from marketplace.designs.reading import plain_copy
from marketplace.designs.resumable import upload_append, upload_create, upload_end
from marketplace.designs.sealing import FileDamaged
from protocol.canonical import keccak
from protocol.units import Digest, digest_of, hex_of
from tests.factories.models import BRACKET, box, stl
from tests.factories.parts import Parts

pytestmark = pytest.mark.django_db
SECRET = b"a secret bracket " * 10_000


def new_key() -> str:
    return Fernet.generate_key().decode()


def row_of(address: Digest) -> StoredFile:
    return StoredFile.objects.get(pk=hex_of(address))


def read(address: Digest) -> bytes:
    return b"".join(store.file_chunks(address))


@pytest.fixture
def folder(store) -> Path:
    return store / "designs"


@pytest.fixture
def kept(folder, settings) -> Digest:
    """A file, kept under a master key of this test's own."""
    settings.DESIGN_KEYS = [new_key()]
    return store.bytes_save(SECRET)


def path_of(folder: Path, address: Digest) -> Path:
    return folder / store.path_of(row_of(address).name)


def test_without_the_master_key_nothing_opens_and_nothing_can_be_kept(kept, settings):
    settings.DESIGN_KEYS = [new_key()]
    with pytest.raises(MasterKeyMissing, match="DESIGN_KEYS"):
        store.file_open(kept)
    with pytest.raises(MasterKeyMissing):
        store.bytes_save(b"another")
    with pytest.raises(MasterKeyMissing):
        store.is_whole(kept)


def test_a_flipped_byte_a_cut_file_and_a_swapped_one_are_named(kept, folder):
    path, other = path_of(folder, kept), path_of(folder, store.bytes_save(SECRET[::-1]))
    whole = path.read_bytes()
    for damaged in (bytes([whole[0] ^ 1]) + whole[1:], whole[:-1], whole[:-20], b"", other.read_bytes()):
        path.write_bytes(damaged)
        with pytest.raises(FileDamaged):
            read(kept)
        assert not store.is_whole(kept)
    path.write_bytes(whole)
    assert store.is_whole(kept)


def test_rows_that_were_swapped_open_nothing(kept):
    """Who can write rows cannot make one design's file pass for another's."""
    mine, other = row_of(kept), row_of(store.bytes_save(b"x" * len(SECRET)))
    StoredFile.objects.filter(pk=mine.pk).update(name="moved")
    StoredFile.objects.filter(pk=other.pk).update(name=mine.name, wrapped=mine.wrapped)
    with pytest.raises(FileDamaged):
        read(store.address_of_row(other))


def test_nothing_of_a_file_nor_its_keccak_is_on_the_disk_or_in_a_row(measured, ada, store):
    data = BRACKET.read_bytes()
    design = measured(ada, data)
    lying = [path for path in store.rglob("*") if path.is_file()]
    assert lying
    for path in lying:
        assert data[200:260] not in path.read_bytes()
        assert keccak(data).hex() not in path.name
        assert design.digest[2:] not in path.name
    assert keccak(data).hex() not in str(list(Design.objects.values()) + list(StoredFile.objects.values()))


def test_addresses_are_of_the_content_and_of_this_site_alone(kept):
    assert store.bytes_save(SECRET) == kept
    assert StoredFile.objects.count() == 1
    AddressKey.objects.all().delete()
    assert store.bytes_save(SECRET) != kept


def test_killed_between_the_file_and_its_row_nothing_is_half_and_the_next_try_works(folder, monkeypatch, ada):
    with monkeypatch.context() as patch:
        patch.setattr(StoredFile.objects, "get_or_create", None)
        with pytest.raises(TypeError):
            store.bytes_save(SECRET)
    assert not StoredFile.objects.exists()
    left = [path for path in folder.rglob("*") if path.is_file()]
    assert len(left) == 1
    address = store.bytes_save(SECRET)
    assert read(address) == SECRET
    assert rotation.files_left(timezone.now()) == [], "it may still be of an upload that goes on"
    assert rotation.files_clean(timezone.now() + timedelta(days=2)) == 1
    assert not left[0].exists()
    assert read(address) == SECRET


def test_an_upload_that_stands_still_is_not_what_somebody_left(ada):
    started = upload_create(
        owner=Person.objects.create(address=ada.address), name="a.stl", length=9, unit="", now=timezone.now()
    )
    upload_append(upload=started, offset=0, chunks=[b"half"], now=timezone.now())
    file = incoming.path_of(started.pk)
    assert file not in rotation.files_left(timezone.now() + timedelta(days=2))
    upload_end(upload=started)
    assert not file.exists()


def test_a_file_that_is_lost_is_kept_anew_when_it_comes_again(kept, folder):
    path_of(folder, kept).unlink()
    with pytest.raises(FileNotFoundError):
        read(kept)
    assert store.bytes_save(SECRET) == kept
    assert read(kept) == SECRET


def test_the_plain_copy_for_measuring_is_private_and_goes(kept, store):
    with plain_copy(kept) as (model, made):
        assert model.read_bytes() == SECRET
        assert [path.stat().st_mode & 0o077 for path in (model, made, made.parent)] == [0, 0, 0]
        assert made.parent.parent == store / "incoming"
        (made / "print.stl").write_bytes(SECRET)
        assert rotation.files_clean(timezone.now() + timedelta(days=2)) == 0, "its reader lives"
        assert model.exists()
    assert not any((store / "incoming").iterdir())


def test_after_a_rotation_the_old_key_is_not_needed(kept, settings):
    old = settings.DESIGN_KEYS
    settings.DESIGN_KEYS = [new_key(), *old]
    assert (rotation.keys_behind(), read(kept)) == (2, SECRET)
    assert rotation.keys_rotate() == 2, "the file's key and that of addresses"
    assert (rotation.keys_rotate(), rotation.keys_behind()) == (0, 0)
    settings.DESIGN_KEYS = settings.DESIGN_KEYS[:1]
    assert read(kept) == SECRET
    assert store.bytes_save(SECRET) == kept, "addresses stay"
    settings.DESIGN_KEYS = old
    with pytest.raises(MasterKeyMissing):
        read(kept)


def test_a_rotation_that_is_killed_goes_on_where_it_stopped(kept, settings, monkeypatch):
    more = [store.bytes_save(bytes([number]) * 100) for number in range(5)]
    settings.DESIGN_KEYS = [new_key(), *settings.DESIGN_KEYS]
    calls = []

    def killed(wrapped: str) -> str | None:
        calls.append(wrapped)
        if len(calls) > 3:
            raise KeyboardInterrupt
        return wrapped_anew(wrapped)

    with monkeypatch.context() as patch:
        patch.setattr(rotation, "wrapped_anew", killed)
        with pytest.raises(KeyboardInterrupt):
            rotation.keys_rotate()
    assert [read(each) for each in (kept, *more)] == [SECRET, *(bytes([number]) * 100 for number in range(5))]
    assert rotation.keys_rotate() == 7 - 3
    settings.DESIGN_KEYS = settings.DESIGN_KEYS[:1]
    assert read(more[-1]) == bytes([4]) * 100


def test_the_commands_say_what_they_did_and_what_does_not_open(kept, folder, settings):
    settings.DESIGN_KEYS = [new_key(), *settings.DESIGN_KEYS]
    said = StringIO()
    call_command("designs_rotate", stdout=said)
    assert "2 keys were wrapped anew" in said.getvalue()
    call_command("designs_check", stdout=said)
    assert "files: 1, of which 0 do not open\nkeys under an older master key: 0" in said.getvalue()
    path = path_of(folder, kept)
    shutil.copy(path, path.with_name("kept"))
    path.write_bytes(b"rotten")
    complaint = StringIO()
    with pytest.raises(CommandError, match="1 files do not open"):
        call_command("designs_check", stdout=said, stderr=complaint)
    assert hex_of(kept) in complaint.getvalue()
    settings.DESIGN_KEYS = [new_key()]
    for command in ("designs_rotate", "designs_check"):
        with pytest.raises(CommandError, match="DESIGN_KEYS lacks the master key"):
            call_command(command)


def test_the_same_file_twice_gives_different_public_digests(kept):
    first, second = (store.salted_digest_of(kept, salt) for salt in (b"a" * 32, b"b" * 32))
    assert len({first, second, keccak(SECRET), kept}) == 4
    assert first == keccak(b"a" * 32 + SECRET)


def test_a_lost_original_is_answered_as_the_operators_to_mend(upload, ada, client_of, store):
    design = upload(ada, stl(box())).json()["id"]
    kept = digest_of(Design.objects.get().digest)
    row = StoredFile.objects.get(pk=hex_of(kept))
    (store / "designs" / row.name[:2] / row.name).unlink()
    answer = client_of(ada).get(f"/api/v1/designs/{design}/file")
    assert (answer.status_code, answer.json()["code"]) == (503, "file-lost")


@pytest.mark.parametrize("way", ["form", "parts"])
def test_sending_a_file_that_somebody_else_has_is_as_much_work(
    way, upload, client_of, ada, bo, folder, monkeypatch
):
    """Else who sends a guess could tell by the time it takes that the site holds the file."""
    data, written = stl(box()), []
    upload(ada, data)
    monkeypatch.setattr(
        store,
        "sealed_save",
        lambda name, chunks, save=store.sealed_save: (written.append(name), save(name, chunks)),
    )
    if way == "form":
        assert upload(bo, data).status_code == 201
    else:
        parts = Parts(client_of(bo))
        assert parts.send(parts.start(len(data))["Location"], data, 0).has_header("Infill-Design")
    assert len(written) == 1
    assert Design.objects.count() == 2
    kept = StoredFile.objects.get()
    assert [path.name for path in folder.rglob("*") if path.is_file()] == [kept.name]
    assert kept.name not in written
