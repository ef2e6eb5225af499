"""What the pages refuse, in the browser of whom they refuse it to."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from eth_utils.abi import event_abi_to_log_topic
from playwright.sync_api import Route, expect

from contracts.artifacts import abi
from tests.web.visitor import PATIENCE

pytestmark = [pytest.mark.web, pytest.mark.stack, pytest.mark.xdist_group("web")]

AWARDED = (
    "0x" + event_abi_to_log_topic(next(e for e in abi("PrintEscrow") if e.get("name") == "Awarded")).hex()
)
SECRETS = ["Shelf bracket", "bracket.stl", "PLA", "black", "ETH", "bo-mk3"]


@pytest.fixture(scope="module")
def job(market) -> str:
    """A job of Ada's with bids."""
    posted = market.post()
    market.bid_of(posted, "bo")
    market.bid_of(posted, "fern")
    return posted


@pytest.fixture
def foreign_site(tmp_path) -> Iterator[str]:
    """Another site on this machine: its pages get Ada's cookies sent along, for cookies know no port."""
    (tmp_path / "index.html").write_text("<!doctype html><title>Foreign</title><link rel=icon href=data:,>")

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("who", ["nobody", "Charlie"])
def test_a_stranger_sees_no_design_bid_or_spec(visit, job, who):
    stranger = visit()
    stranger.eye.announce(r"status of 40[134]|WebSocket connection")
    if who != "nobody":
        stranger.sign_in(who)
    stranger.go(f"/jobs/{job}")
    text = stranger.page.locator("main").inner_text()
    assert "Designs are secret until awarded" in text
    assert [secret for secret in SECRETS if secret in text] == []
    for path in ("/jobs", "/"):
        stranger.go(path)
        assert "Shelf bracket" not in stranger.page.content()
        assert stranger.page.locator("img").count() == 0
    for path in (f"/api/v1/jobs/{job}", f"/api/v1/jobs/{job}/bids", f"/api/v1/jobs/{job}/picture"):
        assert stranger.status_of(path) in (401, 403, 404), path
    if who != "nobody":
        assert stranger.status_of(f"/jobs/{job}/bids") == 404
    assert stranger.socket(f"/ws/jobs/{job}") == "refused"


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("127.0.0.1", "evil.example"), ("Chain ID: 31337", "Chain ID: 1"), ("0x7099", "0x7098")],
    ids=["domain", "chain", "address"],
)
def test_a_sign_in_message_for_elsewhere_is_not_signed(visit, right, wrong):
    """Whoever alters the site's answer on its way gets nothing signed."""
    ada, sent = visit(), []

    def alter(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace(right, wrong))

    ada.page.route("**/api/v1/auth/challenge", alter)
    ada.page.on("request", lambda request: sent.append(request.url))
    ada.go("/sign-in")
    ada.page.get_by_role("button", name="Be Ada").click()
    ada.sees("not for this site, address and chain. Nothing was signed.")
    assert not [url for url in sent if url.endswith("auth/session")]
    ada.go("/")
    expect(ada.page.get_by_role("link", name="Sign in")).to_be_visible()


def test_a_foreign_page_opens_no_socket(visit, job, foreign_site):
    ada = visit()
    ada.sign_in("Ada")
    assert ada.socket(f"/ws/jobs/{job}") == "open"
    assert ada.socket("/ws/home") == "open"
    ada.eye.announce("WebSocket connection")
    ada.page.goto(foreign_site)
    assert ada.socket(f"/ws/jobs/{job}") == "refused"
    assert ada.socket("/ws/home") == "refused"
    assert any("403" in problem for problem in ada.eye.lines)


def test_a_file_that_is_a_web_page_is_refused_with_its_reason(visit, tmp_path):
    ada = visit()
    ada.eye.announce("status of 4")
    ada.sign_in("Ada")
    file = tmp_path / "part.stl"
    file.write_text("<!DOCTYPE html><html><body>Not found</body></html>")
    ada.upload(file)
    ada.sees("web page")


def test_an_award_clicked_twice_is_one_award(visit, market, job):
    """Clicked twice in one tab, and in a second tab where it had been prepared before."""
    before, escrow = _awards(market), market.network["escrow"]
    held = market.stack.node.balance(escrow)
    bid = market.bid_of(job, "bo")
    ada = visit()
    ada.sign_in("Ada")
    ada.go(f"/jobs/{job}")
    late = visit(storage_state=ada.page.context.storage_state())
    late.go(f"/jobs/{job}")
    late.award_button("bo-mk3").click()
    late.dialog.shows("Award this bid")
    ada.award_button("bo-mk3").dblclick()
    ada.dialog.shows("Award this bid")
    ada.page.get_by_role("button", name="Sign and send").dblclick()
    ada.dialog.ends("Done, in block")
    late.dialog.sign()
    late.dialog.ends("only gas was spent")
    expect(ada.page.get_by_role("button", name="Award the bid")).to_have_count(0, timeout=PATIENCE)
    assert _awards(market) == before + 1
    assert market.stack.node.balance(escrow) - held == int(bid["price"])


def _awards(market) -> int:
    """How many awards the escrow has logged."""
    wanted = {"fromBlock": "0x0", "address": market.network["escrow"], "topics": [AWARDED]}
    return len(market.stack.node.rpc("eth_getLogs", wanted))
