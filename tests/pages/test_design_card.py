"""A design's card: what it says of a model, of printers, and of a repair."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.designs import repairs
from marketplace.designs.models import Design
from marketplace.designs.services import design_measure_next
from marketplace.pages.compare import compared
from marketplace.pages.fitting import Bed, room_among
from marketplace.pages.templatetags.infill import volume
from protocol.capability import fits
from tests.factories.market import registered
from tests.factories.models import box, stl
from tests.factories.place import place  # noqa: F401

SIZES = st.tuples(*[st.integers(1_000, 600_000)] * 3)
HOLED = np.delete(box(30, 20, 20), [0, 1], axis=0)


def test_no_printer_listed_is_said():
    assert room_among([], (1, 1, 1)).message == "No printer is listed yet."


def test_a_model_larger_than_every_bed_is_told_what_to_do():
    room = room_among(
        [Bed((220_000, 220_000, 250_000), 2, "P1"), Bed((90_000,) * 3, 1, "P2")], (500_000, 40_000, 40_000)
    )
    assert (room.tone, room.lying, room.turned, room.percent) == ("bad", 0, 0, 50)
    assert room.message == "It fits no listed printer. The closest, P1, has room for 220 x 220 x 250 mm."
    assert room.advice == "Split it into parts, or scale it to 50 %."


def test_a_model_that_fits_on_another_side_is_told_so():
    room = room_among([Bed((220_000, 220_000, 100_000), 3, "P1")], (50_000, 50_000, 200_000))
    assert (room.tone, room.lying, room.turned) == ("open", 0, 3)


@given(st.lists(SIZES, min_size=1, max_size=5), SIZES)
def test_what_is_scaled_as_advised_fits_on_some_side(beds, size):
    room = room_among([Bed(bed, 1, "P") for bed in beds], size)
    assert room.lying <= room.turned <= room.listed
    if room.tone == "bad" and room.percent > 1:
        x, y, z = (side * room.percent // 100 for side in size)
        assert any(fits(bed, way) for bed in beds for way in ((x, y, z), (y, z, x), (z, x, y)))


@pytest.mark.django_db
@pytest.mark.usefixtures("place")
def test_strangers_get_none_of_it(browse, measured, ada, charlie):
    design = measured(ada, stl(HOLED))
    assert browse(charlie).client.post(f"/designs/{design.pk}/unit", {"unit": "inch"}).status_code == 404
    assert browse(charlie).client.post(f"/designs/{design.pk}/repair").status_code == 404
    browse(charlie).get(f"/designs/{design.pk}/repair/card", 404)


@pytest.mark.django_db
@pytest.mark.usefixtures("place")
def test_the_card_of_a_broken_model_and_its_repair(browse, measured, ada, bo):
    registered(bo)
    design, browser = measured(ada, stl(HOLED), "holed.stl"), browse(ada)
    text = browser.get(f"/jobs/new?design={design.pk}").text
    assert "It prints, with 1 warning." in text
    assert "Fits 1 of 1 listed printers as it lies." in text
    assert browser.client.post(f"/designs/{design.pk}/repair").url == f"/jobs/new?design={design.pk}#repair"
    assert "Making a repaired version" in browser.get(f"/designs/{design.pk}/repair/card").text
    repairs.repair_next()
    made = design_measure_next()
    text = " ".join(browser.get(f"/designs/{design.pk}/repair/card").text.split())
    assert "Surfacehas holesclosed" in text
    assert "Go on with the repaired one" in text
    assert "This is a repaired version of holed.stl." in browser.get(f"/jobs/new?design={made.pk}").text
    assert compared(design.measured, made.measured).warning.startswith("The repaired version has")


@pytest.mark.django_db
@pytest.mark.usefixtures("place")
def test_a_unit_is_corrected_and_a_wrong_one_refused(browse, measured, ada):
    design, client = measured(ada), browse(ada).client
    assert client.post(f"/designs/{design.pk}/unit", {"unit": "furlong"}).status_code == 400
    assert client.post(f"/designs/{design.pk}/unit", {"unit": "inch"}).status_code == 302


@pytest.mark.django_db
def test_a_doubted_unit_is_asked_for_first_and_not_told_twice(browse, measured, ada):
    design, browser = measured(ada, stl(box(2, 1.5, 0.25))), browse(ada)
    assert "very-small" in {finding.code for finding in design.measured.findings}
    guess = {"unit": "inch", "reason": "All sides are whole sixteenths."}
    design.source = {"unit": "mm", "read_in": "mm", "unit_guess": guess}
    design.save()
    text = browser.get(f"/jobs/new?design={design.pk}").text
    assert text.count("It was drawn in inches") == 1
    assert text.index("Was it drawn in inches?") < text.index("Volume")
    assert "The longest side is 2.00 mm" not in text
    assert "It will not come out" not in text
    assert "That is your word" not in text
    inches = browser.client.post(f"/designs/{design.pk}/unit", {"unit": "inch"}).url
    design_measure_next()
    text = browser.get(inches).text
    assert "It prints as it is." in text
    assert "Undo: read it in millimetres" in text


@pytest.mark.parametrize(
    ("mm3", "words"),
    [(0.75, "0.75 mm³"), (9.99, "10 mm³"), (320, "0.32 cm³"), (3_600, "3.6 cm³"), (14_400, "14 cm³")],
)
def test_a_volume_is_never_nothing(mm3, words):
    assert volume(mm3) == words


@pytest.mark.django_db
def test_what_a_file_holds_is_offered_as_parts_and_nothing_happens_by_itself(browse, measured, ada, charlie):
    design, browser = measured(ada, stl(box()), "plate.stl"), browse(ada)
    path = f"/designs/{design.pk}/apart"
    assert browser.client.post(path).url == f"/jobs/new?design={design.pk}"
    assert "This file holds one thing" in browser.get(f"/jobs/new?design={design.pk}").text
    design.source = {"things": [{"name": "lid", "copies": 1}, {"name": "foot", "copies": 4}]}
    design.save()
    assert browse(charlie).client.post(path).status_code == 404
    text = browser.get(f"/jobs/new?design={design.pk}").text
    assert "This file holds 2 different things, 5 in all:" in text
    assert "lid, 4 × foot" in text
    assert not Design.objects.filter(apart=True).exists()
    made = browser.client.post(path).url
    assert made != f"/jobs/new?design={design.pk}"
    assert Design.objects.get(apart=True).name == "plate as parts.stl"
