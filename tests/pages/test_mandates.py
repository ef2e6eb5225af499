"""A job's mandates on its page: its designer's alone, with what is used, what is waited for, and the way out."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest

from tests.escrow.mandates import Office, office, operated, operator
from tests.factories.deal import UNIT_PRICE

__all__ = ["office", "operated", "operator"]


def page_of(browse, account, office: Office):
    return browse(account).get(f"/jobs/{office.deal.job.pk}")


def bodies(browse, account, office: Office) -> dict[str, dict]:
    """What the buttons of the wallet send, by step."""
    html = browse(account).client.get(f"/jobs/{office.deal.job.pk}/mandates").content.decode()
    found = re.findall(r'data-wallet="([\w-]+)" data-path="escrow/\1" data-body="([^"]+)"', html)
    return {step: json.loads(unescape(body)) for step, body in found}


@pytest.fixture
def row(office, bo):
    office.deal.bid(bo)
    return office.store(deposit=5)


def test_nobody_else_reads_a_mandate(office, row, browse, bo, charlie):
    office.look()
    for account in (None, bo, charlie):
        browser = browse(account)
        html = browser.client.get(f"/jobs/{office.deal.job.pk}").content.decode()
        assert "Dispatcher" not in html
        assert row.pk not in html
    answer = browse(bo).client.get(f"/jobs/{office.deal.job.pk}/mandates").content.decode()
    assert (answer.strip(), row.pk in answer) == ("", False)


def test_one_is_offered_where_somebody_could_use_it(office, browse, ada, settings):
    assert "Let the dispatcher award" in page_of(browse, ada, office).text
    settings.OPERATOR_KEY = ""
    assert "Let the dispatcher award" not in page_of(browse, ada, office).text


def test_limits_use_and_what_is_missing(office, row, browse, ada):
    office.look()
    text = page_of(browse, ada, office).text
    for words in ("At work", "0 of 2 units awarded", "at most 0.01 ETH", "Deposit 0.019999999999999995 ETH"):
        assert words in text, text
    assert "Let the dispatcher award" not in text
    sent = bodies(browse, ada, office)
    assert sent["deposit"] == {"amount": str(2 * UNIT_PRICE - 5)}
    office.deal.takes(ada, "escrow/deposit", sent["deposit"])
    office.turn()
    text = page_of(browse, ada, office).text
    assert "All awarded" in text
    assert "2 of 2 units awarded" in text
    assert "On its way" in text
    office.settle()
    assert "Awarded" in page_of(browse, ada, office).text


def test_revoked_by_what_the_page_offers(office, row, browse, ada):
    body = bodies(browse, ada, office)["revoke-mandate"]
    office.deal.takes(ada, "escrow/revoke-mandate", body)
    text = page_of(browse, ada, office).text
    assert "Revoked" in text
    assert "Let the dispatcher award" in text
    assert bodies(browse, ada, office) == {}
