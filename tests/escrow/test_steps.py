"""Every step of an agreement through the API: who is refused and in which words, then signed, sent and done."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from contracts import calls
from contracts.calls import Transaction, call_of
from marketplace.escrow.account_plans import ACCOUNT_STEPS
from marketplace.escrow.award_plans import AWARD_STEPS
from marketplace.escrow.models import Agreement
from marketplace.escrow.rules import INTO_ESCROW
from marketplace.escrow.steps import STEPS
from protocol.units import bytes_of, digest_of, ether_text
from tests.escrow.steps import DAY, FEE, HEAD, PRICE, Table, table_of
from tests.factories.deal import BOND, GRACE, UNIT_PRICE

NAMES = [step.name for step in STEPS]


def test_every_function_that_somebody_signs_has_its_route():
    """But for the dispatcher's own."""
    steps = {step.name for step in (*STEPS, *AWARD_STEPS, *ACCOUNT_STEPS)}
    signed = {call.function for call in Transaction.__subclasses__() if call.contract == "PrintEscrow"}
    hyphened = {re.sub(r"(?=[A-Z])", "-", name).lower() for name in signed}
    assert steps == hyphened - {"award-under"}
    page = (Path(__file__).parents[2] / "docs" / "operations" / "README.md").read_text()
    assert [step for step in steps if step not in page] == []


@pytest.fixture
def table(deal, bo, charlie, eve, settings) -> Table:
    return table_of(deal, bo, charlie, eve, settings)


def refused(answer, status: int, code: str) -> dict:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.json()
    return answer.json()


def standing(table: Table, account, step: str) -> dict:
    listed = table.deal.reads(account, f"agreements/{table.bid.pk}/steps")
    assert listed.status_code == 200, listed.json()
    assert [one["step"] for one in listed.json()] == NAMES
    return next(one for one in listed.json() if one["step"] == step)


def told(table: Table, answer: dict) -> None:
    """The summary told every amount that then left the escrow, and nothing else moved out."""
    table.deal.follow()
    money = table.deal.reads(table.ada, f"agreements/{table.bid.pk}").json()["money"]
    newest = money[-1]["transaction"]
    moved = [m for m in money if m["transaction"] == newest and m["what"] not in INTO_ESCROW]
    assert moved
    for move in moved:
        assert ether_text(int(move["amount"])) in answer["summary"], (move, answer["summary"])


# ------------------------------------------------------------------ who, when, in which status


def test_nobody_and_strangers_are_told_nothing(table, dee):
    table.awarded()
    assert table.deal.reads(None, f"agreements/{table.bid.pk}/steps").status_code == 401
    refused(table.deal.reads(dee, f"agreements/{table.bid.pk}/steps"), 404, "not-found")
    for step in NAMES:
        refused(table.ask(dee, step, table.body(step, dee)), 404, "not-found")


def test_who_made_another_bid_is_a_stranger_unless_it_stands_by(table):
    table.awarded()
    refused(table.ask(table.charlie, "refund"), 404, "not-found")


@pytest.mark.parametrize(
    ("step", "who"),
    [
        ("release", "bo eve charlie"),
        ("deliver", "ada eve charlie"),
        ("drop-standby", "bo eve charlie"),
        ("cancel", "eve charlie"),
        ("give-up", "ada eve charlie"),
        ("dispute", "bo eve charlie"),
        ("rule", "ada bo charlie"),
        ("settle", "eve charlie"),
    ],
)
def test_others_sides_are_refused(table, step, who):
    table.awarded(standby=table.standby.pk)
    for name in who.split():
        account = getattr(table, name)
        problem = refused(table.ask(account, step, table.body(step, account)), 403, "not-your-side")
        one = standing(table, account, step)
        assert (one["available"], one["reason"]) == (False, problem["detail"].replace(" of an agreement", ""))


REACHES = [
    "awarded",
    "delivered",
    "disputed",
    "closed",
    "overdue",
    "given_up",
    "reviewed",
    "decided_late",
    "graceless",
]


