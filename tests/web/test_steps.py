"""Every step of the escrow by clicks: told in words, tried, signed by the browser's wallet, and followed to its fate."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from eth_account import Account
from playwright.sync_api import Locator, Page, Route, expect

from demo import cast
from tests.anvil import Anvil
from tests.factories.token import Token
from tests.processes import eventually
from tests.web.axe import SCHEMES, grave_violations
from tests.web.own import ETHER, by_hand, own_market, sign_in, wallet_of
from tests.web.visitor import PATIENCE, Visitor

__all__ = ["by_hand", "own_market", "wallet_of"]

pytestmark = [pytest.mark.web, pytest.mark.stack, pytest.mark.xdist_group("web")]

PATH = "/account/escrow"
FEE = ETHER // 1000


def form(page: Page, name: str) -> Locator:
    return page.get_by_role("form", name=name, exact=True)


def send(visitor: Visitor, name: str, *shown: str, button: str = "", **fields: str) -> None:
    """Fill in a form, look at what is to be signed, sign, and wait for its block."""
    asked = form(visitor.page, name)
    for label, value in fields.items():
        asked.get_by_label(label.replace("_", " ")).fill(value)
    asked.get_by_role("button", name=button or name).click()
    visitor.dialog.shows(*shown, "Tried on the chain just now: it would go through.", "Gas")
    visitor.dialog.sign()
    visitor.dialog.ends("Done, in block")


@pytest.fixture
def bo_at_escrow(wallet_of, by_hand, bo):
    """Bo, signed in with a wallet, on the page of his escrow account."""
    visitor, wallet = wallet_of(bo)
    sign_in(visitor)
    visitor.go(PATH)
    return visitor, wallet


def test_what_cannot_be_read_is_not_sent(bo_at_escrow):
    visitor, _ = bo_at_escrow
    asked: list[str] = []
    visitor.page.on("request", lambda request: asked.append(request.url))
    deposit = form(visitor.page, "Deposit")
    for amount in ("", "1,5", "-1", "0.1234567890123456789"):
        deposit.get_by_label("Amount in ETH").fill(amount)
        deposit.get_by_role("button").click()
        expect(visitor.page.get_by_role("dialog")).to_be_hidden()
    mandate = form(visitor.page, "Revoke a mandate")
    mandate.get_by_label("The mandate that you signed").fill("{not json")
    mandate.get_by_role("button").click()
    visitor.dialog.ends("this cannot be read. Paste it whole, braces included.")
    assert not [url for url in asked if "/api/" in url]


def test_what_the_escrow_would_refuse_is_refused_in_words_before_it_is_signed(bo_at_escrow):
    visitor, _ = bo_at_escrow
    visitor.eye.announce("status of 409")
    withdraw = form(visitor.page, "Withdraw")
    withdraw.get_by_label("Amount in ETH").fill("1000")
    withdraw.get_by_role("button").click()
    visitor.dialog.ends("The free balance in the escrow is smaller than this amount.")


def test_another_transaction_than_was_asked_for_is_not_signed(bo_at_escrow):
    """Whoever alters the site's answer on its way gets nothing signed."""
    visitor, wallet = bo_at_escrow
    sent: list[object] = []
    wallet._eth_sendTransaction = sent.append

    def alter(route: Route) -> None:
        route.fulfill(response=route.fetch(url=route.request.url.replace("deposit", "bump-epoch")))

    visitor.page.route("**/escrow/deposit", alter)
    deposit = form(visitor.page, "Deposit")
    deposit.get_by_label("Amount in ETH").fill("1")
    deposit.get_by_role("button").click()
    visitor.dialog.ends("The site prepared another transaction than you asked for. Nothing was signed.")
    assert sent == []


@pytest.fixture
def no_blocks(stack) -> Iterator[None]:
    """No block comes, until the end of the test at the latest."""
    stack.node.rpc("evm_setIntervalMining", 0)
    yield
    stack.node.rpc("evm_setIntervalMining", 1)


