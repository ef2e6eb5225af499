"""What a job is expected to take, in a real browser: by geometry at once, then by a slice, without a reload."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from demo.parts import BRACKET
from tests.web.axe import SCHEMES, grave_violations
from tests.web.visitor import PATIENCE, Visitor

pytestmark = [pytest.mark.web, pytest.mark.stack, pytest.mark.xdist_group("web")]


def test_an_open_jobs_estimate_becomes_that_of_its_own_slice_by_itself(visit, tmp_path):
    ada: Visitor = visit()
    page = ada.page
    ada.sign_in("Ada")
    ada.upload(BRACKET.model)
    expect(page.locator("#design[data-settled=MEASURED]")).to_be_visible(timeout=2 * PATIENCE)
    page.get_by_label("Material").first.select_option("TPU")
    page.get_by_label("Quality").first.select_option("own")
    page.get_by_label("Layer in mm").first.fill("0.16")
    page.get_by_label("Infill in %").first.fill("35")
    page.get_by_label("Infill in %").first.blur()
    # The usual slice corrects it, as soon as there is one; nobody asked for this one yet.
    expect(page.locator("#estimate [data-rests-on=scaled]")).to_be_visible(timeout=6 * PATIENCE)
    page.screenshot(path=tmp_path / "form.png", full_page=True)
    page.get_by_label("Title").fill("A soft bracket")
    page.get_by_label("Budget in ETH").fill("0.1")
    page.get_by_role("button", name="Post the job").click()
    page.wait_for_url("**/jobs/*-*")
    expect(page.locator("#job-facts .estimate")).to_be_visible(timeout=2 * PATIENCE)
    page.screenshot(path=tmp_path / "job-before.png", full_page=True)
    digest = page.locator("#job-facts code").inner_text()
    expect(page.locator("#job-facts [data-rests-on=sliced]")).to_be_visible(timeout=6 * PATIENCE)
    expect(page.locator("#job-facts .estimate")).to_contain_text(
        "Sliced in the background with these settings"
    )
    assert page.locator("#job-facts code").inner_text() == digest
    page.screenshot(path=tmp_path / "job-after.png", full_page=True)
    found = [each for scheme in SCHEMES for each in grave_violations(page, scheme)]
    assert not found, "\n".join(found)
