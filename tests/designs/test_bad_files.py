"""Every file that is no printable model is refused by name, through the real API and the real child process."""

import pytest

from marketplace.designs.models import Design
from marketplace.designs.services import design_measure_next
from tests.factories.models import BAD_FILES, box, sphere, stl, stl_text

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_bad_file_is_refused_with_its_reason(kind, upload, client_of, ada):
    data, code = BAD_FILES[kind]
    sent = upload(ada, data)
    assert sent.status_code == 201, sent.json()
    assert design_measure_next() is not None

    shown = client_of(ada).get(f"/api/v1/designs/{sent.json()['id']}").json()
    assert shown["status"] == "REFUSED"
    assert [reason["code"] for reason in shown["reasons"]] == [code]
    assert shown["reasons"][0]["message"].endswith(".")
    assert shown["measurement"] is None
    assert client_of(ada).get(f"/api/v1/designs/{sent.json()['id']}/picture").status_code == 404


def test_the_site_goes_on_after_all_of_them(upload, ada):
    for data, _ in list(BAD_FILES.values())[:6]:
        upload(ada, data)
    upload(ada, stl(box()))
    while design_measure_next():
        pass
    assert Design.objects.filter(status="REFUSED").count() == 6
    assert Design.objects.get(status="MEASURED").measured.volume_mm3 == pytest.approx(8000)


@pytest.mark.parametrize(
    "data",
    [
        stl_text(sphere()),
        stl(sphere(), header=b"solid exported by a program that calls binary files so"),
        stl(sphere()) + b"exported by a program that signs its files",
        stl(sphere(), header=b"\x89PNG is what this header happens to begin with"),
        stl_text(sphere(), name="solid endsolidness").replace(b"\n", b"\r\n"),
    ],
)
def test_odd_but_legal_files_are_read(data, upload, ada):
    upload(ada, data)
    design = design_measure_next()
    assert (design.status, design.measured.watertight) == ("MEASURED", True)
    assert design.measured.volume_mm3 == pytest.approx(4188.79, rel=0.02)
