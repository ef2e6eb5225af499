"""Where plain bytes of a design lie, and that nothing of them is left whoever is killed."""

from __future__ import annotations

import os
import signal
import time
from datetime import timedelta
from functools import partial
from importlib import import_module
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import SimpleNamespace

import pytest
from asgiref.testing import ApplicationCommunicator
from cryptography.fernet import Fernet
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import RequestFactory
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.config.asgi import application
from marketplace.designs import incoming, reading, rotation, scratch
from marketplace.designs.keys import MasterKeyMissing
from marketplace.designs.models import Design, Upload
from marketplace.designs.sealing import FileDamaged, pieces_open, pieces_seal
from marketplace.designs.tasks import left_remove
from protocol.units import Digest
from tests.designs.test_asgi import answer, scope
from tests.factories.models import BRACKET
from tests.factories.parts import Parts

DATA = BRACKET.read_bytes()
MARK = DATA[200:240]
AN_ADDRESS = Digest(bytes(32))
KEY, ABOUT = b"k" * 32, b"about"
uploads_end = import_module("marketplace.designs.migrations.0010_uploads_sealed").uploads_end


def lying(folder: Path) -> list[Path]:
    """The files below a folder that hold plain bytes of the model."""
    return [path for path in folder.rglob("*") if path.is_file() and MARK in path.read_bytes()]


@pytest.fixture
def parts(client_of, store, ada) -> Parts:
    return Parts(client_of(ada))


@pytest.fixture
def half(parts, settings) -> str:
    """An upload under way, of which 5,000 bytes are here."""
    settings.DESIGN_KEYS = [Fernet.generate_key().decode()]
    place = parts.start(len(DATA))["Location"]
    parts.send(place, DATA[:5000], 0)
    return place


# Uploads.
@pytest.mark.django_db
def test_an_upload_under_way_lies_encrypted_and_its_key_goes_with_the_last_byte(half, parts, store):
    file = incoming.path_of(Upload.objects.get().pk)
    assert file.stat().st_size == Upload.objects.get().sealed_bytes > 5000
    assert lying(store) == []
    assert Upload.objects.get().wrapped
    parts.send(half, DATA[5000:], 5000)
    assert lying(store) == []
    assert (Upload.objects.get().wrapped, file.exists()) == ("", False)
    assert Design.objects.count() == 1


@pytest.mark.django_db
def test_without_the_master_key_an_upload_waits_and_loses_nothing(half, parts, settings):
    kept, settings.DESIGN_KEYS = settings.DESIGN_KEYS, [Fernet.generate_key().decode()]
    refused = parts.send(half, DATA[5000:], 5000)
    assert (refused.status_code, refused.json()["code"]) == (503, "master-key-missing")
    with pytest.raises(MasterKeyMissing):
        rotation.keys_behind()
    settings.DESIGN_KEYS = kept
    assert parts.ask(half)["Upload-Offset"] == "5000"
    assert parts.send(half, DATA[5000:], 5000).has_header("Infill-Design")


@pytest.mark.django_db
def test_a_rotation_covers_uploads_under_way_and_not_those_that_ended(half, parts, settings):
    settings.DESIGN_KEYS = [Fernet.generate_key().decode(), *settings.DESIGN_KEYS]
    behind = rotation.keys_behind()
    assert (behind, rotation.keys_rotate(), rotation.keys_behind()) == (1, 1, 0)
    settings.DESIGN_KEYS = settings.DESIGN_KEYS[:1]
    assert parts.send(half, DATA[5000:], 5000).has_header("Infill-Design")
    assert rotation.keys_behind() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("damage", [lambda data: data[:-1], lambda data: data[:20] + b"\0" + data[21:]])
def test_what_was_damaged_is_told_and_becomes_no_design(half, parts, damage):
    file = incoming.path_of(Upload.objects.get().pk)
    file.write_bytes(damage(file.read_bytes()))
    refused = parts.send(half, DATA[5000:], 5000)
    assert (refused.status_code, refused.json()["code"]) == (410, "upload-lost")
    assert not Design.objects.exists()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(1, len(DATA)), min_size=1, max_size=4), torn=st.data())
