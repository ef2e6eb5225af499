"""What a bidder sees of a model in 3D, and what its designer reads about that."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.factories.models import BRACKET
from tests.web.axe import SCHEMES, grave_violations
from tests.web.own import by_hand, own_market, sign_in, wallet_of
from tests.web.test_viewer import blue, opened, uploaded
from tests.web.visitor import PATIENCE

__all__ = ["by_hand", "own_market", "uploaded", "wallet_of"]

pytestmark = [pytest.mark.web, pytest.mark.stack, pytest.mark.xdist_group("web")]


def test_a_bidder_turns_a_coarse_model_and_its_designer_reads_who_saw_it(
    wallet_of, by_hand, uploaded, ada, bo
):
    (designer, _), (bidder, _) = wallet_of(ada), wallet_of(bo)
    for visitor in (designer, bidder):
        sign_in(visitor)
    page = uploaded(designer, BRACKET.read_bytes(), "bracket.stl")
    page.locator("[name=shown]").select_option("preview")
    page.get_by_label("Budget in ETH").fill("0.01")
    page.get_by_role("button", name="Post the job").click()
    page.wait_for_url(re.compile(r"/jobs/[0-9a-f-]{36}$"))
    job = page.url.rpartition("/jobs/")[2]
    api = f"{designer.site}/api/v1/jobs/{job}"
    expect(page.get_by_role("button", name="View in 3D")).to_be_visible(timeout=PATIENCE)
    bidder.go(f"/jobs/{job}")
    bidder.page.get_by_role("button", name="View in 3D").click()
    assert 0.03 < blue(opened(bidder.page)) < 0.9
    coarse, exact = (who.page.request.get(f"{api}/preview") for who in (bidder, designer))
    assert (coarse.ok, exact.ok) == (True, True)
    assert coarse.body() != exact.body()
    designer.go(f"/designs/{page.request.get(api).json()['parts'][0]['design']}")
    counted = page.get_by_role("region", name="Who saw its pictures")
    expect(counted.get_by_role("cell", name="the 3D preview")).to_be_visible()
    expect(counted.get_by_role("row")).to_have_count(3)
    # As on the other pages that show its card: one picture at a time, and in 3D.
    expect(page.locator(".shot img:visible")).to_have_count(1)
    page.get_by_role("button", name="View in 3D").click()
    assert 0.03 < blue(opened(page)) < 0.9
    assert [found for scheme in SCHEMES for found in grave_violations(page, scheme)] == []