def reach(table: Table, where: str, **body) -> None:
    if where in ("awarded", "delivered", "disputed", "closed"):
        getattr(table, where)(**body)
    elif where == "reviewed":
        table.delivered(**body)
        table.pass_time(DAY + 1)
    elif where == "decided_late":
        table.disputed(**body)
        table.pass_time(DAY + 1)
    else:
        table.awarded(**body)
        if where == "overdue":
            table.overdue()
        elif where == "given_up":
            table.take(table.bo, "give-up")
        else:
            table.pass_time(GRACE + 1)


@pytest.mark.parametrize("standby", [False, True], ids=["alone", "with-standby"])
@pytest.mark.parametrize("where", REACHES)
def test_what_the_list_says_is_what_the_chain_says(table, where, standby):
    """For everybody and every step: listed as available if and only if the transaction is handed out."""
    reach(table, where, **({"standby": table.standby.pk} if standby else {}))
    people = [table.ada, table.bo, table.eve, *([table.charlie] if standby else [])]
    for account in people:
        listed = table.deal.reads(account, f"agreements/{table.bid.pk}/steps").json()
        for one in listed:
            answer = table.ask(account, one["step"], table.body(one["step"], account))
            said = (account.address, one, answer.json())
            assert (answer.status_code == 200) is one["available"], said
            assert answer.status_code in (200, 403, 409), said
            assert bool(one["reason"]) is not one["available"]
            if answer.status_code == 409:
                assert answer.json()["error"]["name"]
                assert answer.json()["detail"].endswith((".", "later"))


@pytest.mark.parametrize(
    ("where", "step", "account", "code", "reason"),
    [
        ("delivered", "deliver", "bo", "wrong-status", "is DELIVERED"),
        ("awarded", "claim", "ada", "wrong-status", "while it is DELIVERED"),
        ("delivered", "claim", "bo", "too-early", "can be done from"),
        ("awarded", "refund", "ada", "too-early", "can be done from"),
        ("graceless", "cancel", "bo", "too-late", "could be done until"),
        ("given_up", "deliver", "bo", "already-given-up", "gave up"),
        ("given_up", "give-up", "bo", "already-given-up", "gave up"),
        ("reviewed", "dispute", "ada", "too-late", "could be done until"),
        ("decided_late", "rule", "eve", "too-late", "could be done until"),
        ("disputed", "expire", "bo", "too-early", "can be done from"),
        ("closed", "release", "ada", "wrong-status", "is CLOSED"),
        ("awarded", "drop-standby", "ada", "not-standby", "No standby"),
        ("overdue", "reaward", "ada", "not-standby", "No standby"),
    ],
)
def test_refusals_in_words(table, where, step, account, code, reason):
    reach(table, where)
    who = getattr(table, account)
    problem = refused(table.ask(who, step, table.body(step, who)), 409, code)
    assert problem["error"]["name"].lower() == code.replace("-", "")
    assert reason in standing(table, who, step)["reason"]


def test_times_are_those_of_the_agreement(table):
    table.delivered()
    row = table.row
    claim, dispute = (standing(table, table.ada, step) for step in ("claim", "dispute"))
    assert claim["opens"] == row.claim_from.isoformat().replace("+00:00", "Z")
    assert dispute["closes"] == row.review_until.isoformat().replace("+00:00", "Z")
    assert (claim["closes"], dispute["opens"], dispute["title"]) == (None, None, "Dispute")


def test_bodies_are_read_strictly(table):
    table.disputed()
    for step, account, body in [
        ("rule", table.eve, {"cumulative": "-1", "bond_back": "0"}),
        ("rule", table.eve, {"cumulative": "0"}),
        ("redeem", table.bo, {"cumulative": "5", "signature": "0x1"}),
        ("redeem", table.bo, {"cumulative": "5", "signature": "0x" + "11" * 5000}),
        ("settle", table.bo, {"settlement": {"agreement": HEAD}, "signature": "0x"}),
        ("settle", table.bo, {"settlement": [], "signature": "0x"}),
    ]:
        refused(table.ask(account, step, body), 400, "invalid")


