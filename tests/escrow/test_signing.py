"""Typed data for wallets: who gets none, then built, signed as wallets do, equal to the protocol's, and used."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from contracts import calls
from protocol.mandate import Mandate
from protocol.terms import Award, Settlement, Voucher
from protocol.typed import escrow_domain
from protocol.units import ZERO_ADDRESS, address_of, bytes_of, digest_of, hex_of, seconds_of
from tests.escrow.steps import DAY, HEAD, PRICE, Table, iso, table_of
from tests.factories.deal import BOND, UNIT_PRICE

ETHERS = """
import { TypedDataEncoder } from "ethers";
const given = JSON.parse(process.argv[1]);
for (const { domain, types, message } of given) {
  const { EIP712Domain, ...own } = types;
  console.log(TypedDataEncoder.hash(domain, own, message));
}
"""
ROOT = Path(__file__).parents[2]


@pytest.fixture
def table(deal, bo, charlie, eve, settings) -> Table:
    return table_of(deal, bo, charlie, eve, settings)


def refused(answer, status: int, code: str) -> dict:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.json()
    return answer.json()


def built(table: Table, account, kind: str, body: dict) -> dict:
    answer = table.deal.asks(account, f"typed-data/{kind}", body)
    assert answer.status_code == 200, answer.json()
    return answer.json()


def holds(table: Table, found: dict, struct: type) -> tuple:
    """The struct of the message; its digest is the protocol's, and a wallet's signature over it is the signer's."""
    made = struct.from_json(found["typed_data"]["message"])
    domain = escrow_domain(table.deal.anvil.chain_id, table.deal.escrow)
    assert found["typed_data"]["primaryType"] == struct.__name__
    assert hex_of(made.digest(domain)) == found["digest"]
    account = next(one for one in (table.ada, table.bo) if one.address == found["signer"])
    signed = account.sign_typed_data(full_message=found["typed_data"])
    assert hex_of(signed.message_hash) == found["digest"]
    return made, hex_of(signed.signature)


def all_kinds(table: Table) -> dict[str, dict]:
    return {
        "consent": {"bid": table.bid.pk},
        "mandate": {"job": str(table.deal.job.pk), "dispatcher": table.charlie.address},
        "voucher": {"agreement": table.bid.pk},
        "settlement": {"agreement": table.bid.pk, "to_provider": "5"},
    }


def test_nobody_and_strangers_get_nothing_to_sign(table, dee):
    for kind, body in all_kinds(table).items():
        assert table.deal.asks(None, f"typed-data/{kind}", body).status_code == 401
        refused(table.deal.asks(dee, f"typed-data/{kind}", body), 404, "not-found")


def test_ethers_computes_the_same_digests(table):
    kinds = all_kinds(table)
    given = [built(table, table.ada, kind, kinds[kind]) for kind in ("consent", "mandate")]
    table.awarded()
    table.deal.finalise()
    given += [built(table, table.ada, kind, kinds[kind]) for kind in ("voucher", "settlement")]
    command = [
        shutil.which("node"),
        "--input-type=module",
        "-e",
        ETHERS,
        json.dumps([one["typed_data"] for one in given]),
    ]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert printed == [one["digest"] for one in given]


def test_no_consent_to_what_cannot_be_awarded(table, deal, ada, bo):
    refused(deal.asks(bo, "typed-data/consent", {"bid": table.bid.pk}), 404, "not-found")
    late = {"bid": table.bid.pk, "deadline": iso(table.bid.terms.valid_until + 1)}
    assert "deadline" in refused(deal.asks(ada, "typed-data/consent", late), 422, "malformed")["fields"]
    refused(deal.asks(ada, "typed-data/consent", late | {"deadline": iso(5)}), 422, "malformed")
    unbonded = deal.bid(bo, bonded=False, arbiter=table.bid.terms.arbiter, bond=BOND * 9)
    refused(deal.asks(ada, "typed-data/consent", {"bid": unbonded.pk}), 409, "bond-uncovered")


def test_a_consent_is_signed_and_sent_by_the_provider(table, deal, ada, bo):
    body = {"bid": table.bid.pk, "standby": table.standby.pk}
    found = built(table, ada, "consent", body)
    assert found["warnings"] == [
        "Your free balance in the escrow is 0 ETH, and this takes 0.02 ETH: deposit first."
    ]
    deal.deposit(ada, PRICE)
    found = built(table, ada, "consent", body)
    assert found["warnings"] == []
    consent, signature = holds(table, found, Award)
    assert consent.deadline - deal.anvil.now() in range(DAY - 5, DAY + 1)
    assert "0.02 ETH goes from your free balance" in found["summary"]
    deal.takes(bo, f"bids/{table.bid.pk}/award-for", {"consent": consent.to_json(), "signature": signature})
    assert (table.row.standby, table.row.units) == (table.standby.pk, 2)


def test_no_voucher_before_the_award_is_final(table, deal, ada, bo):
    table.awarded()
    body = {"agreement": table.bid.pk}
    refused(deal.asks(ada, "typed-data/voucher", body), 409, "award-not-final")
    deal.finalise()
    refused(deal.asks(bo, "typed-data/voucher", body), 403, "not-your-side")
    refused(deal.asks(ada, "typed-data/voucher", body | {"cumulative": str(PRICE + 1)}), 409, "above-price")
    table.take(ada, "release", {"cumulative": "6"})
    refused(deal.asks(ada, "typed-data/voucher", body | {"cumulative": "6"}), 409, "not-rising")
    table.take(ada, "release")
    refused(deal.asks(ada, "typed-data/voucher", body), 409, "wrong-status")


