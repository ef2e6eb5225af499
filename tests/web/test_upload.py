"""Uploading in a real browser: cut off, paused and reloaded, it goes on where it stopped."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Request, Response, Route, expect

from demo.parts import BRACKET
from tests.factories.models import box, sphere, stl
from tests.web.broken_line import BrokenLine
from tests.web.visitor import PATIENCE

pytestmark = [pytest.mark.web, pytest.mark.stack, pytest.mark.xdist_group("web")]


@pytest.fixture
def large(tmp_path) -> Path:
    """About 4 MB that can be measured."""
    file = tmp_path / "large.stl"
    file.write_bytes(stl(sphere(40, rings=140)))
    return file


@pytest.fixture
def ada(visit):
    ada = visit()
    ada.sign_in("Ada")
    ada.page.get_by_role("link", name="Post a job").first.click()
    return ada


def choose(ada, *files: Path) -> None:
    ada.page.get_by_label("Drop models here").set_input_files(files)


def slowly(ada, bytes_a_second: int = 500_000) -> None:
    """From now on bytes go up no faster; -1 is as fast as they can."""
    network = ada.page.context.new_cdp_session(ada.page)
    network.send("Network.enable")
    how = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_a_second}
    network.send("Network.emulateNetworkConditions", how)


def settled(ada, status: str = "MEASURED") -> None:
    expect(ada.page.locator(f"#design[data-settled={status}]")).to_be_visible(timeout=PATIENCE)


def on_its_way(ada) -> None:
    expect(ada.page.locator("[data-part=status]")).to_have_text(
        re.compile(r"Uploading, [4-7]\d %"), timeout=PATIENCE
    )


def test_too_large_a_file_is_refused_with_words_before_it_is_sent(ada, tmp_path):
    ada.eye.announce("status of 413")
    file = tmp_path / "sparse.stl"
    with file.open("wb") as sparse:
        sparse.truncate(2 * 1024**3)
    sent: list[str] = []
    ada.page.on("request", lambda request: sent.append(request.method))
    choose(ada, file)
    ada.sees("Uploads are limited to 104.9 MB")
    assert "PATCH" not in sent


def test_cut_off_in_the_middle_it_goes_on_by_itself(ada, large):
    """The connections are cut while bytes are under way; what the site has taken by then is not sent again."""
    ada.eye.announce("net::ERR_")
    # What was cut may still be written down when the page asks where to go on: it asks again.
    ada.eye.announce("status of 423")
    ada.eye.announce("status of 409")
    line = BrokenLine(ada.site, bytes_up=2_500_000)
    sent: list[int] = []
    told: list[int] = []
    try:
        # Cookies know no port.
        ada.page.goto(f"{line.url}/designs/new")
        ada.page.on("request", lambda each: noted(sent, each, "PATCH"))
        ada.page.on("response", lambda each: noted(told, each, "HEAD"))
        choose(ada, large)
        settled(ada)
    finally:
        line.close()
    assert line.cut.is_set()
    assert sent[0] == 0
    assert 0 < sent[-1] < 2_500_000
    assert sent[-1] == told[-1]


def noted(offsets: list[int], each: Request | Response, method: str) -> None:
    """The offset that a request of this method names, or its answer."""
    asked = each.request if isinstance(each, Response) else each
    if asked.method == method and (offset := each.headers.get("upload-offset")):
        offsets.append(int(offset))


def test_after_a_reload_the_same_file_goes_on_where_it_stopped(ada, large):
    slowly(ada)
    choose(ada, large)
    on_its_way(ada)
    slowly(ada, -1)
    ada.page.reload()
    ada.sees(re.compile(r"large\.stl stopped at [1-9]\d? %"))
    with ada.page.expect_request(lambda request: request.method == "PATCH") as sent:
        choose(ada, large)
    assert int(sent.value.headers["upload-offset"]) > 0
    settled(ada)


def test_it_can_be_paused_and_goes_on(ada, large):
    slowly(ada)
    choose(ada, large)
    on_its_way(ada)
    ada.page.get_by_role("button", name="Pause").click()
    ada.sees("Paused at")
    slowly(ada, -1)
    ada.page.get_by_role("button", name="Go on").click()
    settled(ada)


def test_one_that_is_given_up_can_be_forgotten(ada, large):
    slowly(ada)
    choose(ada, large)
    on_its_way(ada)
    ada.page.reload()
    ada.page.get_by_role("button", name="Forget it").click()
    expect(ada.page.locator("#stopped")).to_be_empty()
    ada.page.reload()
    ada.sees("Drop models here")
    expect(ada.page.locator("#stopped")).to_be_empty()


def test_several_are_sent_one_after_the_other(ada, tmp_path):
    files = [tmp_path / f"part{number}.stl" for number in range(3)]
    for number, file in enumerate(files):
        file.write_bytes(stl(box(10 + number, 10, 10)))
    choose(ada, *files, BRACKET.model)
    links = ada.page.get_by_role("link", name="Post a job of it")
    expect(links).to_have_count(4, timeout=PATIENCE)
    links.first.click()
    settled(ada)
    ada.sees("part0.stl")


def test_a_refusal_of_the_site_is_shown_in_its_words(ada, large):
    ada.eye.announce("status of 429")
    problem = {"detail": "20 uploads are unfinished: finish or delete one first."}

    def refuse(route: Route) -> None:
        route.fulfill(status=429, json=problem)

    ada.page.route("**/api/v1/uploads", refuse)
    choose(ada, large)
    ada.sees(problem["detail"], seconds=5)