def test_what_another_transaction_replaced_is_void(bo_at_escrow, stack, no_blocks):
    visitor, wallet = bo_at_escrow
    deposit = form(visitor.page, "Deposit")
    deposit.get_by_label("Amount in ETH").fill("0.001")
    deposit.get_by_role("button").click()
    visitor.dialog.shows()
    with visitor.page.expect_response("**/api/v1/transactions"):
        visitor.dialog.sign()
    wallet.call_off()
    stack.node.rpc("evm_setIntervalMining", 1)
    visitor.dialog.ends("took its place")
    expect(visitor.page.locator("#sent")).to_contain_text("Replaced", timeout=PATIENCE)


def test_a_token_is_allowed_first_and_then_taken(bo_at_escrow, stack, own_market, bo):
    """The site prepares the allowance, and once it is mined the deposit itself, in the same dialog."""
    visitor, _ = bo_at_escrow
    token, escrow = Token(Anvil(stack.place.rpc_url)), own_market.network["escrow"]
    token.give(bo, escrow, 5 * ETHER, allow=False)
    deposit = form(visitor.page, "Deposit")
    deposit.evaluate("(form, body) => { form.dataset.body = body; }", json.dumps({"token": token.address}))
    deposit.get_by_label("Amount in ETH").fill("5")
    deposit.get_by_role("button").click()
    visitor.dialog.shows("Let the escrow take tokens", f"Up to {5 * ETHER} of their smallest units", escrow)
    visitor.dialog.sign()
    visitor.dialog.shows(f"You pay {5 * ETHER} of the smallest units of the token {token.address}")
    visitor.dialog.sign()
    visitor.dialog.ends("Done, in block")
    assert token.contract.functions.balanceOf(bo.address).call() == 0


