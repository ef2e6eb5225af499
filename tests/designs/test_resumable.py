"""Uploads in parts: refused by name, continued where they stand, a design once."""

import errno
import os
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.activity.selectors import activity_of
from marketplace.designs import incoming, resumable
from marketplace.designs import store as kept
from marketplace.designs.models import Design, Upload
from marketplace.designs.resumable import uploads_sweep
from marketplace.designs.rules import UPLOAD_OPEN_FOR, UPLOAD_OPEN_LIMIT
from marketplace.designs.tasks import uploads as sweep_task
from protocol.units import digest_of, hex_of
from tests.factories.models import box, stl
from tests.factories.parts import Parts

pytestmark = pytest.mark.django_db
DATA = stl(box())


def address_of(data):
    """Under which the store keeps bytes."""
    running = kept.addressing()
    running.update(data)
    return hex_of(running.digest())


@pytest.fixture
def parts(client_of, store, ada) -> Parts:
    return Parts(client_of(ada))


@pytest.fixture
def place(parts) -> str:
    """An upload of DATA that Ada has started."""
    return parts.start(len(DATA))["Location"]


def files(store) -> list[str]:
    return [each.name for each in (store / "incoming").iterdir()]


def problem(answer) -> tuple[int, str]:
    assert answer["Content-Type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"] if answer.content else ""


# Refused.
def test_another_version_is_refused_and_told_which_is_spoken(parts):
    refused = parts.start(10, HTTP_TUS_RESUMABLE="0.2.2")
    assert problem(refused) == (412, "tus-version-unsupported")
    assert (refused["Tus-Version"], refused["Tus-Resumable"]) == ("1.0.0", "1.0.0")


@pytest.mark.parametrize("length", ["", "-1", "many", "9" * 30])
def test_a_length_that_is_none_is_refused(parts, length):
    assert problem(parts.start(0, HTTP_UPLOAD_LENGTH=length)) == (400, "tus-header-malformed")


def test_a_unit_that_is_none_names_the_field(parts):
    refused = parts.start(10, unit="parsec")
    assert problem(refused) == (422, "malformed")
    assert list(refused.json()["fields"]) == ["unit"]


def test_two_gigabytes_are_refused_before_a_byte(parts, store):
    assert problem(parts.start(2 * 1024**3)) == (413, "upload-too-large")
    assert not Upload.objects.exists()
    assert files(store) == []


def test_what_open_uploads_will_take_counts_against_the_quota(parts, upload, settings, ada, bo, client_of):
    settings.UPLOAD_QUOTA_BYTES = 1000
    assert parts.start(900).status_code == 201
    assert problem(parts.start(101)) == (413, "upload-quota-exceeded")
    assert problem(upload(ada)) == (413, "upload-quota-exceeded")
    assert Parts(client_of(bo)).start(900).status_code == 201
    assert parts.start(100).status_code == 201


def test_the_number_of_open_uploads_is_bounded(parts):
    places = [parts.start(1)["Location"] for _ in range(UPLOAD_OPEN_LIMIT)]
    assert problem(parts.start(1)) == (429, "too-many-uploads")
    parts.end(places[0])
    assert parts.start(1).status_code == 201


def test_anothers_upload_is_not_there(parts, place, client_of, charlie):
    thief = Parts(client_of(charlie))
    assert thief.ask(place).status_code == 404
    assert problem(thief.send(place, b"x", 0)) == (404, "not-found")
    assert problem(thief.end(place)) == (404, "not-found")
    assert parts.ask(place)["Upload-Offset"] == "0"


@pytest.mark.parametrize("offset", [1, 99, 101, len(DATA), 2**40])
def test_no_hole_is_made_and_nothing_is_written_twice(parts, place, offset):
    parts.send(place, DATA[:100], 0)
    refused = parts.send(place, b"x", offset)
    assert problem(refused) == (409, "upload-offset-wrong")
    assert refused.json()["expected_offset"] == 100
    assert incoming.length_of(Upload.objects.get().pk) == Upload.objects.get().sealed_bytes


