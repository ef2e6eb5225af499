"""Repairs and corrected units through the site: versions beside the original, asked for by its owner alone."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone

from marketplace.designs import repairs
from marketplace.designs.mesh.angles import ANGLES, Projection
from marketplace.designs.mesh.findings import Place
from marketplace.designs.models import Design, Repair
from marketplace.designs.services import design_measure_next
from tests.factories.models import box, stl

pytestmark = pytest.mark.django_db
HOLED = np.delete(box(30, 20, 20), [0, 1], axis=0)


@pytest.fixture
def holed(measured, ada) -> Design:
    return measured(ada, stl(HOLED), "holed.stl")


def url(design: Design, what: str) -> str:
    return f"/api/v1/designs/{design.pk}/{what}"


def test_strangers_may_not(client_of, holed, charlie):
    stranger = client_of(charlie)
    assert stranger.post(url(holed, "repair")).status_code == 404
    assert stranger.get(url(holed, "repair")).status_code == 404
    assert stranger.post(url(holed, "convert"), {"unit": "inch"}).status_code == 404
    assert stranger.get(url(holed, "preview")).status_code == 404
    assert Repair.objects.count() == 0


def test_a_sound_design_is_not_repaired(client_of, measured, ada):
    answer = client_of(ada).post(url(measured(ada), "repair"))
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing-to-repair")


def test_a_design_not_measured_yet_is_not_repaired(client_of, upload, ada):
    upload(ada)
    answer = client_of(ada).post(url(Design.objects.get(), "repair"))
    assert (answer.status_code, answer.json()["code"]) == (409, "design-not-measured")


def test_a_repair_is_wanted_once(client_of, holed, ada):
    assert client_of(ada).get(url(holed, "repair")).status_code == 404
    assert client_of(ada).post(url(holed, "repair")).status_code == 201
    assert client_of(ada).post(url(holed, "repair")).status_code == 200
    assert Repair.objects.count() == 1


def test_a_late_worker_makes_no_version(client_of, holed, ada):
    client_of(ada).post(url(holed, "repair"))
    late = repairs.repair_claim(now=timezone.now())
    assert late is not None
    assert repairs.repair_claim(now=timezone.now()) is None
    taken = repairs.repair_claim(now=timezone.now() + timedelta(hours=1))
    assert taken is not None
    repairs.QUEUE.renew(late)
    repairs._settle_done(late, stl(box()), ["Holes closed: 1"])
    taken.refresh_from_db()
    assert (taken.status, taken.made) == ("REPAIRING", None)
    assert Design.objects.count() == 1


def test_a_version_that_does_not_fit_into_the_quota_is_refused(client_of, holed, ada, settings):
    client_of(ada).post(url(holed, "repair"))
    settings.UPLOAD_QUOTA_BYTES = holed.bytes + 10
    done = repairs.repair_next()
    assert (done.status, done.reasons[0]["code"]) == ("REFUSED", "upload-quota-exceeded")
    assert Design.objects.count() == 1


def test_a_repair_makes_a_version_beside_the_original(client_of, holed, ada):
    client_of(ada).post(url(holed, "repair"))
    done = repairs.repair_next()
    assert (done.status, done.reasons) == ("DONE", [])
    made = design_measure_next()
    assert (made, made.repaired_from, made.repairs) == (done.made, holed, ["Holes closed: 1"])
    assert made.name == "holed repaired.stl"
    assert made.measured.watertight
    assert made.measured.volume_mm3 == pytest.approx(12_000, rel=1e-6)
    holed.refresh_from_db()
    assert not holed.measured.watertight
    assert client_of(ada).get(url(holed, "repair")).json()["made"] == str(made.pk)

    for angle in ANGLES:
        answer = client_of(ada).get(url(made, f"picture?angle={angle}"))
        assert answer.content.startswith(b"\x89PNG")
    assert client_of(ada).get(url(made, "picture?angle=inside")).status_code == 400
    preview = client_of(ada).get(url(made, "preview"))
    assert preview["Content-Type"] == "model/gltf-binary"
    assert preview.content.startswith(b"glTF")
    assert b"holed" not in preview.content
    for picture in made.pictures.all():
        left, top, width, height = Projection.from_json(picture.projection).box(
            Place((0, 0, 0), (30, 20, 20))
        )
        assert min(left, top) > 10
        assert left + width < 630
        assert top + height < 470


def test_converted_twice_is_one_design(client_of, upload, ada):
    upload(ada, stl(box(2, 1.5, 0.25)), "inches.stl")
    design = design_measure_next()
    first = client_of(ada).post(url(design, "convert"), {"unit": "inch"})
    assert first.status_code == 201
    again = client_of(ada).post(url(design, "convert"), {"unit": "inch"})
    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
    same = client_of(ada).post(url(design, "convert"), {"unit": "mm"})
    assert (same.status_code, same.json()["id"]) == (200, str(design.pk))
    assert design_measure_next().measured.size_um == (50_800, 38_100, 6350)
    assert client_of(ada).post(url(design, "convert"), {"unit": "furlong"}).status_code == 400