def test_deposited_a_key_set_and_revoked_and_withdrawn(bo_at_escrow, own_market, by_hand, bo):
    visitor, _ = bo_at_escrow
    key = Account.from_key(secrets.token_bytes(32))
    free = visitor.page.locator("#purse data").first
    send(visitor, "Deposit", "You pay 0.05 ETH", bo.address, Amount_in_ETH="0.05")
    expect(free).to_have_attribute("value", str(ETHER // 20), timeout=PATIENCE)
    expect(visitor.page.locator("#sent")).to_contain_text("for good", timeout=PATIENCE)

    until = (datetime.now(UTC) + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    asked = {"Address_of_the_key": key.address, "Until,_in_UTC": until, "Bonds_it_may_lock,_in_ETH": "0.01"}
    send(
        visitor,
        "Set or renew a key",
        "Its bids may lock up to 0.01 ETH",
        key.address,
        button="Set the key",
        **asked,
    )
    expect(visitor.page.locator("#keys")).to_contain_text(key.address, timeout=PATIENCE)

    bid = by_hand.bid(own_market.bid_of(job := own_market.post(), "bo"), key=key)
    found = {each["id"]: each for each in own_market.ada.get(f"jobs/{job}/bids")}
    assert (found[bid]["status"], found[bid]["signer"]) == ("OPEN", key.address)

    visitor.page.get_by_role("button", name="Revoke the key").click()
    visitor.dialog.shows("Revoke a hot key", key.address)
    visitor.dialog.sign()
    visitor.dialog.ends("Done, in block")
    expect(visitor.page.locator("#keys")).to_contain_text("over", timeout=PATIENCE)

    def standing() -> str:
        return next(each["status"] for each in own_market.ada.get(f"jobs/{job}/bids") if each["id"] == bid)

    eventually(lambda: standing() == "WITHDRAWN", seconds=20)
    visitor.go(f"/jobs/{job}")
    visitor.sees("may not sign for the provider any more")
    visitor.go(PATH)
    send(visitor, "Withdraw", "0.05 ETH leaves your free balance", Amount_in_ETH="0.05")
    expect(free).to_have_attribute("value", "0", timeout=PATIENCE)
    found = [each for scheme in SCHEMES for each in grave_violations(visitor.page, scheme)]
    assert not found, "\n".join(found)


def test_all_bids_are_withdrawn_at_once(wallet_of, bo_at_escrow, own_market, by_hand, ada):
    visitor, _ = bo_at_escrow
    job = own_market.post()
    bid = by_hand.bid(own_market.bid_of(job, "bo"))
    designer, _ = wallet_of(ada)
    sign_in(designer)
    designer.go(f"/jobs/{job}")
    expect(designer.award_button("made-by-hand")).to_be_visible()
    visitor.page.get_by_role("button", name="Withdraw all bids").click()
    visitor.dialog.shows("Withdraw all your bids", "Cannot be")
    visitor.dialog.sign()
    visitor.dialog.ends("Done, in block")
    designer.sees("The provider withdrew all its bids of that epoch.")
    expect(designer.award_button("made-by-hand")).to_have_count(0)
    assert [each["status"] for each in own_market.ada.get(f"jobs/{job}/bids") if each["id"] == bid] == [
        "WITHDRAWN"
    ]


def test_awarded_from_the_free_balance_delivered_disputed_and_ruled(
    wallet_of, own_market, by_hand, ada, bo, stack
):
    """Three people at three browsers; the money goes where the arbiter says."""
    ada_v, _ = wallet_of(ada)
    sign_in(ada_v)
    ada_v.go(PATH)
    send(ada_v, "Deposit", "You pay 0.5 ETH", Amount_in_ETH="0.5")
    job = own_market.post(budget=str(ETHER))
    terms = {"unit_price": ETHER // 2, "dispute_fee": FEE, "bond": 0}
    agreement = by_hand.bid(own_market.bid_of(job, "bo"), **terms)
    ada_v.go(f"/jobs/{job}")
    ada_v.page.get_by_text("Award with other choices").click()
    asked = form(ada_v.page, "Award with other choices")
    asked.get_by_label("Bid").select_option(agreement)
    asked.get_by_label("Pay from my free balance in the escrow").check()
    asked.get_by_role("button").click()
    ada_v.dialog.shows(
        "Award this bid", "You pay 0 ETH", "0.5 ETH goes from your free balance into the escrow"
    )
    ada_v.dialog.sign()
    ada_v.dialog.ends("Done, in block")
    ada_v.sees("Awarded: the printer is at work")

    bo_v, _ = wallet_of(bo)
    sign_in(bo_v)
    bo_v.go(f"/jobs/{job}")
    bo_v.page.get_by_text("More you can do").click()
    send(bo_v, "Say it is delivered", "No money moves yet")
    ada_v.sees("Delivered: look at it, then accept")

    ada_v.page.get_by_text("More you can do").click()
    send(
        ada_v, "Pay a part", "0.1 ETH in all goes to the provider", button="Pay this part", Paid_in_all="0.1"
    )
    expect(ada_v.page.locator("#job-agreements")).to_contain_text("0.1 ETH", timeout=PATIENCE)
    ada_v.page.get_by_role("button", name="Dispute").click()
    ada_v.dialog.shows("Dispute the delivery", "You post 0.001 ETH")
    ada_v.dialog.sign()
    ada_v.dialog.ends("Done, in block")
    ada_v.sees("In dispute")

    eve = cast.eve()
    stack.node.give(eve.address, ETHER)
    eve_v, _ = wallet_of(eve)
    sign_in(eve_v)
    eve_v.go("/account")
    eve_v.page.get_by_role("link", name="Disputes that name you (").click()
    eve_v.page.get_by_role("link", name=agreement[:8]).click()
    eve_v.sees("It names you as its arbiter.")
    eve_v.sees("0.1 ETH of it is paid already")
    found = [each for scheme in SCHEMES for each in grave_violations(eve_v.page, scheme)]
    assert not found, "\n".join(found)
    before = stack.node.balance(eve.address)
    split = {"For_the_provider_in_all": "0.3", "Bond_back_to_the_provider": "0"}
    send(eve_v, "Rule", "0.3 ETH in all for the provider", "0.001 ETH goes to the arbiter", **split)
    eve_v.sees("divided by the arbiter")
    assert before < stack.node.balance(eve.address) < before + FEE
    ruled = own_market.ada.get(f"agreements/{agreement}")
    assert (ruled["how"], ruled["paid"]) == ("RULED", str(3 * ETHER // 10))
    bo_v.sees("divided by the arbiter")
