"""Visitors whose browsers have wallets of their own, and a market they share with a provider who acts by hand."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from demo.designer import SCOPES, Designer
from tests.end_to_end.job import Market
from tests.web.hand import HandProvider
from tests.web.visitor import PATIENCE, Visitor
from tests.web.wallet import Wallet

ETHER = 10**18


@pytest.fixture(scope="module")
def own_market(stack, ada) -> Market:
    """Ada again, with a key that no demo wallet holds."""
    stack.node.give(ada.address, 10 * ETHER)
    client = Designer(ada, stack.place.url, stack.node)
    client.sign_in()
    return Market(stack, client)


@pytest.fixture(scope="module")
def by_hand(stack, own_market, bo) -> HandProvider:
    stack.node.give(bo.address, 10 * ETHER)
    client = Designer(bo, stack.place.url, stack.node)
    client.sign_in((*SCOPES, "bids", "printers"))
    return HandProvider(client, own_market.network, stack.node)


@pytest.fixture
def wallet_of(visit, stack):
    """A visitor whose browser has a wallet with this key."""

    def make(key) -> tuple[Visitor, Wallet]:
        visitor, wallet = visit(), Wallet(key, stack.node)
        wallet.install(visitor.page)
        return visitor, wallet

    return make


def sign_in(visitor: Visitor) -> None:
    visitor.go("/sign-in")
    click_sign_in(visitor.page)
    expect(visitor.page.get_by_role("link", name="Your account")).to_be_visible(timeout=PATIENCE)


def click_sign_in(page: Page) -> None:
    page.get_by_role("button", name="Sign in with your browser's wallet").click()
