"""The bundle a party downloads, as a real auditor finds it."""

import pytest
from click.testing import CliRunner

from auditor.cli import main
from contracts import calls
from protocol.typed import infill_domain
from protocol.units import ZERO_DIGEST, address_of, bytes_of, digest_of, hex_of
from tests.evidence.conftest import SALT, Pen
from tests.evidence.test_anchoring import anchored
from tests.factories.deal import MODEL, UNIT_PRICE
from tests.factories.operator import operated, operator

__all__ = ["operated", "operator"]


@pytest.fixture
def story(deal, ada, bo):
    """Award, print, deliver, receive, pay; final. The agreement's id."""
    bid = deal.bid(bo, grace_time=0)
    deal.award(bid)
    deal.finalise()
    (design,) = deal.reads(bo, f"agreements/{bid.pk}/designs").json()
    domain = infill_domain(deal.anvil.chain_id, deal.escrow)
    pens = {who.address: Pen(who, domain, agreement=bid.pk) for who in (ada, bo)}

    def tells(who, kind, **payload):
        signed = pens[who.address].write({"salt": SALT, **payload}, kind=kind, observed_at=deal.anvil.now())
        answer = deal.asks(who, f"agreements/{bid.pk}/evidence", signed.to_json())
        assert answer.status_code == 201, answer.json()

    model, gcode, serial = design["model"], "0x" + "9c" * 32, deal.printer(bo).serial
    agreed = {"bid": bid.pk, "job_digest": deal.job.job_digest, "printer": bid.printer_id, "units": 2}
    tells(bo, "job spec", **agreed)
    tells(bo, "model received", model=model)
    tells(bo, "sliced", model=model, gcode=gcode)
    for attempt in ("first", "second"):
        of_print = {"attempt": attempt, "printer": serial, "model": model, "gcode": gcode}
        tells(bo, "print started", **of_print)
        tells(bo, "print finished", grams=12.5, **of_print)
    deal.takes(bo, f"agreements/{bid.pk}/deliver", {"head": hex_of(pens[bo.address].head())})
    tells(ada, "received")
    deal.takes(ada, f"agreements/{bid.pk}/release")
    deal.finalise()
    return bid.pk


@pytest.fixture
def audit(deal, tmp_path):
    def run(agreement, bundle):
        (tmp_path / "bundle.zip").write_bytes(bundle)
        (tmp_path / "model.stl").write_bytes(MODEL)
        return CliRunner().invoke(main, [
            agreement, "--rpc", deal.anvil.url, "--contract", deal.escrow, "--bundle", str(tmp_path / "bundle.zip"),
            "--model", str(tmp_path / "model.stl"),
        ])  # fmt: skip

    return run


def test_the_auditor_finds_nothing_until_one_byte_is_changed(deal, story, audit, ada, bo):
    answer = deal.reads(ada, f"agreements/{story}/bundle")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    bundle = answer.content
    clean = audit(story, bundle)
    assert clean.exit_code == 0, clean.output
    at = bundle.index(b'"grams"') + 8
    changed = audit(story, bundle[:at] + b"9" + bundle[at + 1 :])
    assert changed.exit_code == 1
    assert "evidence/provider.json" in changed.output


def test_with_an_operator_the_bundle_carries_book_and_anchors_and_the_auditor_checks_them(
    operated, deal, settings, audit, bo, charlie, request
):
    settings.ANCHOR_SECONDS = 0
    deal.anvil.fund(operated)
    deal.bid(charlie)
    agreement = request.getfixturevalue("story")
    anchored(deal)
    bundle = deal.reads(bo, f"agreements/{agreement}/bundle").content
    clean = audit(agreement, bundle)
    assert clean.exit_code == 0, clean.output
    assert "Anchored: 8 of 8 evidence records" in clean.output
    assert operated.address in clean.output
    for name in (b'"leaves":["0x', b'"proof":["0x', b'"root":"0x'):
        at = bundle.index(name) + len(name)
        digit = b"1" if bundle[at : at + 1] == b"0" else b"0"
        changed = audit(agreement, bundle[:at] + digit + bundle[at + 1 :])
        assert changed.exit_code == 1, name


def test_an_agreement_that_its_standby_took_over_and_the_standbys_are_clean(deal, audit, ada, bo, charlie):
    first, second = deal.bid(bo), deal.bid(charlie, unit_price=UNIT_PRICE // 2)
    named, offer = digest_of(second.pk), _offer(first)
    deal.sends(ada, calls.Award(*offer, 2, named, ZERO_DIGEST, False), 2 * UNIT_PRICE)
    deal.sends(bo, calls.GiveUp(first.terms))
    deal.sends(charlie, calls.Reaward(first.terms, *_offer(second)))
    deal.finalise()
    for bid in (first, second):
        result = audit(bid.pk, deal.reads(ada, f"agreements/{bid.pk}/bundle").content)
        assert result.exit_code == 0, result.output


def test_a_standby_dropped_since_the_award_leaves_the_award_as_it_was(deal, audit, ada, bo):
    bid = deal.bid(bo)
    deal.sends(
        ada, calls.Award(*_offer(bid), 2, digest_of("0x" + "5b" * 32), ZERO_DIGEST, False), 2 * UNIT_PRICE
    )
    deal.sends(ada, calls.DropStandby(bid.terms))
    deal.sends(ada, calls.Cancel(bid.terms))
    deal.finalise()
    result = audit(bid.pk, deal.reads(bo, f"agreements/{bid.pk}/bundle").content)
    assert result.exit_code == 0, result.output


def _offer(bid):
    return bid.terms, bytes_of(bid.signature), address_of(bid.signer)


def test_the_bundle_is_the_same_each_time_and_for_both_parties(deal, story, ada, bo):
    bundles = [deal.reads(who, f"agreements/{story}/bundle").content for who in (ada, bo, ada)]
    assert bundles[0] == bundles[1] == bundles[2]


def test_whatever_a_client_says_it_accepts_it_gets_the_zip_or_a_problem(deal, story, bo, charlie):
    url = f"/api/v1/agreements/{story}/bundle"
    assert deal.api(bo).get(url, HTTP_ACCEPT="application/zip").content[:2] == b"PK"
    refusal = deal.api(charlie).get(url, HTTP_ACCEPT="application/zip")
    assert (refusal.status_code, refusal["Content-Type"]) == (404, "application/problem+json")
