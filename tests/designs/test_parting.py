"""A zip of several models becomes a design for each of them, measured by itself."""

import pytest

from marketplace.designs import store
from marketplace.designs.mesh.formats.model import Limits
from marketplace.designs.models import Design
from marketplace.designs.rules import PARTS_LIMIT
from marketplace.designs.selectors import bytes_used
from marketplace.designs.services import design_measure_next
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


def test_a_part_uploaded_by_itself_is_another_design(upload, ada):
    upload(ada, zipped({"a.stl": stl(box(3, 3, 3)), "b.stl": stl(box(3, 3, 3))}), "case.zip")
    measure_all()
    part = Design.objects.get(name="a.stl")
    with store.file_open(digest_of(part.digest)) as content:
        again = upload(ada, content.read(), "a.stl").json()["id"]
    assert again != str(part.pk)
    assert Design.objects.filter(digest=part.digest).count() == 2