def test_more_than_was_announced_is_refused_and_not_kept(parts, place):
    parts.send(place, DATA[:100], 0)
    assert problem(parts.send(place, DATA[100:] + b"x", 100)) == (400, "upload-overrun")
    assert parts.ask(place)["Upload-Offset"] == "100"
    assert parts.send(place, DATA[100:], 100).status_code == 204


@pytest.mark.parametrize("kind", ["application/json", "", "multipart/form-data; boundary=x"])
def test_other_media_types_are_refused(parts, place, kind):
    headers = {"HTTP_TUS_RESUMABLE": "1.0.0", "HTTP_UPLOAD_OFFSET": "0"}
    assert problem(parts.client.generic("PATCH", place, b"x", content_type=kind, **headers))[0] == 415


def test_a_full_disk_is_told_and_loses_nothing(parts, place, monkeypatch):
    parts.send(place, DATA[:100], 0)

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(incoming.os, "fsync", full)
        assert problem(parts.send(place, DATA[100:], 100)) == (507, "disk-full")
    assert incoming.length_of(Upload.objects.get().pk) == Upload.objects.get().sealed_bytes
    with monkeypatch.context() as patch:
        patch.setattr(resumable.store, "chunks_save", full)
        assert problem(parts.send(place, DATA[100:], 100)) == (507, "disk-full")
    done = parts.ask(place)
    assert done["Infill-Design"] == str(Design.objects.get().pk)


def test_while_one_writes_another_is_told_to_wait(parts, place):
    pk = Upload.objects.get().pk
    with incoming.held(pk, create=True):
        assert problem(parts.send(place, DATA, 0)) == (423, "upload-busy")
        assert problem(parts.end(place)) == (423, "upload-busy")
    assert parts.send(place, DATA, 0).status_code == 204


def test_bytes_that_are_gone_are_said_to_be(parts, place):
    parts.send(place, DATA[:100], 0)
    incoming.discard(Upload.objects.get().pk)
    assert parts.ask(place).status_code == 410
    assert problem(parts.send(place, DATA[100:], 100)) == (410, "upload-lost")
    assert Upload.objects.get().offset == 100


def test_a_link_in_the_place_of_the_file_is_not_followed(parts, place, tmp_path):
    (tmp_path / "target").write_text("kept")
    incoming.path_of(Upload.objects.get().pk).symlink_to(tmp_path / "target")
    with pytest.raises(OSError, match="symbolic links"):
        parts.send(place, DATA, 0)
    assert (tmp_path / "target").read_text() == "kept"


# Received.
@pytest.mark.parametrize("who", ["somebody", "nobody"])
@pytest.mark.parametrize("path", ["/api/v1/uploads", f"/api/v1/uploads/{UUID(int=7)}"])
def test_the_server_says_what_it_can_to_anybody(parts, settings, client_of, who, path):
    client = parts.client if who == "somebody" else client_of()
    assert client.head("/api/v1/uploads/" + str(uuid4())).status_code == (404 if who == "somebody" else 401)
    said = client.options(path)
    assert said.status_code == 204
    assert said["Tus-Version"] == "1.0.0"
    assert said["Tus-Extension"] == "creation,termination,expiration"
    assert said["Tus-Max-Size"] == str(settings.UPLOAD_LIMIT_BYTES)


def test_a_started_upload_says_where_and_how_long_it_waits(parts):
    started = parts.start(10)
    assert started.status_code == 201
    assert started["Location"].startswith("/api/v1/uploads/")
    assert "GMT" in started["Upload-Expires"]
    assert Upload.objects.get().expires_at > timezone.now() + UPLOAD_OPEN_FOR / 2


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(0, len(DATA)), max_size=4))
def test_cut_anywhere_it_goes_on_where_it_stopped_and_is_one_design(parts, store, cuts):
    name = f"{uuid4()}.stl"
    place, ends = parts.start(len(DATA), name=name)["Location"], [*sorted(cuts), len(DATA)]
    offset = 0
    for end in ends:
        assert parts.ask(place)["Upload-Offset"] == str(offset)
        answer = parts.send(place, DATA[offset:end], offset)
        assert (answer.status_code, answer["Upload-Offset"]) == (204, str(end))
        offset = end
    design = Design.objects.get(digest=address_of(DATA))
    assert answer["Infill-Design"] == str(design.pk)
    assert b"".join(kept.file_chunks(digest_of(design.digest))) == DATA
    assert files(store) == []
    assert [row.kind for row in activity_of(design.subject)] == ["design.uploaded"]


