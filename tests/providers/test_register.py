"""Printers come to the marketplace by their provider's own signature, or not at all."""

import pytest

from marketplace.activity.models import Activity
from marketplace.providers.models import Printer
from marketplace.providers.selectors import has_printer, printer_of, printers_of
from protocol.capability import Capability, Material
from protocol.typed import infill_domain
from tests.factories.market import ESCROW, PLA_PRINTER, bearer, profile_body, profile_of, registered, signed

URL = "/api/v1/printers"


def post(client, account, body, *scopes):
    return client.post(URL, body, HTTP_AUTHORIZATION=bearer(account, *(scopes or ("printers",))))


def refused(answer, status, code):
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.json()
    assert not Printer.objects.exists()
    return answer.json()


def test_a_stranger_without_a_token_is_not_let_in(client, bo):
    assert client.post(URL, profile_body(bo)).status_code == 401
    assert client.get(URL).status_code == 401


def test_a_token_for_something_else_does_not_register(client, bo):
    assert post(client, bo, profile_body(bo), "read", "bids").status_code == 403


def test_nobody_registers_a_printer_of_somebody_else(client, bo, charlie):
    refused(post(client, charlie, profile_body(bo)), 422, "printer-wrong-signer")


def test_nobody_signs_for_somebody_else(client, bo, charlie):
    body = profile_body(bo) | {"signature": signed(charlie, profile_of(bo))}
    refused(post(client, bo, body), 422, "printer-wrong-signer")


def test_a_profile_for_another_chain_is_refused(client, bo):
    profile = profile_of(bo)
    body = profile_body(bo) | {
        "profile": profile.to_json(),
        "signature": signed(bo, profile, infill_domain(1, ESCROW)),
    }
    refused(post(client, bo, body), 422, "printer-wrong-signer")


def test_a_profile_altered_after_signing_is_refused(client, bo):
    body = profile_body(bo)
    body["profile"]["serial"] = "MK4-2"
    refused(post(client, bo, body), 422, "printer-wrong-signer")


def test_a_capability_other_than_the_signed_one_is_refused(client, bo):
    better = Capability("FDM", (400_000,) * 3, PLA_PRINTER.materials, 400, 100, 300)
    refused(
        post(client, bo, profile_body(bo) | {"capability": better.to_json()}),
        422,
        "printer-capability-differs",
    )


@pytest.mark.parametrize(
    "change",
    [
        {"signature": "0x12"},
        {"capability": {}},
        {"capability": []},
        {"profile": "MK4"},
        {"profile": {"provider": "0x1"}},
    ],
)
def test_nonsense_is_refused_and_named(client, bo, change):
    answer = post(client, bo, profile_body(bo) | change)
    assert answer.status_code in (400, 422)
    assert answer.json()["detail"]


@pytest.mark.parametrize("serial", ["", "x" * 101, "a\0b", "line\nbreak"])
def test_a_serial_must_be_printable_and_short(client, bo, serial):
    problem = refused(post(client, bo, profile_body(bo, serial=serial)), 422, "malformed")
    assert "profile.serial" in problem["detail"]


def test_an_older_profile_does_not_replace_a_newer_one(client, bo):
    newest = registered(bo, seq=7)
    answer = post(client, bo, profile_body(bo, seq=7, issued_at=5))
    assert (answer.status_code, answer.json()["code"]) == (409, "printer-seq-stale")
    assert answer.json()["latest_seq"] == 7
    assert list(printers_of(bo.address)) == [newest]


def test_a_signed_profile_becomes_a_printer(client, bo):
    assert not has_printer(bo.address)
    answer = post(client, bo, profile_body(bo))
    assert answer.status_code == 201
    digest = answer.json()["digest"]
    assert (
        answer.json() | {"provider": bo.address, "serial": "MK4-1", "status": "REGISTERED"} == answer.json()
    )
    assert answer.json()["capability"] == PLA_PRINTER.to_json()
    assert has_printer(bo.address)
    stock = printer_of(digest).stock.values_list("kind", "colour")
    assert set(stock) == {("PLA", "black"), ("PLA", "white")}
    assert Activity.objects.get(kind="printer.registered").subject == f"printer:{digest}"


def test_the_same_profile_again_changes_nothing(client, bo):
    body = profile_body(bo)
    first, again = post(client, bo, body), post(client, bo, body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert Activity.objects.filter(kind="printer.registered").count() == 1


def test_a_newer_profile_takes_the_place_of_the_older_which_stays_readable(client, bo):
    old = post(client, bo, profile_body(bo)).json()["digest"]
    petg = Capability("FDM", PLA_PRINTER.bed_um, (Material("PETG", ()),), 400, 100, 300)
    answer = post(client, bo, profile_body(bo, petg, seq=2))
    assert answer.status_code == 200
    assert [one.digest for one in printers_of(bo.address)] == [answer.json()["digest"]]
    token = bearer(bo, "read")
    assert client.get(f"{URL}/{old}", HTTP_AUTHORIZATION=token).json()["status"] == "SUPERSEDED"


def test_printers_are_listed_to_people_who_are_signed_in(client, ada, bo, charlie):
    mine, theirs = registered(bo), registered(charlie)
    listed = client.get(URL, HTTP_AUTHORIZATION=bearer(ada, "read")).json()
    assert {one["digest"] for one in listed} == {mine.digest, theirs.digest}
    own = client.get(f"{URL}?mine=true", HTTP_AUTHORIZATION=bearer(bo, "read")).json()
    assert [one["digest"] for one in own] == [mine.digest]


def test_an_unknown_printer_is_not_found(client, bo):
    assert client.get(f"{URL}/0x{'12' * 32}", HTTP_AUTHORIZATION=bearer(bo, "read")).status_code == 404
