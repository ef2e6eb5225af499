"""A job of several parts in a real browser: a model, another one added, an archive that becomes its parts."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from demo.parts import BRACKET
from tests.factories.containers import item_xml, mesh_xml, model_xml, object_xml, step_box, three_mf, zipped
from tests.factories.models import box, stl
from tests.web.axe import SCHEMES, grave_violations
from tests.web.visitor import JOB_PAGE, PATIENCE, Visitor

pytestmark = [pytest.mark.web, pytest.mark.stack, pytest.mark.xdist_group("web")]


@pytest.fixture
def ada(visit) -> Visitor:
    visitor = visit()
    visitor.sign_in("Ada")
    visitor.upload(BRACKET.model)
    expect(visitor.page.locator("#design[data-settled=MEASURED]")).to_be_visible(timeout=PATIENCE)
    return visitor


def cards(ada: Visitor, *names: str) -> None:
    """Wait until these are measured, in this order."""
    settled = ada.page.locator(".part:has([data-settled=MEASURED]) h2")
    expect(settled).to_have_text(list(names), timeout=2 * PATIENCE)


def add(ada: Visitor, file: Path, data: bytes) -> None:
    file.write_bytes(data)
    ada.page.get_by_label("Add another model").set_input_files(file)


def test_models_and_an_archive_become_one_job(ada, tmp_path):
    page = ada.page
    add(ada, tmp_path / "foot.stl", stl(box(20, 20, 3)))
    cards(ada, "bracket.stl", "foot.stl")
    page.get_by_label("Copies").nth(1).fill("4")
    page.get_by_label("Colour").nth(1).fill("black")
    add(ada, tmp_path / "case.zip", zipped({"lid.stl": stl(box(30, 30, 4)), "pin.stl": stl(box(4, 4, 20))}))
    cards(ada, "bracket.stl", "foot.stl", "lid.stl", "pin.stl")
    expect(page.locator("#estimate tbody tr")).to_have_count(4, timeout=PATIENCE)
    expect(page.locator("#estimate")).to_contain_text("listed printers")
    found = [each for scheme in SCHEMES for each in grave_violations(page, scheme)]
    assert not found, "\n".join(found)

    page.reload()
    cards(ada, "bracket.stl", "foot.stl", "lid.stl", "pin.stl")
    page.get_by_role("button", name="Remove pin.stl").click()
    page.get_by_label("Title").fill("A case of three")
    page.get_by_label("Budget in ETH").fill("0.1")
    page.get_by_role("button", name="Post the job").click()
    page.wait_for_url(JOB_PAGE)
    for name in ("bracket.stl", "foot.stl", "lid.stl"):
        ada.sees(name)


def test_a_model_chosen_before_the_script_has_come_is_sent(ada, tmp_path):
    page, held = ada.page, list[Route]()
    page.route("**/job_add*.js*", lambda route: held.append(route))  # noqa: PLW0108 - no builtin is taken
    with page.expect_request("**/job_add*.js*"):
        page.reload(wait_until="commit")
    add(ada, tmp_path / "foot.stl", stl(box(20, 20, 3)))
    held.pop().continue_()
    cards(ada, "bracket.stl", "foot.stl")


def test_what_was_removed_comes_back_and_a_refused_card_keeps_the_job_from_being_posted(ada, tmp_path):
    page = ada.page
    add(ada, tmp_path / "foot.stl", stl(box(20, 20, 3)))
    cards(ada, "bracket.stl", "foot.stl")
    page.get_by_role("button", name="Remove bracket.stl").click()
    cards(ada, "foot.stl")
    page.locator("#undo").get_by_role("button", name="Undo").click()
    cards(ada, "bracket.stl", "foot.stl")
    page.get_by_label("Material").nth(0).select_option("PETG")
    page.get_by_label("Material").nth(1).select_option("ABS")
    page.get_by_role("button", name="Same for all").first.click()
    expect(page.get_by_label("Material").nth(1)).to_have_value("PETG")
    page.locator("#undo").get_by_role("button", name="Undo").click()
    expect(page.get_by_label("Material").nth(1)).to_have_value("ABS")

    add(ada, tmp_path / "page.stl", b"<!DOCTYPE html><html>" * 40)
    expect(page.locator(".when-refused")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("button", name="Post the job")).to_be_disabled()
    page.get_by_role("button", name="Remove page.stl").click()
    expect(page.locator(".when-refused")).to_be_hidden()
    expect(page.get_by_role("button", name="Post the job")).to_be_enabled()


def test_the_unit_can_be_said_before_sending_where_the_file_tells_none(ada, tmp_path):
    page = ada.page
    page.get_by_label("STL, OBJ and PLY files are drawn in").select_option("inch")
    add(ada, tmp_path / "plate.stl", stl(box(3, 2.5, 0.375)))
    (tmp_path / "block.step").write_bytes(step_box(40, 20, 10))
    page.get_by_label("Add another model").set_input_files(tmp_path / "block.step")
    cards(ada, "bracket.stl", "plate.stl", "block.step")
    expect(page.locator(".part").nth(1)).to_contain_text("76.2 × 63.5 × 9.5 mm")
    expect(page.locator(".part").nth(2)).to_contain_text("40 × 20 × 10 mm")
    page.get_by_role("button", name="Look closer at plate.stl").click()
    expect(page.locator(".unit")).to_contain_text("That is your word", timeout=PATIENCE)
    expect(page.locator(".guess")).to_have_count(0)


def test_a_closer_look_is_at_one_card_and_what_is_chosen_there_stays_beside_the_others(ada, tmp_path):
    page = ada.page
    page.get_by_label("Title").fill("Typed before")
    page.get_by_role("button", name="View in 3D").click()
    expect(page.locator('.look[data-shown="1"]')).to_be_visible(timeout=PATIENCE)
    add(ada, tmp_path / "inches.stl", stl(box(2, 1.5, 0.25)))
    cards(ada, "bracket.stl", "inches.stl")
    page.get_by_label("Copies").nth(1).fill("3")
    page.get_by_role("button", name="Look closer at inches.stl").click()
    expect(page.locator("#design h2")).to_have_text("inches.stl")
    expect(page.locator("#design")).to_have_count(1)
    expect(page.locator(".stage canvas")).to_have_count(0)
    page.get_by_role("button", name="It was drawn in inches").click()
    expect(page.locator(".unit")).to_contain_text("Read in inches", timeout=2 * PATIENCE)
    expect(page.locator("#design[data-settled=MEASURED]")).to_be_visible(timeout=2 * PATIENCE)
    cards(ada, "bracket.stl", "inches.stl")
    expect(page.locator(".part").nth(1)).to_contain_text("50.8 × 38.1 × 6.3 mm")
    expect(page.get_by_label("Copies").nth(1)).to_have_value("3")
    expect(page.get_by_label("Title")).to_have_value("Typed before")
    page.get_by_role("button", name="View in 3D").click()
    expect(page.locator('.look[data-shown="1"]')).to_be_visible(timeout=PATIENCE)


def test_a_plate_of_several_things_becomes_parts_and_one_again(ada, tmp_path):
    page = ada.page
    resources = object_xml(1, mesh_xml(box(20, 20, 3)), 'type="model" name="lid" pid="9" pindex="0"')
    resources += object_xml(2, mesh_xml(box(9, 9, 9)), 'type="model" name="foot"')
    red = '<basematerials id="9"><base name="red" displaycolor="#FF0000"/></basematerials>'
    places = [item_xml(1), *(item_xml(2, f"1 0 0 0 1 0 0 0 1 {30 * n} 40 0") for n in range(3))]
    add(ada, tmp_path / "plate.3mf", three_mf(model_xml(red + resources, "".join(places))))
    cards(ada, "bracket.stl", "plate.3mf")
    page.get_by_role("button", name="Look closer at plate.3mf").click()
    expect(page.locator(".things")).to_contain_text("2 different things, 4 in all: lid, 3 × foot.")
    page.get_by_role("button", name="Make them separate parts").click()
    cards(ada, "bracket.stl", "lid.stl", "foot.stl")
    expect(page.get_by_label("Copies").nth(2)).to_have_value("3")
    expect(page.get_by_label("Colour").nth(1)).to_have_value("red")
    expect(page.locator("#undo")).to_contain_text("plate.3mf is 2 parts now.")
    page.locator("#undo").get_by_role("button", name="Undo").click()
    cards(ada, "bracket.stl", "plate.3mf")
    page.get_by_role("button", name="Make them separate parts").click()
    cards(ada, "bracket.stl", "lid.stl", "foot.stl")
    page.reload()
    cards(ada, "bracket.stl", "lid.stl", "foot.stl")
    page.get_by_role("button", name="Look closer at foot.stl").click()
    expect(page.locator(".things")).to_contain_text("It is a part of plate.3mf, which has 3 of it.")
    page.get_by_role("link", name="Print plate.3mf as one").click()
    cards(ada, "bracket.stl", "plate.3mf")