def test_name_and_unit_are_the_designs(parts):
    place = parts.start(len(DATA), name="../../äöü\u202e.stl", unit="inch")["Location"]
    parts.send(place, DATA, 0)
    design = Design.objects.get()
    assert (design.name, design.unit, design.bytes, design.status) == (
        "äöü.stl",
        "inch",
        len(DATA),
        "UPLOADED",
    )


def test_who_missed_the_answer_is_told_again(parts, place):
    design = parts.send(place, DATA, 0)["Infill-Design"]
    asked = parts.ask(place)
    assert (asked["Upload-Offset"], asked["Infill-Design"]) == (str(len(DATA)), design)
    again = parts.send(place, b"", len(DATA))
    assert (again.status_code, again["Infill-Design"]) == (204, design)
    assert problem(parts.send(place, DATA, 0)) == (409, "upload-offset-wrong")


def test_a_file_one_has_already_is_the_design_one_has(parts, upload, ada, place):
    known = upload(ada).json()["id"]
    assert parts.send(place, DATA, 0)["Infill-Design"] == known


def test_an_empty_file_is_whole_at_once(parts):
    started = parts.start(0)
    assert started["Infill-Design"] == str(Design.objects.get().pk)


def test_giving_up_frees_the_room_and_leaves_no_file(parts, place, store):
    parts.send(place, DATA[:100], 0)
    assert parts.end(place).status_code == 204
    assert parts.ask(place).status_code == 404
    assert files(store) == []


def test_the_design_outlives_its_upload(parts, place):
    parts.send(place, DATA, 0)
    assert parts.end(place).status_code == 204
    assert Design.objects.count() == 1


# Cut off.
@pytest.mark.parametrize("where", ["_complete", "store.chunks_save", "design_create", "incoming.discard"])
@pytest.mark.parametrize("way", ["asked", "sent", "swept"])
def test_cut_off_while_it_becomes_a_design_it_becomes_one_later(parts, place, monkeypatch, where, way):
    class Killed(BaseException):
        pass

    def die(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(f"marketplace.designs.resumable.{where}", die)
        with pytest.raises(Killed):
            parts.send(place, DATA, 0)
    match way:
        case "asked":
            parts.ask(place)
        case "sent":
            parts.send(place, b"", len(DATA))
        case "swept":
            sweep_task()
    design = Design.objects.get()
    assert Upload.objects.get().design == design
    assert [row.kind for row in activity_of(design.subject)] == ["design.uploaded"]


def test_bytes_beyond_what_the_row_says_are_written_over(parts, place):
    parts.send(place, DATA[:100], 0)
    with incoming.path_of(Upload.objects.get().pk).open("ab") as file:
        file.write(b"of one who was killed before the row moved")
    assert parts.ask(place)["Upload-Offset"] == "100"
    parts.send(place, DATA[100:], 100)
    assert Design.objects.get().digest == address_of(DATA)


def test_what_expired_is_swept_and_the_rest_is_not(parts, place, store):
    parts.send(place, DATA[:100], 0)
    other = parts.start(10)["Location"]
    parts.send(other, b"x", 0)
    late = timezone.now() + UPLOAD_OPEN_FOR + timedelta(minutes=1)
    Upload.objects.filter(pk=UUID(other[-36:])).update(expires_at=late + timedelta(minutes=1))
    assert uploads_sweep(now=late - timedelta(hours=1)) == 0
    assert uploads_sweep(now=late) == 1
    assert files(store) == [f"upload-{UUID(other[-36:]).hex}"]
    assert uploads_sweep(now=late) == 0


def test_each_part_gives_it_another_day(parts, place):
    Upload.objects.update(expires_at=timezone.now() + timedelta(minutes=1))
    parts.send(place, DATA[:1], 0)
    assert Upload.objects.get().expires_at > timezone.now() + UPLOAD_OPEN_FOR / 2


def test_one_that_expired_is_not_there_even_before_it_is_swept(parts, place):
    Upload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert parts.ask(place).status_code == 404
