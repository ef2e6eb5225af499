"""A zip of several models becomes a design for each of them, measured by itself."""

import numpy as np
import pytest

from marketplace.designs import store
from marketplace.designs.mesh.formats.model import Limits
from marketplace.designs.mesh.formats.units import Unit
from marketplace.designs.mesh.measurement import ModelRefused
from marketplace.designs.mesh.pieces import piece_file
from marketplace.designs.models import Design, StoredFile
from marketplace.designs.parting import parts_keep
from marketplace.designs.repairs import repair_next, repair_want
from marketplace.designs.rules import PARTS_LIMIT
from marketplace.designs.selectors import bytes_used, parts_of_design, uploads_of
from marketplace.designs.services import design_convert, design_measure_next
from protocol.units import digest_of
from tests.factories.containers import zipped
from tests.factories.models import box, stl

pytestmark = pytest.mark.django_db


def measure_all() -> None:
    while design_measure_next():
        pass


def test_a_zip_of_more_models_than_a_job_has_parts_is_refused(upload, ada):
    assert Limits().models == PARTS_LIMIT
    files = {f"{number}.stl": stl(box(1, 1, 1)) for number in range(PARTS_LIMIT + 1)}
    upload(ada, zipped(files), "many.zip")
    measure_all()
    assert [(each.status, each.part_of_id) for each in Design.objects.all()] == [("REFUSED", None)]


def test_a_zip_of_one_model_is_one_design(upload, ada):
    upload(ada, zipped({"lid.stl": stl(box(30, 30, 4))}), "one.zip")
    measure_all()
    assert Design.objects.get().status == "MEASURED"


def test_each_model_is_a_design_of_its_own_and_the_zip_alone_counts(upload, ada, client_of):
    data = zipped({"a/lid.stl": stl(box(30, 30, 4)), "b/bracket.stl": stl(box(40, 20, 10)), "read.me": b"hi"})
    archive = upload(ada, data, "case.zip").json()["id"]
    measure_all()
    found = client_of(ada).get(f"/api/v1/designs/{archive}").json()
    parts = [client_of(ada).get(f"/api/v1/designs/{part}").json() for part in found["parts"]]
    assert [(part["name"], part["status"], part["part_of"]) for part in parts] == [
        ("lid.stl", "MEASURED", archive),
        ("bracket.stl", "MEASURED", archive),
    ]
    assert [part["measurement"]["size_um"] for part in parts] == [
        [30_000, 30_000, 4_000],
        [40_000, 20_000, 10_000],
    ]
    assert bytes_used(ada.address) == len(data)
    assert upload(ada, data, "again.zip").json()["id"] == archive
    measure_all()
    assert Design.objects.count() == 3


def test_what_the_child_says_of_an_archive_must_agree_with_what_it_wrote(tmp_path):
    picture = tmp_path / "picture.png"
    piece_file(picture, 0).write_bytes(b"solid")
    for told in (b"", b"[]", b"{}", b'{"parts": []}', b'{"parts": [{"name": "a"}, {"name": "b"}]}'):
        picture.with_suffix(".json").write_bytes(told)
        with pytest.raises(ModelRefused):
            parts_keep(picture)


def test_parts_outlive_their_archive_and_count_from_then_on(upload, ada, client_of):
    archive = upload(
        ada, zipped({"a.stl": stl(box(3, 3, 3)), "b.stl": stl(box(4, 4, 4))}), "case.zip"
    ).json()["id"]
    measure_all()
    parts = list(Design.objects.exclude(part_of=None).order_by("position"))
    assert [each.slicings.count() for each in (*parts, parts[0].part_of)] == [1, 1, 0]
    assert [str(each.pk) for each in uploads_of(ada.address)] == [archive]
    assert client_of(ada).delete(f"/api/v1/designs/{archive}").status_code == 204
    assert client_of(ada).get(f"/api/v1/designs/{archive}").status_code == 404
    assert set(uploads_of(ada.address)) == set(parts)
    assert bytes_used(ada.address) == sum(part.bytes for part in parts)
    for part in parts:
        assert b"".join(store.file_chunks(digest_of(part.digest)))
        assert client_of(ada).delete(f"/api/v1/designs/{part.pk}").status_code == 204
    assert (bytes_used(ada.address), StoredFile.objects.count()) == (0, 0)


def test_an_archive_whose_parts_are_all_deleted_is_what_it_was(upload, ada, client_of):
    archive = upload(
        ada, zipped({"a.stl": stl(box(3, 3, 3)), "b.stl": stl(box(4, 4, 4))}), "case.zip"
    ).json()["id"]
    measure_all()
    for part in Design.objects.exclude(part_of=None):
        client_of(ada).delete(f"/api/v1/designs/{part.pk}")
    found = Design.objects.get(pk=archive)
    assert parts_of_design(found) == [found]
    assert client_of(ada).get(f"/api/v1/designs/{archive}").json()["parts"] == []


def test_a_part_is_converted_and_repaired_as_any_design(upload, ada, person):
    holed = np.delete(box(30, 20, 20), [0, 1], axis=0)
    upload(ada, zipped({"a.stl": stl(holed), "b.stl": stl(box(4, 4, 4))}), "case.zip")
    measure_all()
    part = Design.objects.get(name="a.stl")
    made, created = design_convert(owner=person(ada), design=part.pk, unit=Unit.INCH)
    assert (created, made.part_of, made.digest) == (True, None, part.digest)
    assert design_convert(owner=person(ada), design=part.pk, unit=Unit.MILLIMETRE) == (part, False)
    repair_want(owner=ada.address, design=part.pk)
    repaired = repair_next()
    assert repaired.made.part_of is None
    assert repaired.made.repaired_from == part


def test_a_part_uploaded_by_itself_is_another_design(upload, ada):
    upload(ada, zipped({"a.stl": stl(box(3, 3, 3)), "b.stl": stl(box(3, 3, 3))}), "case.zip")
    measure_all()
    part = Design.objects.get(name="a.stl")
    with store.file_open(digest_of(part.digest)) as content:
        again = upload(ada, content.read(), "a.stl").json()["id"]
    assert again != str(part.pk)
    assert Design.objects.filter(digest=part.digest).count() == 2
