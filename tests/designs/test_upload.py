"""Receiving files: limits that end a stream, quotas, and one file once."""

import tracemalloc
from io import RawIOBase

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from marketplace.activity.selectors import activity_of
from marketplace.designs.models import Design, StoredFile
from marketplace.designs.rules import clean_name
from marketplace.designs.store import file_open
from protocol.units import digest_of
from tests.factories.models import box, sphere, stl

pytestmark = pytest.mark.django_db
BOUNDARY = "infillboundary"


class Endless(RawIOBase):
    """A multipart body whose file never ends; it counts what is taken."""

    def __init__(self) -> None:
        self.taken = 0
        self._head = (
            f"--{BOUNDARY}\r\nContent-Disposition: form-data; name=file; filename=huge.stl\r\n\r\n".encode()
        )

    def read(self, size: int = -1) -> bytes:
        self.taken += size if size > 0 else 65536
        head, self._head = self._head, b""
        return head + bytes((size if size > 0 else 65536) - len(head))


def test_a_stranger_cannot_upload(client_of, store):
    file = SimpleUploadedFile("part.stl", stl(box()))
    refused = client_of().post("/api/v1/designs", {"file": file}, format="multipart")
    assert (refused.status_code, refused.json()["code"]) == (401, "not-authenticated")
    assert not Design.objects.exists()


def test_an_endless_stream_ends_at_the_limit_without_filling_memory(client_of, store, settings, ada):
    settings.UPLOAD_LIMIT_BYTES = 30_000_000
    body, client = Endless(), client_of(ada)
    tracemalloc.start()
    refused = client.generic(
        "POST",
        "/api/v1/designs",
        content_type=f"multipart/form-data; boundary={BOUNDARY}",
        CONTENT_LENGTH="30060000",
        **{"wsgi.input": body},
    )
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (refused.status_code, refused.json()["code"]) == (413, "upload-too-large")
    assert 30_000_000 < body.taken < 32_000_000
    assert peak < 8_000_000
    assert not any((store / "incoming").iterdir())
    assert not Design.objects.exists()


def test_what_is_announced_too_large_is_not_even_read(client_of, store, settings, ada):
    body, client = Endless(), client_of(ada)
    refused = client.generic(
        "POST",
        "/api/v1/designs",
        content_type=f"multipart/form-data; boundary={BOUNDARY}",
        CONTENT_LENGTH=str(settings.UPLOAD_LIMIT_BYTES * 2),
        **{"wsgi.input": body},
    )
    assert (refused.status_code, refused.json()["code"]) == (413, "upload-too-large")
    assert body.taken == 0


def test_two_files_in_one_request_count_together(client_of, store, settings, ada):
    data = stl(sphere())
    settings.UPLOAD_LIMIT_BYTES = len(data) + 1000
    files = {"first": SimpleUploadedFile("a.stl", data), "file": SimpleUploadedFile("b.stl", data)}
    assert client_of(ada).post("/api/v1/designs", files, format="multipart").status_code == 413
    assert not any((store / "incoming").iterdir())


def test_a_person_beyond_the_quota_is_refused_and_others_are_not(upload, settings, ada, bo):
    settings.UPLOAD_QUOTA_BYTES = len(stl(box())) * 2
    assert upload(ada, stl(box())).status_code == 201
    assert upload(ada, stl(box(10, 10, 10))).status_code == 201
    refused = upload(ada, stl(box(5, 5, 5)))
    assert (refused.status_code, refused.json()["code"]) == (413, "upload-quota-exceeded")
    assert "684" in refused.json()["detail"]
    assert upload(bo, stl(box(5, 5, 5))).status_code == 201
    assert upload(ada, stl(box())).status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [({}, 400), ({"file": "not a file"}, 400), ({"other": SimpleUploadedFile("a.stl", b"x")}, 400)],
)
def test_a_request_without_a_file_names_the_field(body, status, client_of, store, ada):
    refused = client_of(ada).post("/api/v1/designs", body, format="multipart")
    assert refused.status_code == status
    assert list(refused.json()["fields"]) == ["file"]


def test_json_is_no_upload(client_of, ada):
    assert client_of(ada).post("/api/v1/designs", {"file": "x"}, format="json").status_code == 415


def test_an_upload_lies_encrypted_and_is_told_of(upload, store, ada):
    data = stl(sphere())
    answer = upload(ada, data, "sphere.stl")
    assert answer.status_code == 201
    assert answer.json() == answer.json() | {
        "name": "sphere.stl",
        "bytes": len(data),
        "status": "UPLOADED",
        "reasons": [],
        "measurement": None,
    }
    design = Design.objects.get()
    kept = StoredFile.objects.get(pk=design.digest)
    stored = store / "designs" / kept.name[:2] / kept.name
    assert data[100:200] not in stored.read_bytes()
    assert stored.stat().st_mode & 0o077 == 0
    with file_open(digest_of(design.digest)) as content:
        assert content.read() == data
    assert [row.kind for row in activity_of(design.subject)] == ["design.uploaded"]
    assert design.digest not in answer.content.decode()
    assert not any((store / "incoming").iterdir())


def test_the_same_file_is_one_design_for_its_owner_and_another_for_others(upload, ada, bo):
    first, again, other = upload(ada), upload(ada, name="renamed.stl"), upload(bo)
    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 201)
    assert first.json()["id"] == again.json()["id"] != other.json()["id"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\models\\part.stl", "part.stl"),
        ("a\x00b\r\nc.stl", "abc.stl"),
        ("\u202emalte.stl", "malte.stl"),
        ("...", "model.stl"),
        ("", "model.stl"),
        ("x" * 300, "x" * 120),
    ],
)
def test_names_carry_no_folders_and_no_control_characters(given, kept):
    assert clean_name(given) == kept
