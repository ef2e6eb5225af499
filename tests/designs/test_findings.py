"""What is stored of a measurement, now and before there was as much of it."""

import json

import numpy as np

from marketplace.designs.mesh.findings import Finding, Place, Severity
from marketplace.designs.mesh.measure import measure
from marketplace.designs.mesh.measurement import Measurement
from tests.designs.findings import finding
from tests.factories.models import box
from tests.factories.shapes import hollow_box, inside_out, leaning, tee

STORED_EARLIER = {
    "volume_mm3": 8000.0,
    "area_mm2": 2400.0,
    "size_um": [20000, 20000, 20000],
    "triangles": 12,
    "watertight": True,
    "winding_consistent": True,
    "bodies": 1,
    "overhang_mm2": 0.0,
    "bed_contact_mm2": 400.0,
    "wall_mm2": 1600.0,
    "top_mm2": 400.0,
    "bottom_mm2": 400.0,
    "degenerate_triangles": 1,
    "inside_out": False,
    "findings": [
        {"code": "degenerate", "severity": "info", "message": "1 facets without area were ignored."}
    ],
}


def test_a_row_stored_earlier_is_read():
    found = Measurement.from_json(STORED_EARLIER)
    assert (found.volume_mm3, found.thinnest_um, found.turning) == (8000, None, None)
    assert finding(found, "degenerate") == Finding(
        "degenerate", Severity.INFO, "1 facets without area were ignored."
    )


def test_a_row_stored_earlier_is_shown_by_the_api():
    from marketplace.designs.api import MeasurementOutput

    shown = MeasurementOutput(STORED_EARLIER).data
    assert (shown["thinnest_um"], shown["turning"]) == (None, None)
    assert (shown["findings"][0]["advice"], shown["findings"][0]["place"]) == ("", None)


def test_everything_found_survives_json_text():
    found = measure(np.concatenate([hollow_box(), tee() + 40, inside_out(box(2, 2, 2, at=(70, 0, 0)))]))
    assert found.turning is not None or found.findings
    assert Measurement.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_places_are_shown_by_the_api_as_they_are_stored():
    from marketplace.designs.api import MeasurementOutput

    stored = measure(leaning(box(), 3)).to_json()
    shown = MeasurementOutput(stored).data
    place = next(each["place"] for each in shown["findings"] if each["code"] == "falls-over")
    assert place == {"low": [40.0, 10.0, 10.0], "high": [40.0, 10.0, 10.0]}
    assert shown["turning"]["contact_mm2"] == 400


def test_every_finding_says_what_to_do():
    shapes = [
        hollow_box(wall=0.3),
        np.concatenate([box(), box()]),
        np.concatenate([box(), box(at=(10, 5, 7))]),
        np.concatenate([box(), inside_out(box(5, 5, 5, at=(30, 0, 0)))]),
        np.concatenate([box(), box(5, 5, 5, at=(5, 5, 5))]),
        np.concatenate([box(), box(0.2, 0.2, 0.2, at=(20.1, 0, 0))]),
        box()[:-2],
        box(1, 1, 1),
        box(5, 5, 100),
        leaning(box(), 3),
        tee(),
        inside_out(box()),
        np.concatenate([box(), np.zeros((1, 3, 3))]),
        np.concatenate([box(), box()[:1]]),
        np.concatenate([box()[:-1], box()[-1:, ::-1]]),
    ]
    said = [each for shape in shapes for each in measure(shape).findings]
    assert len({each.code for each in said}) >= 19
    assert all(each.advice.endswith((".", "?")) for each in said)
    assert all(each.message.endswith(".") for each in said)


def test_a_place_is_read_as_written():
    place = Place((0.0, 1.5, -2.0), (3.0, 4.0, 5.0))
    assert Place.from_json(place.to_json()) == place


def test_a_hollow_is_shown():
    place = finding(measure(hollow_box()), "cavity").place
    assert place is not None
    assert min(place.low) > 0
    assert max(place.high) < 20