@pytest.mark.django_db
def test_cut_in_the_middle_of_a_piece_what_was_acknowledged_is_there(cuts, torn, parts, store):
    """Before each part one that was killed has written some of it, and of other bytes, beyond the row's word."""
    Upload.objects.all().delete()
    Design.objects.all().delete()
    place, offset = parts.start(len(DATA))["Location"], 0
    file = incoming.path_of(Upload.objects.get().pk)
    for end in [*sorted(cuts), len(DATA)]:
        piece = b"".join(pieces_seal(KEY, ABOUT, offset, DATA[offset:end][::-1]))
        with file.open("ab") as killed:
            killed.write(piece[: torn.draw(st.integers(0, len(piece)))])
        assert parts.ask(place)["Upload-Offset"] == str(offset)
        assert parts.send(place, DATA[offset:end], offset).status_code == 204
        offset = end
    with rotation.store.file_open(Digest(bytes.fromhex(Design.objects.get().digest[2:]))) as whole:
        assert whole.read() == DATA


@given(data=st.binary(max_size=2000), cut=st.integers(0, 1999), start=st.integers(0, 2**40))
def test_pieces_open_where_they_were_sealed_alone(data, cut, start, tmp_path_factory):
    with NamedTemporaryFile() as file:
        file.writelines(pieces_seal(KEY, ABOUT, 0, data[:cut]))
        file.writelines(pieces_seal(KEY, ABOUT, len(data[:cut]), data[cut:]))
        assert b"".join(pieces_open(file, KEY, ABOUT, len(data))) == data
        with pytest.raises(FileDamaged):
            list(pieces_open(file, KEY, ABOUT, len(data) + 1))
        if data:
            for key, about in ((b"K" * 32, ABOUT), (KEY, b"another")):
                with pytest.raises(FileDamaged):
                    list(pieces_open(file, key, about, len(data)))
            file.seek(0)
            file.writelines(pieces_seal(KEY, ABOUT, start + 1, data))
            with pytest.raises(FileDamaged):
                list(pieces_open(file, KEY, ABOUT, len(data)))


# Requests.
@pytest.fixture
def set_aside(monkeypatch, tmp_path, settings) -> Path:
    """The files of requests have names, and stay."""
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    monkeypatch.setattr(scratch, "TemporaryFile", partial(NamedTemporaryFile, delete=False))
    return tmp_path


@pytest.mark.django_db
def test_a_file_of_a_form_is_never_plain_on_the_disk(set_aside, client_of, ada):
    file = SimpleUploadedFile("part.stl", DATA)
    assert client_of(ada).post("/api/v1/designs", {"file": file}, format="multipart").status_code == 201
    assert any(path.stat().st_size > len(DATA) for path in set_aside.iterdir())
    assert lying(set_aside) == []


async def test_a_body_too_large_for_memory_is_never_plain_on_the_disk(set_aside, settings):
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 1000
    type_ = "multipart/form-data; boundary=x"
    caller = ApplicationCommunicator(application, scope(content_type=type_, content_length=str(len(DATA))))
    for start in range(0, len(DATA), 4000):
        more = start + 4000 < len(DATA)
        part = DATA[start : start + 4000]
        await caller.send_input({"type": "http.request", "body": part, "more_body": more})
    assert (await answer(caller))[0] == 401
    assert any(path.stat().st_size > 4000 for path in set_aside.iterdir())
    assert lying(set_aside) == []


def test_what_was_set_aside_is_read_as_it_came():
    with scratch.Scratch() as kept:
        for start in range(0, len(DATA), 777):
            kept.write(DATA[start : start + 777])
        assert b"".join(kept.pieces()) == DATA
        assert b"".join(iter(lambda: kept.read(1000), b"")) == DATA


