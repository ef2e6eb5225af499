"""The browser's own wallet, with keys the page does not know: declined, then signed, from award to payment."""

from __future__ import annotations

from datetime import datetime

import pytest
from playwright.sync_api import expect

from tests.end_to_end.job import Market
from tests.processes import eventually
from tests.web.hand import SERIAL
from tests.web.own import by_hand, click_sign_in, own_market, sign_in, wallet_of

__all__ = ["by_hand", "own_market", "wallet_of"]

pytestmark = [pytest.mark.web, pytest.mark.stack, pytest.mark.xdist_group("web")]

DECLINED = "You declined in your wallet. Nothing was sent."


def test_without_a_wallet_the_page_says_what_to_install(visit):
    visitor = visit()
    visitor.go("/sign-in")
    click_sign_in(visitor.page)
    visitor.sees("This browser has no wallet. Install one")


def test_a_declined_sign_in_signs_nobody_in(wallet_of, ada):
    visitor, wallet = wallet_of(ada)
    wallet.declines = True
    visitor.go("/sign-in")
    click_sign_in(visitor.page)
    visitor.sees(DECLINED)
    visitor.go("/")
    expect(visitor.page.get_by_role("link", name="Sign in")).to_be_visible()


def test_a_wallet_of_somebody_else_signs_nothing(wallet_of, own_market, ada, charlie):
    """The wallet's account is switched after the sign-in."""
    job = own_market.post()
    own_market.bid_of(job, "bo")
    visitor, wallet = wallet_of(ada)
    sign_in(visitor)
    wallet.key = charlie
    visitor.go(f"/jobs/{job}")
    visitor.award_button("bo-mk3").click()
    visitor.dialog.shows()
    visitor.dialog.sign()
    visitor.dialog.ends(f"Your wallet is set to {charlie.address}")


def test_a_declined_award_changes_nothing_and_a_signed_one_goes_through_to_payment(
    wallet_of, own_market, by_hand, ada
):
    node, escrow = own_market.stack.node, own_market.network["escrow"]
    job = own_market.post()
    agreement = by_hand.bid(own_market.bid_of(job, "bo"))
    visitor, wallet = wallet_of(ada)
    sign_in(visitor)
    assert wallet.chain == hex(own_market.network["chain_id"]), "the page had the wallet switch"
    visitor.go(f"/jobs/{job}")

    wallet.declines = True
    before = [node.balance(ada.address), node.balance(escrow)]
    visitor.award_button(SERIAL).click()
    visitor.dialog.shows("Award this bid", escrow)
    visitor.dialog.sign()
    visitor.dialog.ends(DECLINED)
    assert [node.balance(ada.address), node.balance(escrow)] == before
    assert own_market.ada.get(f"jobs/{job}")["status"] == "OPEN"
    expect(visitor.award_button(SERIAL)).to_be_enabled()

    wallet.declines = False
    visitor.award_button(SERIAL).click()
    visitor.dialog.shows("Award this bid", escrow, "goes from your wallet into the escrow")
    visitor.dialog.sign()
    visitor.dialog.ends("Done, in block")
    visitor.sees("Awarded: the printer is at work")
    visitor.sees("Your transactions")
    visitor.sees("for good")

    by_hand.deliver(agreement)
    visitor.page.get_by_role("button", name="Accept and pay").click()
    visitor.dialog.shows("Accept and pay", escrow)
    visitor.dialog.sign()
    visitor.dialog.ends("Done, in block")
    visitor.sees("Done: made, accepted and paid")


def test_limits_are_signed_and_the_dispatcher_awards_within_them(wallet_of, own_market, ada):
    """Declined, then signed; the page says what is missing; deposited, and the product's own worker awards."""
    escrow, job = own_market.network["escrow"], own_market.post()
    own_market.bid_of(job, "bo")
    visitor, wallet = wallet_of(ada)
    sign_in(visitor)
    visitor.go(f"/jobs/{job}")

    wallet.declines = True
    visitor.page.get_by_role("button", name="Let the dispatcher award").click()
    visitor.dialog.shows("Let the dispatcher award", escrow, own_market.network["operator"])
    visitor.dialog.sign()
    visitor.dialog.ends(DECLINED)
    assert own_market.ada.get("mandates") == []

    wallet.declines = False
    visitor.page.get_by_role("button", name="Let the dispatcher award").click()
    visitor.dialog.shows("Let the dispatcher award", escrow, "from your free balance")
    visitor.dialog.sign()
    visitor.dialog.ends("Signed and handed in")
    visitor.sees("0 of 1 unit awarded under limits you signed")

    visitor.page.get_by_role("button", name="Deposit").click()
    visitor.dialog.shows("Deposit", escrow, ada.address)
    visitor.dialog.sign()
    visitor.dialog.ends("Done, in block")
    visitor.sees("1 of 1 unit awarded under limits you signed", seconds=60)
    visitor.sees("Awarded: the printer is at work")
    (mandate,) = own_market.ada.get("mandates")
    assert (mandate["status"], mandate["used"]) == ("USED_UP", 1)


def test_the_provider_claims_what_nobody_accepted(wallet_of, own_market, by_hand, bo):
    """A review time of one second, signed by both sides: no clock is moved."""
    job = own_market.post()
    agreement = by_hand.bid(own_market.bid_of(job, "bo"), review_time=1)
    own_market.ada.send(own_market.ada.post(f"bids/{agreement}/award")["transaction"])
    eventually(lambda: own_market.ada.get(f"jobs/{job}")["status"] == "AWARDED", seconds=30)
    by_hand.deliver(agreement)
    _wait_for_claim(own_market, agreement)
    visitor, _ = wallet_of(bo)
    sign_in(visitor)
    visitor.go(f"/jobs/{job}")
    visitor.page.get_by_role("button", name="Claim the price").click()
    visitor.dialog.shows("The rest of the price goes to the provider", bo.address)
    visitor.dialog.sign()
    visitor.dialog.ends("Done, in block")
    visitor.sees("claimed by the provider after the review time")
    claimed = own_market.ada.get(f"agreements/{agreement}")
    assert claimed["paid"] == claimed["price"]


def _wait_for_claim(own_market: Market, agreement: str) -> None:
    """Until the review time is over for the chain, whose blocks lag behind the site's clock."""

    def over() -> bool:
        claim_from = own_market.ada.get(f"agreements/{agreement}")["deadlines"]["claim_from"]
        head = own_market.stack.node.rpc("eth_getBlockByNumber", "latest", False)
        return (
            bool(claim_from) and int(head["timestamp"], 16) >= datetime.fromisoformat(claim_from).timestamp()
        )

    eventually(over, seconds=30, every=0.2)
