"""Every kind of page, in light and dark, has no serious or critical violation of axe-core's rules."""

from __future__ import annotations

import pytest

from tests.web.axe import SCHEMES, grave_violations

pytestmark = [pytest.mark.web, pytest.mark.stack, pytest.mark.xdist_group("web")]

PUBLIC = ["/", "/jobs", "/printers", "/sign-in", "/docs/verify", "/nothing/here"]
OWN = [
    "/",
    "/jobs",
    "/designs/new",
    "/jobs/new?design={design}",
    "/designs/{design}",
    "/designs/{design}/delete",
    "/jobs/{job}",
    "/account",
    "/account/escrow",
    "/disputes",
]


@pytest.fixture(scope="module")
def open_job(market) -> str:
    """A job of Ada's with bids."""
    job = market.post()
    market.bid_of(job, "bo")
    return job


def test_a_fault_is_found(visit):
    """The judge is not blind: an unlabelled field counts as critical."""
    visitor = visit()
    visitor.go("/")
    visitor.page.evaluate("() => document.querySelector('main').append(document.createElement('input'))")
    assert "label" in "".join(grave_violations(visitor.page, "light"))


def test_pages_for_everyone(visit):
    visitor = visit()
    visitor.eye.announce("status of 404")
    found = []
    for path in PUBLIC:
        visitor.go(path, 404 if "nothing" in path else 200)
        for scheme in SCHEMES:
            found += grave_violations(visitor.page, scheme)
    assert not found, "\n".join(found)


def test_a_designers_pages(visit, market, open_job):
    visitor = visit()
    visitor.sign_in("Ada")
    found = []
    for path in OWN:
        visitor.go(path.format(design=market.design, job=open_job))
        for scheme in SCHEMES:
            found += grave_violations(visitor.page, scheme)
    assert not found, "\n".join(found)


def test_the_wallets_dialog(visit, open_job):
    visitor = visit()
    visitor.sign_in("Ada")
    visitor.go(f"/jobs/{open_job}")
    visitor.award_button("bo-mk3").click()
    visitor.dialog.shows("Award this bid")
    found = [each for scheme in SCHEMES for each in grave_violations(visitor.page, scheme)]
    assert not found, "\n".join(found)