def test_no_other_form_takes_a_file(tmp_path, settings):
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    form = {"file": SimpleUploadedFile("part.stl", DATA), "title": "A bracket"}
    request = RequestFactory().post("/jobs/new", form)
    assert (dict(request.FILES), request.POST["title"]) == ({}, "A bracket")
    assert list(tmp_path.iterdir()) == []


# Reading.
def killed_at(monkeypatch, point: str, folder: Path) -> None:
    """Fork a reader, and kill it once it is there."""

    def stop() -> None:
        (folder.parent / "there").touch()
        time.sleep(60)

    def chunks(address: Digest):
        yield DATA
        if point == "half":
            stop()
        yield DATA

    child = os.fork()
    if child:
        end = time.monotonic() + 20
        while not (folder.parent / "there").exists() and time.monotonic() < end:
            time.sleep(0.01)
        assert reading.plain_sweep() == 0, "its maker lives"
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return
    try:
        reading.store.file_chunks = chunks
        with reading.plain_copy(AN_ADDRESS) as (_, made):
            (made / "print.stl").write_bytes(DATA)
            if point == "read":
                stop()
            reading.shutil.rmtree = lambda *_, **__: stop()
    finally:
        os._exit(1)


@pytest.mark.parametrize("point", ["half", "read", "ended"])
@pytest.mark.parametrize(
    "who", ["a sweep", "a worker that starts", "designs_check --clean", "the next reader"]
)
def test_whoever_reads_is_killed_and_nothing_plain_is_left(point, who, store, monkeypatch, db):
    folder = store / "incoming"
    killed_at(monkeypatch, point, folder)
    assert lying(folder)
    match who:
        case "a sweep":
            assert reading.plain_sweep() == 1
        case "a worker that starts":
            left_remove()
        case "designs_check --clean":
            assert rotation.files_clean(timezone.now()) == 1
        case "the next reader":
            monkeypatch.setattr(reading.store, "file_chunks", lambda address: iter([b"another"]))
            with reading.plain_copy(AN_ADDRESS) as (model, _):
                assert [path.name for path in folder.iterdir()] == [model.parent.name]
    assert list(folder.iterdir()) == []


def test_a_folder_that_was_swept_before_it_was_locked_is_made_anew(store, monkeypatch):
    made, swept = reading.mkdtemp, []

    def mkdtemp(**asked):
        folder = made(**asked)
        if not swept:
            swept.append(folder)
            reading.plain_sweep()
        return folder

    monkeypatch.setattr(reading, "mkdtemp", mkdtemp)
    monkeypatch.setattr(reading.store, "file_chunks", lambda address: iter([DATA]))
    with reading.plain_copy(AN_ADDRESS) as (model, _):
        assert model.read_bytes() == DATA
        assert str(model.parent) not in swept
    assert list((store / "incoming").iterdir()) == []


def test_a_link_is_no_folder_of_ours(store, tmp_path):
    (tmp_path / "target").mkdir()
    (store / "incoming" / "plain-x").symlink_to(tmp_path / "target")
    assert reading.plain_sweep() == 0
    assert (tmp_path / "target").exists()


# A site of before.
@pytest.mark.django_db(transaction=True)
def test_what_lay_plain_goes_and_uploads_begin_anew(store, person, ada):
    known = {"owner": person(ada), "length": 9, "expires_at": timezone.now() + timedelta(days=1)}
    done = Upload.objects.create(design=Design.objects.create(owner=person(ada), bytes=9), offset=9, **known)
    started = Upload.objects.create(offset=4, **known)
    folder = store / "incoming"
    incoming.path_of(started.pk).write_bytes(DATA)
    for name in ("plain-abc", "tmpab.upload.stl", "measure-x/picture.stl", "repair-x/a.stl", "slice-x/a.stl"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(DATA)
    with transaction.atomic():
        uploads_end(apps, SimpleNamespace(connection=connection))
        assert lying(folder), "only once the rows are gone"
    assert list(Upload.objects.all()) == [done]
    assert list(folder.iterdir()) == []