def test_a_voucher_is_signed_and_redeemed(table, deal, ada, bo):
    table.awarded()
    deal.finalise()
    found = built(table, ada, "voucher", {"agreement": table.bid.pk, "cumulative": str(UNIT_PRICE)})
    assert "pays the provider 0.01 ETH more, 0.01 ETH of 0.02 ETH in all" in found["summary"]
    voucher, signature = holds(table, found, Voucher)
    table.take(bo, "redeem", {"cumulative": str(voucher.cumulative), "signature": signature})
    assert table.row.paid == str(UNIT_PRICE)


def test_a_settlement_lasts_an_hour_at_most(table, deal, ada):
    table.awarded()
    body = {"agreement": table.bid.pk, "to_provider": "5"}
    late = body | {"deadline": iso(deal.anvil.now() + 3700)}
    assert "deadline" in refused(deal.asks(ada, "typed-data/settlement", late), 422, "malformed")["fields"]
    much = body | {"to_provider": str(PRICE + BOND + 1)}
    refused(deal.asks(ada, "typed-data/settlement", much), 409, "above-rest")
    split, _ = holds(table, built(table, ada, "settlement", body), Settlement)
    assert split.deadline - deal.anvil.now() in range(3595, 3601)
    table.take(ada, "cancel")
    refused(deal.asks(ada, "typed-data/settlement", body), 409, "wrong-status")


def test_a_settlement_is_signed_by_one_side_and_sent_by_the_other(table, deal, ada, bo):
    table.disputed()
    found = built(table, bo, "settlement", {"agreement": table.bid.pk, "to_provider": str(BOND + UNIT_PRICE)})
    assert "0.01 ETH goes to the provider" in found["summary"]
    assert "0.001 ETH goes of the bond to the provider's free balance" in found["summary"]
    split, signature = holds(table, found, Settlement)
    assert (split.status, split.paid) == (3, 0)
    table.take(ada, "settle", {"settlement": split.to_json(), "signature": signature})
    assert (table.row.how, table.row.paid) == ("SETTLED", str(UNIT_PRICE))


def test_a_mandate_follows_from_the_job_and_a_dispatcher_can_use_it(table, deal, ada, charlie):
    body = {"job": str(deal.job.pk), "dispatcher": charlie.address}
    refused(deal.asks(ada, "typed-data/mandate", body | {"deadline": iso(5)}), 422, "malformed")
    refused(deal.asks(ada, "typed-data/mandate", body | {"units": 0}), 400, "invalid")
    mandate, _ = holds(table, built(table, ada, "mandate", body), Mandate)
    assert (mandate.designer, mandate.dispatcher) == (ada.address, charlie.address)
    assert mandate.job_digest == digest_of(deal.job.job_digest)
    assert (mandate.units, mandate.max_unit_price) == (2, int(deal.job.budget_wei) // 2)
    assert (mandate.arbiter, mandate.token) == (table.bid.terms.arbiter, ZERO_ADDRESS)
    assert mandate.valid_until == seconds_of(deal.job.deadline)
    changes = {"min_review_time": 3600, "max_dispute_fee": str(10**15), "max_unit_price": str(UNIT_PRICE)}
    found = built(table, ada, "mandate", body | changes)
    assert "at most 0.02 ETH in all, out of your free balance" in found["summary"]
    mandate, signature = holds(table, found, Mandate)
    deal.deposit(ada, PRICE)
    terms, signed = table.bid.terms, bytes_of(table.bid.signature)
    award = calls.AwardUnder(
        terms, signed, address_of(table.bo.address), 2, bytes(32), mandate, bytes_of(signature), ()
    )
    deal.sends(charlie, award)
    assert table.row.units == 2


def test_a_mandate_only_for_an_open_job(table, deal, ada, bo):
    body = {"job": str(deal.job.pk), "dispatcher": bo.address}
    table.awarded()
    refused(deal.asks(ada, "typed-data/mandate", body), 409, "bid-not-awardable")


# ------------------------------------------------------------------ who signed


def test_signatures_are_told_to_who_may_know(table, deal, ada, bo, charlie, dee):
    mandate = built(table, ada, "mandate", all_kinds(table)["mandate"])
    limits, signature = holds(table, mandate, Mandate)
    consent = table.consent()
    table.awarded()
    split = table.settlement(bo, 5)
    given = [
        ({"award": consent["consent"], "signature": consent["signature"]}, ada, [ada, bo]),
        ({"voucher": Voucher(digest_of(table.bid.pk), 5).to_json(), "signature": table.voucher(5)["signature"]}, ada, [ada, bo]),
        (split, bo, [ada, bo]),
        ({"mandate": limits.to_json(), "signature": signature}, ada, [ada, charlie]),
    ]  # fmt: skip
    for body, signer, readers in given:
        refused(deal.asks(dee, "typed-data/signer", body), 404, "not-found")
        for reader in readers:
            answer = deal.asks(reader, "typed-data/signer", body)
            assert (answer.status_code, answer.json()["signer"]) == (200, signer.address), answer.json()
        forged = body | {"signature": "0x" + "11" * 64 + "1b"}
        refused(deal.asks(readers[0], "typed-data/signer", forged), 422, "signature-invalid")


def test_one_struct_at_a_time(table, deal, ada):
    table.awarded()
    refused(deal.asks(ada, "typed-data/signer", {"signature": "0x"}), 400, "invalid")
    both = table.settlement(table.bo, 5) | {"voucher": Voucher(digest_of(HEAD), 5).to_json()}
    refused(deal.asks(ada, "typed-data/signer", both), 400, "invalid")