def test_a_ruling_beyond_the_pot_is_refused(table):
    table.disputed()
    body = {"cumulative": str(PRICE + 1), "bond_back": "0"}
    refused(table.ask(table.eve, "rule", body), 409, "above-price")
    refused(table.ask(table.eve, "rule", {"cumulative": "0", "bond_back": str(BOND + 1)}), 409, "above-bond")


def test_signatures_of_others_are_refused_by_the_chain(table):
    table.awarded()
    voucher = table.voucher(5) | {"cumulative": "6"}
    problem = refused(table.ask(table.bo, "redeem", voucher), 409, "signature-invalid")
    assert "ask its signer to sign again" in problem["detail"]
    own = table.settlement(table.ada, 5)
    refused(table.ask(table.ada, "settle", own), 409, "signature-invalid")
    stale = table.settlement(table.bo, 5, paid=1)
    refused(table.ask(table.ada, "settle", stale), 409, "settlement-stale")
    old = table.settlement(table.bo, 5, deadline=1)
    refused(table.ask(table.ada, "settle", old), 409, "signature-expired")
    foreign = table.settlement(table.bo, 5, agreement=digest_of(HEAD))
    refused(table.ask(table.ada, "settle", foreign), 409, "agreement-mismatch")


def test_an_agreement_that_the_chain_took_back_has_no_steps(table):
    shot = table.deal.anvil.rpc("evm_snapshot")
    table.awarded()
    table.deal.anvil.rpc("evm_revert", shot)
    refused(table.ask(table.ada, "release"), 409, "wrong-status")


# ------------------------------------------------------------------ what is answered, and what then happens


def test_the_answer_is_complete(table):
    table.awarded()
    answer = table.ask(table.ada, "release", {"cumulative": str(UNIT_PRICE)}).json()
    assert set(answer) == {"step", "then", "transaction", "summary", "warnings", "simulation"}
    assert (answer["step"], answer["then"], answer["warnings"]) == ("release", None, [])
    assert answer["simulation"]["ok"] is True
    assert answer["simulation"]["gas"] < answer["transaction"]["gas"]
    assert call_of(bytes_of(answer["transaction"]["data"])) == calls.Release(table.bid.terms, UNIT_PRICE)
    assert (
        answer["summary"]
        == "0.01 ETH goes to the provider. The escrow goes on holding 0.01 ETH of the price."
    )


def test_a_deadline_near_and_a_wallet_without_gas_are_warned_of(table):
    table.awarded()
    table.pass_time(3600)
    table.deal.anvil.rpc("anvil_setBalance", table.bo.address, hex(1))
    answer = table.ask(table.bo, "deliver", {"head": HEAD})
    assert answer.status_code == 200, answer.json()
    [deadline, gas] = answer.json()["warnings"]
    assert "which is in 22 h 59 min" in deadline or "which is in 23 h" in deadline
    assert "your wallet has 0.000000000000000001 ETH left for it" in gas


def test_nothing_is_warned_of_while_there_is_time(table, deal, bo):
    table.bid = deal.bid(bo, arbiter=table.bid.terms.arbiter, make_time=3 * DAY, review_time=2 * DAY)
    table.awarded()
    assert table.ask(bo, "deliver", {"head": HEAD}).json()["warnings"] == []


def test_paid_in_parts_by_release_and_voucher_with_the_fee_told(deal, bo, charlie, eve, dee, settings):
    settings.FEE_BPS, settings.FEE_TO = 333, dee.address
    table = table_of(deal, bo, charlie, eve, settings, fee_bps=333, fee_to=dee.address)
    table.awarded()
    told(table, table.take(table.ada, "release", {"cumulative": "1000000000000007"}))
    told(table, table.take(table.bo, "redeem", table.voucher(UNIT_PRICE + 1)))
    assert table.row.paid == str(UNIT_PRICE + 1)
    answer = table.take(table.bo, "redeem", table.voucher(PRICE))
    told(table, answer)
    assert "This closes the agreement" in answer["summary"]
    assert (table.row.status, table.row.how) == ("CLOSED", "REDEEMED")


