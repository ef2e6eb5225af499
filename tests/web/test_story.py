"""Ada's job in the browser, from sign-in to a clean audit, with clicks alone."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import expect

from demo.parts import BRACKET
from demo.stack import Stack
from protocol.units import ether_text
from tests.web.axe import SCHEMES, grave_violations
from tests.web.visitor import JOB_PAGE, PATIENCE, SECONDS, Visitor

pytestmark = [pytest.mark.web, pytest.mark.stack, pytest.mark.xdist_group("web")]

MAKING = 120 * SECONDS
# What a reload would lose.
MARK = "window.neverReloaded = true"


@dataclass
class Bid:
    """A row of the bids' table; the price in wei."""

    agreement: str
    price: int


def test_from_sign_in_to_a_clean_audit(visit, stack, market, tmp_path):
    ada = visit(accept_downloads=True)
    ada.sign_in("Ada")
    _upload_and_look(ada)
    _post(ada)
    bid = _bids_arrive(ada)
    _award(ada, bid, market.network["escrow"])
    _watch(ada)
    _accept(ada, bid, market.network, stack)
    assert ada.page.evaluate("window.neverReloaded")
    found = [each for scheme in SCHEMES for each in grave_violations(ada.page, scheme)]
    assert not found, "\n".join(found)
    _audit(ada, tmp_path)


def _upload_and_look(ada: Visitor) -> None:
    ada.upload(BRACKET.model)
    expect(ada.page.locator("#design[data-settled=MEASURED]")).to_be_visible(timeout=PATIENCE)
    for fact in ("bracket.stl", "70 × 56 × 14 mm", "cm³", "triangles, closed"):
        ada.sees(fact)
    _picture_shows(ada)
    ada.sees("Estimate")
    expect(ada.page.get_by_label("Budget in ETH")).not_to_have_value("", timeout=PATIENCE)


def _picture_shows(ada: Visitor) -> None:
    picture = ada.page.get_by_alt_text(re.compile("^(Overview|Picture) of"))
    expect(picture).to_be_visible(timeout=PATIENCE)
    ada.page.wait_for_function(
        "image => image.complete && image.naturalWidth > 0", arg=picture.element_handle()
    )


def _post(ada: Visitor) -> None:
    ada.page.get_by_label("Title").fill("Shelf bracket of Ada")
    ada.page.get_by_label("Colour").fill("black")
    ada.post()
    ada.page.wait_for_url(JOB_PAGE)
    ada.page.evaluate(MARK)


def _bids_arrive(ada: Visitor) -> Bid:
    """Two bids and a decline come by themselves; the first is the best."""
    expect(ada.page.locator("table.bids tbody tr")).to_have_count(2, timeout=PATIENCE)
    ada.sees("2 bids are in")
    ada.sees("Declined")
    _picture_shows(ada)
    best = ada.page.locator("table.bids tbody tr").first
    expect(best.locator(".rank")).to_have_text("1")
    path = best.get_by_role("button").get_attribute("data-path")
    return Bid(path.split("/")[1], int(best.locator("data").first.get_attribute("value")))


def _award(ada: Visitor, bid: Bid, escrow: str) -> None:
    ada.page.get_by_role("button", name="Award the bid").first.click()
    ada.dialog.shows("Award this bid", f"You pay {ether_text(bid.price)}", escrow, "31337", "24 hours")
    ada.dialog.sign()
    ada.dialog.ends("Done, in block")
    ada.sees("Awarded: the printer is at work")


def _watch(ada: Visitor) -> None:
    """The print's progress is seen under way, and moving; then the delivery."""
    done = "parseInt(document.querySelector('[data-live=percent]').textContent) || 0"
    seen = ada.page.wait_for_function(
        f"() => {done} > 0 && {done} < 100 && {done}", timeout=MAKING
    ).json_value()
    ada.page.wait_for_function(f"before => {done} > before", arg=seen, timeout=MAKING)
    expect(ada.page.locator("#chart canvas")).to_be_visible(timeout=PATIENCE)
    assert float(ada.page.locator("#telemetry progress").evaluate("bar => bar.value")) > 0
    expect(ada.page.get_by_role("button", name="Accept and pay")).to_be_visible(timeout=MAKING)
    ada.sees("Delivered: look at it, then accept")


def _accept(ada: Visitor, bid: Bid, network: dict, stack: Stack) -> None:
    fee = bid.price * network["fee_bps"] // 10_000
    before = stack.node.balance(network["escrow"])
    ada.page.get_by_role("button", name="Accept and pay").click()
    ada.dialog.shows(f"{ether_text(bid.price)} in all goes to the provider", "2.5 %", network["escrow"])
    ada.dialog.sign()
    ada.dialog.ends("Done, in block")
    ada.sees("Done: made, accepted and paid")
    expect(ada.page.get_by_text("not final yet")).to_have_count(0, timeout=PATIENCE)
    # The fee stays in the contract, on its receiver's free balance.
    assert before - stack.node.balance(network["escrow"]) == bid.price - fee
    ada.page.get_by_text("Where the money went").click()
    for text in ("To the provider", "Fee to the marketplace"):
        expect(ada.page.get_by_role("cell", name=text)).to_be_visible()
    amounts = ada.page.locator("details td data").evaluate_all("all => all.map((each) => each.value)")
    assert amounts == [str(bid.price), str(bid.price - fee), str(fee)]


def _audit(ada: Visitor, folder: Path) -> None:
    """The command on the page, copied with its button, on the bundle behind the other button."""
    ada.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ada.page.get_by_role("button", name="Copy").click()
    expect(ada.page.get_by_role("button", name="Copied")).to_be_visible()
    command = shlex.split(ada.page.evaluate("navigator.clipboard.readText()"))
    with ada.page.expect_download() as download:
        ada.page.get_by_role("link", name="Download the bundle").click()
    download.value.save_as(folder / download.value.suggested_filename)
    program = Path(sys.executable).with_name(command[0])
    audit = subprocess.run(
        [program, *command[1:]], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    assert audit.returncode == 0, audit.stdout + audit.stderr
