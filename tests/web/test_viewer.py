"""What a designer sees of a model: pictures with marks, the 3D view, its unit corrected, a repair compared."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.factories.models import BRACKET, box, stl
from tests.web.axe import SCHEMES, grave_violations
from tests.web.visitor import JOB_PAGE, PATIENCE, Visitor

pytestmark = [pytest.mark.web, pytest.mark.stack, pytest.mark.xdist_group("web")]

HOLED = np.delete(box(30, 20, 20), [0, 1], axis=0)
OVERLAPPING = np.concatenate([HOLED, box(20, 10, 10, at=(20, 5, 5))])
NO_WEBGL = """const real = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
  return kind.startsWith("webgl") ? null : real.call(this, kind, ...rest);
};"""


@pytest.fixture
def ada(visit) -> Visitor:
    visitor = visit()
    visitor.sign_in("Ada")
    return visitor


@pytest.fixture
def uploaded(tmp_path: Path):
    """Upload a model and wait until it is measured."""

    def send(visitor: Visitor, data: bytes, name: str) -> Page:
        (tmp_path / name).write_bytes(data)
        visitor.go("/designs/new")
        visitor.page.get_by_label("Drop models here").set_input_files(tmp_path / name)
        expect(visitor.page.locator("#design[data-settled=MEASURED]")).to_be_visible(timeout=2 * PATIENCE)
        return visitor.page

    return send


def seen(page: Page) -> np.ndarray:
    """What the 3D view shows, once it has come to rest."""
    canvas = page.locator(".stage canvas")
    expect(canvas).to_be_visible()
    before = b""
    for _ in range(40):
        now = canvas.screenshot()
        if now == before:
            break
        before = now
        page.wait_for_timeout(150)
    return np.asarray(Image.open(BytesIO(before)).convert("RGB")).astype(int)


def opened(page: Page, shown: int = 1) -> np.ndarray:
    expect(page.locator(f'.look[data-shown="{shown}"]')).to_be_visible(timeout=PATIENCE)
    return seen(page)


def blue(pixels: np.ndarray) -> float:
    """The share of the view that the model fills."""
    return float((pixels[:, :, 2] - pixels[:, :, 0] > 40).mean())


def red(pixels: np.ndarray) -> float:
    return float((pixels[:, :, 0] - pixels[:, :, 2] > 40).mean())


def apart(one: np.ndarray, other: np.ndarray) -> float:
    return float((np.abs(one - other).max(axis=2) > 24).mean())


def test_a_model_is_looked_at_from_all_sides_and_in_3d(ada, uploaded):
    page = uploaded(ada, BRACKET.read_bytes(), "bracket.stl")
    for words in ("Overview", "Front", "Back", "Top", "Below"):
        page.locator("label.side", has_text=words).click()
        picture = page.locator(".shot img:visible")
        expect(picture).to_have_attribute("alt", f"{words} of bracket.stl")
        assert (
            page.evaluate("image => image.decode().then(() => image.naturalWidth)", picture.element_handle())
            == 640
        )
    page.get_by_role("button", name="View in 3D").click()
    first = opened(page)
    assert 0.03 < blue(first) < 0.9
    expect(page.locator(".scale")).to_contain_text("squares of 10 mm")

    page.locator(".stage canvas").focus()
    for _ in range(6):
        page.keyboard.press("ArrowLeft")
    assert apart(first, seen(page)) > 0.02
    page.get_by_role("button", name="Overhangs").press("Enter")
    expect(page.get_by_role("button", name="Overhangs")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Pictures").click()
    expect(page.locator(".stage canvas")).to_have_count(0)
    expect(page.locator(".shot img:visible")).to_be_visible()


def test_on_the_page_of_its_job_it_is_turned_in_3d_too(ada, uploaded):
    page = uploaded(ada, BRACKET.read_bytes(), "bracket.stl")
    ada.post()
    page.wait_for_url(JOB_PAGE)
    page.get_by_role("button", name="View in 3D").click()
    assert 0.03 < blue(opened(page)) < 0.9
    page.get_by_role("button", name="Pictures").click()
    expect(page.get_by_alt_text("Picture of")).to_be_visible()


def test_a_finding_is_flown_to_and_marked_in_its_colour(ada, uploaded):
    page = uploaded(ada, stl(OVERLAPPING), "broken.stl")
    expect(page.locator(".verdict")).to_contain_text("It prints, with")
    assert page.locator(".mark").count() >= 5
    page.get_by_role("button", name="View in 3D").click()
    before = opened(page)
    place = page.locator(".findings li", has_text="runs through itself").get_by_role("button")
    place.click()
    expect(page.locator(".said")).to_contain_text("Showing where finding")
    after = seen(page)
    assert apart(before, after) > 0.05
    assert page.locator(".look").get_attribute("data-marked") == place.get_attribute("data-finding")
    expect(page.locator(".findings li.chosen")).to_have_count(1)


def test_without_webgl_the_pictures_show_it(ada, uploaded):
    ada.page.add_init_script(NO_WEBGL)
    page = uploaded(ada, stl(OVERLAPPING), "without.stl")
    expect(page.get_by_role("button", name="View in 3D")).to_have_count(0)
    page.locator(".findings li", has_text="runs through itself").get_by_role("button").click()
    expect(page.locator(".said")).to_contain_text("is marked in the pictures")
    expect(page.locator(".shot:visible .mark.chosen")).to_have_count(1)


def test_a_better_way_up_is_shown(ada, uploaded):
    table = np.concatenate([box(40, 40, 4, at=(0, 0, 26)), box(8, 8, 27, at=(16, 16, 0))])
    page = uploaded(ada, stl(table), "table.stl")
    page.get_by_role("button", name="View in 3D").click()
    before = opened(page)
    page.get_by_role("button", name="Better way up").click()
    expect(page.get_by_role("button", name="Better way up")).to_have_attribute("aria-pressed", "true")
    turned = seen(page)
    assert apart(before, turned) > 0.02
    # Upside down the table hangs over nowhere; as it was drawn, seen from below, its top does.
    page.get_by_role("button", name="Overhangs").click()
    assert apart(turned, seen(page)) < 0.001
    page.get_by_role("button", name="Better way up").click()
    seen(page)
    page.locator(".stage canvas").focus()
    for _ in range(9):
        page.keyboard.press("ArrowUp")
    assert red(seen(page)) > 0.05


def test_an_inch_model_is_read_in_inches_at_a_click(ada, uploaded):
    page = uploaded(ada, stl(box(2, 1.5, 0.25)), "inches.stl")
    expect(page.locator(".unit")).to_contain_text("Read in millimetres: 2 × 1.5 × 0.25 mm")
    expect(page.locator(".guess")).to_contain_text("Was it drawn in inches?")
    expect(page.locator(".findings")).not_to_contain_text("drawn in inches")
    page.get_by_role("button", name="It was drawn in inches").click()
    expect(page.locator(".unit")).to_contain_text(
        "Read in inches: 50.8 × 38.1 × 6.3 mm", timeout=2 * PATIENCE
    )
    expect(page.get_by_role("button", name="Post the job")).to_be_enabled()
    page.get_by_role("button", name="Undo: read it in millimetres").click()
    expect(page.locator(".unit")).to_contain_text("Read in millimetres", timeout=PATIENCE)
    page.get_by_label("The unit it was drawn in").select_option("inch")
    page.get_by_role("button", name="Correct the unit").click()
    expect(page.locator(".unit")).to_contain_text("Read in inches", timeout=PATIENCE)


def test_a_repair_is_offered_made_and_compared(ada, uploaded):
    page = uploaded(ada, stl(OVERLAPPING * 1.5), "mend.stl")
    original = page.url
    page.get_by_role("button", name="Make a repaired version").click()
    table = page.locator("table.compare")
    expect(table).to_be_visible(timeout=3 * PATIENCE)
    expect(table.locator("tr", has_text="Surface")).to_contain_text("has holes")
    expect(table.locator("tr", has_text="Bodies")).to_contain_text("1")
    expect(page.locator("#repair")).to_contain_text("Holes closed: 1")
    page.get_by_role("button", name="See the repaired one in 3D").click()
    opened(page, 2)
    expect(page.locator(".said")).to_contain_text("Shown is the repaired version.")
    page.get_by_role("button", name="Show the repaired one").click()
    opened(page, 3)
    expect(page.locator(".said")).to_contain_text("Shown is this version.")

    page.get_by_role("link", name="Go on with the repaired one").click()
    expect(page.locator("#repair")).to_contain_text("This is a repaired version of mend.stl.")
    expect(page.locator("#design h2")).to_have_text("mend repaired.stl")
    page.get_by_role("link", name="Go on with the original one").click()
    expect(page).to_have_url(original)


def test_cards_of_all_kinds_are_accessible(ada, uploaded):
    found = []
    for name, data in (
        ("good.stl", BRACKET.read_bytes()),
        ("bad.stl", stl(OVERLAPPING)),
        ("inch.stl", stl(box(3, 2, 0.5))),
    ):
        page = uploaded(ada, data, name)
        for scheme in SCHEMES:
            found += grave_violations(page, scheme)
        page.get_by_role("button", name="View in 3D").click()
        opened(page)
        for scheme in SCHEMES:
            found += grave_violations(page, scheme)
    assert not found, "\n".join(found)
