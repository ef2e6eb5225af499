"""Mandates by the API: who is refused and why, then handed in, read, followed through their logs."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from marketplace.accounts.models import Person
from marketplace.escrow import mandate_intake
from marketplace.escrow.contract_signatures import signature_check
from marketplace.escrow.mandate_rules import printers_root
from marketplace.escrow.models import Mandate
from marketplace.jobs.models import Job
from protocol.errors import SignatureInvalid
from protocol.mandate import Mandate as Limits
from protocol.statuses import JobStatus
from protocol.typed import escrow_domain
from protocol.units import Digest, address_of, hex_of, seconds_of
from tests.escrow.mandates import office, operated, operator
from tests.escrow.steps import iso
from tests.factories.wallet import Wallet

__all__ = ["office", "operated", "operator"]

OTHER = address_of("0x" + "0d" * 20)


def refused(answer, status: int, code: str) -> dict:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.json()
    assert not Mandate.objects.exists()
    return answer.json()


# ------------------------------------------------------------------ refused


def test_nobody_hands_in_or_reads_a_mandate(office):
    assert office.deal.asks(None, "mandates", office.body(office.limits())).status_code == 401
    assert office.deal.reads(None, "mandates").status_code == 401


def test_only_the_designer_it_names_hands_it_in(office, bo, charlie):
    for account in (bo, charlie):
        refused(office.posts(office.limits(), account), 403, "not-your-side")


def test_strangers_do_not_find_it(office, bo, charlie):
    row = office.store()
    for account in (bo, charlie):
        assert office.deal.reads(account, f"mandates/{row.pk}").status_code == 404
        assert office.deal.reads(account, "mandates").json() == []
    assert [each["id"] for each in office.deal.reads(office.deal.ada, "mandates").json()] == [row.pk]


def test_only_for_a_job_of_ones_own(office, bo):
    refused(office.posts(office.limits(job_digest=Digest(b"x" * 32))), 404, "not-found")
    Job.objects.update(designer=Person.objects.get_or_create(address=bo.address)[0])
    refused(office.posts(office.limits()), 404, "not-found")


def test_only_for_this_marketplaces_dispatcher(office, settings, bo):
    problem = refused(office.posts(office.limits(dispatcher=bo.address)), 422, "mandate-other-dispatcher")
    assert office.dispatcher.address in problem["detail"]
    settings.OPERATOR_KEY = ""
    refused(office.posts(office.limits()), 409, "no-dispatcher")


def test_only_with_the_designers_own_signature(office, bo):
    limits = office.limits()
    forged = office.body(limits, bo)
    refused(office.deal.asks(office.deal.ada, "mandates", forged), 422, "signature-invalid")
    changed = office.body(limits) | {"mandate": replace(limits, units=1).to_json()}
    refused(office.deal.asks(office.deal.ada, "mandates", changed), 422, "signature-invalid")
    junk = office.body(limits) | {"signature": "0x11"}
    refused(office.deal.asks(office.deal.ada, "mandates", junk), 422, "signature-invalid")


def test_none_that_is_over(office):
    refused(office.posts(office.limits(valid_until=office.deal.anvil.now() - 1)), 409, "mandate-over")
    Job.objects.update(status=JobStatus.WITHDRAWN)
    refused(office.posts(office.limits()), 409, "mandate-over")


def test_none_that_was_revoked_before(office):
    limits = office.limits()
    office.deal.takes(office.deal.ada, "escrow/revoke-mandate", {"mandate": limits.to_json()})
    refused(office.posts(limits), 409, "mandate-over")


def test_only_so_many_at_once(office, monkeypatch):
    monkeypatch.setattr(mandate_intake, "MANDATES_PER_JOB", 1)
    row = office.store(deposit=0)
    answer = office.posts(office.limits())
    assert (answer.status_code, answer.json()["code"]) == (409, "mandate-over")
    assert office.posts(row.terms).status_code == 200


@pytest.mark.parametrize(
    ("member", "change"),
    [
        ("units", {"units": 3}),
        ("units", {"units": 0}),
        ("arbiter", {"arbiter": OTHER}),
        ("token", {"token": OTHER}),
    ],
)
def test_none_that_no_bid_could_keep(office, member, change):
    problem = refused(office.posts(office.limits(**change)), 422, "mandate-terms")
    assert list(problem["fields"]) == [f"mandate.{member}"]


def test_the_list_of_printers_must_be_the_one_that_was_signed(office):
    listed = [Digest(bytes([number]) * 32) for number in (1, 2)]
    limits, text = office.limits(printers=printers_root(listed)), [hex_of(each) for each in listed]
    for wrong in ([], text[:1], [text[0], text[0]]):
        answer = office.posts(limits, printers=wrong)
        assert answer.status_code == 422, answer.json()
    assert not Mandate.objects.exists()
    assert office.posts(limits, printers=text).status_code == 201


def test_bids_are_not_collected_until_the_mandate_is_over(office):
    limits = office.limits()
    problem = refused(office.posts(limits, award_from=iso(limits.valid_until)), 422, "malformed")
    assert "award_from" in problem["fields"]


# ------------------------------------------------------------------ kept


def test_offered_signed_and_handed_in(office):
    """As a wallet does it: what typed-data offers, signed as it is, is taken."""
    deal, job = office.deal, office.deal.job
    offered = deal.asks(deal.ada, "typed-data/mandate", {"job": str(job.pk)}).json()
    limits = Limits.from_json(offered["typed_data"]["message"])
    assert limits.dispatcher == office.dispatcher.address
    assert limits.valid_until == seconds_of(job.deadline), "so that an award that fails can be made again"
    signed = deal.ada.sign_typed_data(full_message=offered["typed_data"])
    body = {"mandate": offered["typed_data"]["message"], "signature": hex_of(signed.signature)}
    answer = deal.asks(deal.ada, "mandates", body)
    assert answer.status_code == 201, answer.json()
    found = answer.json()
    assert (found["id"], found["job"], found["status"]) == (offered["digest"], str(job.pk), "ACTIVE")
    assert (found["units"], found["used"], found["left"], found["free"]) == (2, 0, 2, "0")
    assert found["deposit"] == str(int(limits.max_unit_price) * 2)
    assert (found["waiting_for"], found["awards"]) == (None, [])


def test_the_same_again_changes_nothing(office):
    row = office.store(deposit=0)
    again = office.posts(row.terms)
    assert (again.status_code, again.json()["id"]) == (200, row.pk)
    assert Mandate.objects.count() == 1


def test_a_wallet_that_is_a_contract_signs(office):
    wallet, digest = Wallet(office.deal.anvil), Digest(b"d" * 32)
    with pytest.raises(SignatureInvalid):
        signature_check(wallet.address, digest, b"anything")
    wallet.approve(digest)
    signature_check(wallet.address, digest, b"anything")
    with pytest.raises(SignatureInvalid):
        signature_check(OTHER, digest, b"anything")
    with pytest.raises(SignatureInvalid):
        signature_check(address_of(office.deal.escrow), digest, b"anything")


def test_the_mandate_of_a_contract_wallet_is_kept(office):
    wallet = Wallet(office.deal.anvil)
    owner = Person.objects.create(address=wallet.address)
    Job.objects.update(designer=owner)
    limits = office.limits(designer=wallet.address)
    digest = limits.digest(escrow_domain(office.deal.anvil.chain_id, office.deal.escrow))
    body = {"mandate": limits.to_json(), "signature": "0x"}
    api = office.deal.api(None)
    api.force_login(owner)
    assert api.post("/api/v1/mandates", body, format="json").status_code == 422
    wallet.approve(digest)
    answer = api.post("/api/v1/mandates", body, format="json")
    assert (answer.status_code, answer.json()["id"]) == (201, hex_of(digest))


# ------------------------------------------------------------------ followed


def test_what_is_used_and_revoked_follows_from_the_logs(office, bo):
    office.deal.bid(bo)
    row = office.store()
    office.turn()
    row.refresh_from_db()
    assert (row.used, office.word(row).used) == (2, 2)
    office.revokes(row)
    row.refresh_from_db()
    assert row.revoked
    found = office.read(row)
    assert (found["status"], found["used"], found["left"]) == ("REVOKED", 2, 0)


def test_a_mandate_handed_in_late_knows_what_was_used(office, bo):
    office.deal.bid(bo)
    row = office.store()
    office.turn()
    limits = row.terms
    row.dispatches.all().delete()
    row.delete()
    assert office.posts(limits).json()["used"] == 2


def test_chain_check_finds_what_differs_and_rebuild_mends_it(office, bo):
    office.deal.bid(bo)
    row = office.store()
    office.turn()
    call_command("chain_check", stdout=StringIO())
    Mandate.objects.update(used=1, revoked=True)
    said = StringIO()
    with pytest.raises(CommandError, match="2 differences"):
        call_command("chain_check", stdout=said)
    assert f"{row.pk} used: stored 1, by the logs it is 2" in said.getvalue()
    call_command("chain_rebuild", stdout=StringIO())
    row.refresh_from_db()
    assert (row.used, row.revoked) == (2, False)
    call_command("chain_check", stdout=StringIO())