def test_delivered_and_claimed_by_the_arbiter_of_all_people(table):
    table.awarded()
    answer = table.take(table.bo, "deliver", {"head": HEAD})
    assert "after that anyone can claim 0.02 ETH for you" in answer["summary"]
    assert "Nothing moves yet" in answer["summary"]
    table.pass_time(DAY + 1)
    told(table, table.take(table.eve, "claim"))
    assert table.row.how == "CLAIMED"


def test_cancelled(table):
    table.awarded()
    told(table, table.take(table.bo, "cancel"))
    assert table.row.how == "CANCELLED"


def test_given_up_and_refunded_with_a_part_paid(table):
    table.awarded()
    table.take(table.ada, "release", {"cumulative": str(UNIT_PRICE // 3)})
    answer = table.take(table.bo, "give-up")
    assert "cannot be taken back" in answer["summary"]
    told(table, table.take(table.bo, "refund"))
    assert table.row.how == "REFUNDED"


def test_taken_over_by_the_standby_which_asks_for_it_itself(table):
    table.awarded(standby=table.standby.pk)
    assert table.row.standby == table.standby.pk
    table.overdue()
    refused(table.ask(table.bo, "refund"), 409, "standby-first")
    answer = table.take(table.charlie, "reaward")
    taken = Agreement.objects.get(pk=table.standby.pk)
    assert (table.row.how, taken.status, taken.units) == ("REAWARDED", "AWARDED", 2)
    assert f"takes over 2 unit(s) for {ether_text(int(taken.price))}" in answer["summary"]
    assert f"{ether_text(PRICE + BOND - int(taken.price))} goes to the designer" in answer["summary"]


def test_a_standby_whose_bid_is_not_known_here(table):
    table.awarded(standby=table.standby.pk)
    table.overdue()
    table.standby.delete()
    refused(table.ask(table.ada, "reaward"), 409, "standby-unknown")


def test_dropped_standby(table):
    table.awarded(standby=table.standby.pk)
    table.take(table.ada, "drop-standby")
    assert int(table.row.standby, 16) == 0


@pytest.mark.parametrize("from_ledger", [False, True])
def test_disputed_and_ruled(table, from_ledger):
    table.delivered()
    if from_ledger:
        refused(table.ask(table.ada, "dispute", {"head": HEAD, "from_ledger": True}), 409, "free-too-low")
        table.deal.deposit(table.ada, FEE)
    answer = table.take(table.ada, "dispute", {"head": HEAD, "from_ledger": from_ledger})
    assert answer["transaction"]["value"] == str(0 if from_ledger else FEE)
    source = "your free balance" if from_ledger else "your wallet"
    assert f"0.0001 ETH goes from {source} into the escrow as the dispute fee" in answer["summary"]
    assert "50 % of what is unpaid" in answer["summary"]
    told(table, table.take(table.eve, "rule", {"cumulative": str(UNIT_PRICE), "bond_back": str(BOND // 4)}))
    assert (table.row.how, table.row.paid) == ("RULED", str(UNIT_PRICE))


@pytest.mark.parametrize("to_provider", [0, BOND // 2, BOND + 7, BOND + PRICE])
def test_settled_by_either_side(table, to_provider):
    table.disputed()
    told(table, table.take(table.bo, "settle", table.settlement(table.ada, to_provider)))
    assert table.row.how == "SETTLED"


def test_expired(table):
    table.disputed()
    table.pass_time(DAY + 1)
    told(table, table.take(table.bo, "expire"))
    assert table.row.how == "EXPIRED"
