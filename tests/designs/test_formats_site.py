"""Other formats than STL through the site: measured in the child, converted for whoever prints."""

import pyrage
import pytest
from pyrage.x25519 import Identity

from marketplace.designs.deliveries import design_deliver
from marketplace.designs.mesh.load import Limits, load
from marketplace.designs.mesh.measure import measure
from marketplace.designs.models import Design
from marketplace.designs.services import design_grant_create, design_measure_next
from protocol.units import digest_of
from tests.factories.containers import glb, glb_scene, plain_three_mf, step_box, zipped
from tests.factories.models import box, stl

pytestmark = pytest.mark.django_db


def test_a_unit_that_there_is_not_is_refused(client_of, upload, ada):
    from django.core.files.uploadedfile import SimpleUploadedFile

    body = {"file": SimpleUploadedFile("a.stl", stl(box())), "unit": "furlong"}
    assert client_of(ada).post("/api/v1/designs", body, format="multipart").status_code == 400


@pytest.mark.parametrize(
    ("data", "kind", "volume"),
    [
        (plain_three_mf(box(1, 2, 3), "inch"), "3mf", 6 * 25.4**3),
        (step_box(10, 20, 30), "step", 6000),
        (glb(*glb_scene(box(0.01, 0.02, 0.03))), "gltf", 6000),
        (zipped({"a.stl": stl(box()), "b.stl": stl(box(10, 10, 10))}), "zip", 9000),
    ],
    ids=["3mf", "step", "glb", "zip"],
)
def test_a_provider_fetches_the_same_geometry_as_an_stl(
    data, kind, volume, upload, client_of, ada, bo, tmp_path
):
    upload(ada, data, "part." + kind)
    design = design_measure_next()
    assert (design.status, design.source["format"]) == ("MEASURED", kind), design.reasons
    assert design.measured.volume_mm3 == pytest.approx(volume, rel=1e-4)
    design_grant_create(design=design.pk, provider=bo.address, agreement="0x" + "11" * 32)

    own = client_of(ada).get(f"/api/v1/designs/{design.pk}/file")
    assert b"".join(own.streaming_content) == data
    me = Identity.generate()
    asked = {"design": design.pk, "provider": bo.address, "agreement": "0x" + "11" * 32}
    delivery = design_deliver(**asked, recipient=str(me.to_public()), statement="0x")
    sealed = client_of(bo).get(f"/api/v1/deliveries/{delivery.pk}/file").streaming_content
    fetched = pyrage.decrypt(b"".join(sealed), [me])
    assert len(fetched) == design.printed[1]
    assert len(digest_of(design.printed[0])) == 32
    (tmp_path / "print.stl").write_bytes(fetched)
    again = measure(load(tmp_path / "print.stl", Limits()))
    assert again.volume_mm3 == pytest.approx(volume, rel=1e-4)
    assert again.watertight


def test_an_inch_model_is_offered_and_converted_only_when_told(upload, client_of, ada):
    from django.core.files.uploadedfile import SimpleUploadedFile

    data = stl(box(2, 1.5, 0.25))
    upload(ada, data)
    design = design_measure_next()
    assert design.measured.size_um == (2000, 1500, 250)
    assert design.source["unit_guess"]["unit"] == "inch"
    assert "unit-guess" in [finding.code for finding in design.measured.findings]
    assert design.print_digest == ""

    body = {"file": SimpleUploadedFile("part.stl", data), "unit": "inch"}
    assert client_of(ada).post("/api/v1/designs", body, format="multipart").status_code == 201
    converted = design_measure_next()
    assert converted.measured.size_um == (50_800, 38_100, 6350)
    assert (converted.source["read_in"], converted.source["unit_guess"]) == ("inch", None)
    assert Design.objects.count() == 2


def test_a_refused_size_comes_with_its_guess(upload, ada):
    upload(ada, stl(box(0.02, 0.03, 0.04)))
    design = design_measure_next()
    assert (design.status, design.reasons[0]["code"]) == ("REFUSED", "too-small")
    assert "metres" in design.reasons[0]["message"]
    assert design.source["unit_guess"]["unit"] == "m"
