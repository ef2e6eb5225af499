"""What changes while a page stands open appears on it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route

pytestmark = [pytest.mark.web, pytest.mark.stack, pytest.mark.xdist_group("web")]


def test_what_changed_before_the_socket_opened_is_not_missed(visit, market):
    """The page is made, then the job withdrawn, then the socket opened: as on a slow line."""
    job = market.post()
    ada = visit()
    ada.sign_in("Ada")

    def hold(route: Route) -> None:
        market.ada.post(f"jobs/{job}/withdraw")
        route.continue_()

    ada.page.route("**/ws.min.js", hold)
    ada.go(f"/jobs/{job}")
    ada.sees("The designer took this job back.")
