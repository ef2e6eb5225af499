"""Which printers have room, asked anew each time: they come and go."""

from __future__ import annotations

import pytest

from marketplace.providers.models import Printer
from tests.factories.market import registered
from tests.factories.models import box, stl
from tests.factories.place import place  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("place")]


@pytest.fixture
def card(browse, measured, ada):
    """What Ada is told of a box in mm."""
    browser = browse(ada)

    def of(x: float, y: float, z: float) -> str:
        return browser.get(f"/jobs/new?design={measured(ada, stl(box(x, y, z))).pk}").text

    return of


def bed(account, x: int, y: int, z: int) -> None:
    registered(account)
    sides = {"bed_x_um": x * 1000, "bed_y_um": y * 1000, "bed_z_um": z * 1000}
    Printer.objects.filter(provider_id=account.address).update(**sides)


def test_a_part_larger_than_any_bed_fits_once_a_larger_one_comes_and_no_more_when_it_goes(card, bo, charlie):
    assert "No printer is listed yet." in card(300, 300, 300)
    bed(bo, 220, 220, 250)
    text = card(300, 300, 300)
    assert "It fits no listed printer. The closest, " in text
    assert "has room for 220 x 220 x 250 mm. Split it into parts, or scale it to 73 %." in text
    assert "It prints as it is." not in text
    bed(charlie, 310, 310, 310)
    assert "Fits 1 of 2 listed printers as it lies." in card(300, 300, 300)
    Printer.objects.filter(provider_id=charlie.address).update(current=False)
    assert "It fits no listed printer. The closest, " in card(300, 300, 300)


def test_a_part_that_fits_only_when_turned_is_told_that_nobody_may_bid_as_it_lies(card, bo):
    bed(bo, 220, 220, 100)
    text = card(50, 60, 200)
    assert "It fits a listed printer only when it is turned" in text
    assert "As it lies it fits no listed printer, on another side 1 of 1." in text
    assert "Turn it and upload it again: as it lies no listed printer may bid on it." in text
    assert "Fits 1 of 1 listed printers as it lies." in card(200, 60, 50)


def test_a_quarter_turn_on_the_bed_needs_nobody(card, bo):
    bed(bo, 300, 100, 100)
    assert "Fits 1 of 1 listed printers as it lies." in card(90, 290, 50)


def test_an_open_job_that_no_listed_printer_can_make_says_so_until_one_can(browse, posted, ada, bo, charlie):
    job = posted(colour="black")
    path = f"/jobs/{job.pk}"
    assert "No printer is listed yet." in browse(ada).get(path).text
    registered(bo)
    assert "It waits for one that can." not in browse(ada).get(f"{path}/status").text
    Printer.objects.update(current=False)
    assert "It waits for one that can." in browse(ada).get(f"{path}/status").text
    assert "It waits for one that can." not in browse(charlie).get(path).text
