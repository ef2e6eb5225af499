"""A reader's own account in the escrow: balance, hot keys, and the steps about oneself."""

from __future__ import annotations

import re

import pytest

from tests.bidding.chained import KEY, bump_epoch, revoke_key, set_key
from tests.factories.deal import BOND
from tests.processes import free_port

PATH = "/account/escrow"
SECTIONS = (f"{PATH}/purse", f"{PATH}/keys", f"{PATH}/sent")


@pytest.mark.parametrize("path", [PATH, *SECTIONS, "/disputes"])
def test_nobody_reads_it_without_signing_in(browse, path):
    assert browse().leads(path).startswith("/sign-in")


def test_where_no_node_answers_the_page_says_so(deal, browse, bo, settings):
    settings.RPC_URL = f"http://127.0.0.1:{free_port()}"
    assert "your balance cannot be shown now. It is safe in the contract" in browse(bo).get(PATH).text


def test_an_empty_account_offers_every_step(deal, browse, charlie):
    deal.follow()
    page = browse(charlie).get(PATH)
    for text in ("0 ETH", "You set none.", "Deposit", "Withdraw"):
        assert text in page.text
    html = browse(charlie).client.get(PATH).content.decode()
    steps = set(re.findall(r'data-wallet="([a-z-]+)"', html))
    assert steps == {"deposit", "withdraw", "set-agent", "bump-epoch", "revoke-mandate"}
    browse(charlie).get("/account")


def test_balance_and_epoch_are_the_chains(deal, browse, bo, charlie):
    deal.deposit(bo, BOND)
    bump_epoch(deal, bo)
    text = " ".join(browse(bo).get(PATH).text.split())
    assert "free in the escrow0.001 ETH epoch of your bids1" in text
    assert "0.001 ETH" not in browse(charlie).get(PATH).text


def test_keys_are_listed_live_ones_first_and_can_be_revoked(deal, browse, bo, charlie, dee):
    set_key(deal, bo, key=dee.address, until=1)
    set_key(deal, bo, until=2**40 - 1)
    for path in (PATH, f"{PATH}/keys"):
        page = browse(bo).get(path)
        assert page.text.index(KEY.address) < page.text.index(dee.address)
        for text in ("for ever", "0.002 ETH", "over"):
            assert text in page.text
        html = browse(bo).client.get(path).content.decode()
        assert html.count("Revoke the key") == 1
    assert KEY.address not in browse(charlie).get(PATH).text
    revoke_key(deal, bo)
    assert "Revoke the key" not in browse(bo).client.get(PATH).content.decode()


def test_what_was_sent_is_listed_with_its_fate(deal, browse, bo, charlie):
    deal.follow()
    transaction = deal.asks(bo, "escrow/deposit", {"amount": "7"}).json()["transaction"]
    receipt = deal.anvil.send(bo, transaction)
    body = {"hash": "0x" + receipt["transactionHash"].hex().removeprefix("0x"), "step": "deposit"}
    assert deal.asks(bo, "transactions", body).status_code == 201
    for path in (PATH, f"{PATH}/sent"):
        text = browse(bo).get(path).text
        for expected in ("Your transactions", "Deposit", "In a block"):
            assert expected in text
    assert "Your transactions" not in browse(charlie).get(PATH).text
