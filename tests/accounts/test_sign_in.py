"""Signing in with a key: what is refused, then what works."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from marketplace.accounts.models import Challenge, Person
from marketplace.accounts.rules import SignInMessage, nonce_of
from protocol.units import time_of

SESSION = "/api/v1/auth/session"


def refused(answer, code: str, status: int = 403) -> str:
    """The problem's sentence, its shape checked, and that nobody was signed in."""
    body = answer.json()
    assert answer["Content-Type"] == "application/problem+json"
    assert (answer.status_code, body["status"], body["code"]) == (status, status, code)
    assert body["type"] == f"https://infill.example/problems/{code}"
    assert not Person.objects.exists()
    return body["detail"]


def test_a_wrong_signer_is_refused_and_does_not_spend_the_nonce(client, challenge, sign, ada, charlie):
    message = challenge(ada)
    refused(
        client.post(SESSION, {"message": message, "signature": sign(charlie, message)}),
        "sign-in-wrong-signer",
    )
    assert client.post(SESSION, {"message": message, "signature": sign(ada, message)}).status_code == 200


@pytest.mark.parametrize("signature", ["0x", "0x12", "nonsense", "0x" + "ff" * 65, "0x" + "00" * 65])
def test_a_signature_that_is_none_is_refused(client, challenge, ada, signature):
    refused(client.post(SESSION, {"message": challenge(ada), "signature": signature}), "sign-in-wrong-signer")


def test_the_malleable_twin_of_a_signature_is_refused(client, challenge, sign, ada):
    message = challenge(ada)
    raw = bytes.fromhex(sign(ada, message)[2:])
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    twin = raw[:32] + (order - int.from_bytes(raw[32:64])).to_bytes(32) + bytes([55 - raw[64]])
    refused(
        client.post(SESSION, {"message": message, "signature": "0x" + twin.hex()}), "sign-in-wrong-signer"
    )


def test_a_message_signs_in_once(client, challenge, sign, ada):
    message = challenge(ada)
    body = {"message": message, "signature": sign(ada, message)}
    assert client.post(SESSION, body).status_code == 200
    again = APIClient().post(SESSION, body)
    assert (again.status_code, again.json()["code"]) == (403, "sign-in-replayed")


def test_of_two_sign_ins_at_once_one_loses(client, challenge, sign, ada, monkeypatch):
    from marketplace.accounts import services

    check = services._check_signer

    def another_is_faster(challenge, message, signature):
        check(challenge, message, signature)
        Challenge.objects.update(used_at=timezone.now())

    monkeypatch.setattr(services, "_check_signer", another_is_faster)
    message = challenge(ada)
    refused(client.post(SESSION, {"message": message, "signature": sign(ada, message)}), "sign-in-replayed")


def test_a_message_past_its_time_is_refused(client, sign, ada):
    past = timezone.now().replace(microsecond=0) - timedelta(seconds=1)
    Challenge.objects.create(nonce="a" * 32, address=ada.address, issued_at=past, expires_at=past)
    message = SignInMessage(
        domain="127.0.0.1:8000", uri="http://127.0.0.1:8000", chain_id=31337, address=ada.address,
        nonce="a" * 32, issued_at=past, expires_at=past,
    ).text()  # fmt: skip
    refused(client.post(SESSION, {"message": message, "signature": sign(ada, message)}), "sign-in-expired")


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("127.0.0.1:8000 wants", "infill.evil wants"),
        ("URI: http://127.0.0.1:8000", "URI: http://infill.evil"),
        ("Chain ID: 31337", "Chain ID: 1"),
        ("Version: 1", "Version: 2"),
        ("moves no money", "moves all money"),
        ("Expiration Time: 2", "Expiration Time: 3"),
    ],
)
def test_a_message_for_another_site_chain_or_time_is_refused(client, challenge, sign, ada, ours, theirs):
    message = challenge(ada).replace(ours, theirs)
    assert theirs in message
    refused(client.post(SESSION, {"message": message, "signature": sign(ada, message)}), "sign-in-altered")


def test_a_message_made_out_to_another_address_is_refused(client, challenge, sign, ada, charlie):
    message = challenge(ada).replace(ada.address, charlie.address)
    refused(
        client.post(SESSION, {"message": message, "signature": sign(charlie, message)}), "sign-in-altered"
    )


def test_a_challenge_of_another_chain_is_refused(client, challenge, sign, ada, settings):
    message = challenge(ada)
    settings.CHAIN_ID = 1
    refused(client.post(SESSION, {"message": message, "signature": sign(ada, message)}), "sign-in-altered")


@pytest.mark.parametrize("message", ["hello", "Nonce: " + "0" * 32, "Nonce: ' OR 1=1"])
def test_a_message_this_site_never_issued_is_refused(client, sign, ada, message):
    refused(client.post(SESSION, {"message": message, "signature": sign(ada, message)}), "sign-in-unknown")


@pytest.mark.parametrize("address", ["0x12", "ada.eth", "0x" + "g" * 40])
def test_a_challenge_for_no_address_is_refused(client, address):
    refused(client.post("/api/v1/auth/challenge", {"address": address}), "malformed", 422)


def test_missing_members_are_named(client):
    answer = client.post(SESSION, {"message": "x"})
    refused(answer, "invalid", 400)
    assert answer.json()["fields"] == {"signature": ["This field is required."]}


def test_too_many_attempts_are_slowed_down(client, ada, monkeypatch):
    from rest_framework.throttling import ScopedRateThrottle

    monkeypatch.setattr(ScopedRateThrottle, "THROTTLE_RATES", {"sign-in": "2/min"})
    answers = [client.post("/api/v1/auth/challenge", {"address": ada.address}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    refused(answers[2], "throttled", 429)
    assert int(answers[2]["Retry-After"]) > 0


def test_a_forged_forwarded_address_does_not_escape_the_limit(client, ada, monkeypatch):
    from rest_framework.throttling import ScopedRateThrottle

    monkeypatch.setattr(ScopedRateThrottle, "THROTTLE_RATES", {"sign-in": "1/min"})
    body = {"address": ada.address}
    answers = [
        client.post("/api/v1/auth/challenge", body, HTTP_X_FORWARDED_FOR=f"10.0.0.{n}") for n in range(2)
    ]
    assert [answer.status_code for answer in answers] == [200, 429]


def test_a_session_changes_nothing_without_its_csrf_token(challenge, sign, ada, db):
    browser = APIClient(enforce_csrf_checks=True)
    message = challenge(ada)
    assert browser.post(SESSION, {"message": message, "signature": sign(ada, message)}).status_code == 200
    assert browser.delete(SESSION).status_code == 403
    token = browser.cookies["csrftoken"].value
    assert browser.delete(SESSION, HTTP_X_CSRFTOKEN=token).status_code == 204
    assert browser.get("/api/v1/auth/me").status_code == 401


def test_a_deactivated_person_is_signed_out(client, challenge, sign, ada):
    message = challenge(ada)
    client.post(SESSION, {"message": message, "signature": sign(ada, message)})
    Person.objects.update(is_active=False)
    assert client.get("/api/v1/auth/me").status_code == 401


def test_a_stranger_is_nobody(client):
    answer = client.get("/api/v1/auth/me")
    refused(answer, "not-authenticated", 401)
    assert answer["WWW-Authenticate"] == "Bearer"


def test_the_message_is_eip_4361(client, ada):
    answer = client.post("/api/v1/auth/challenge", {"address": ada.address.lower()}).json()
    lines = answer["message"].split("\n")
    assert lines[:4] == [
        "127.0.0.1:8000 wants you to sign in with your Ethereum account:", ada.address, "",
        "Sign in to Infill. This costs nothing and moves no money.",
    ]  # fmt: skip
    assert lines[4:8] == ["", "URI: http://127.0.0.1:8000", "Version: 1", "Chain ID: 31337"]
    assert [line.split(": ")[0] for line in lines[8:]] == ["Nonce", "Issued At", "Expiration Time"]
    assert lines[10] == f"Expiration Time: {answer['expires_at']}"


def test_ada_signs_in_and_out(client, challenge, sign, ada):
    message = challenge(ada)
    answer = client.post(SESSION, {"message": message, "signature": sign(ada, message)})
    assert (answer.status_code, answer.json()) == (200, {"address": ada.address})
    me = client.get("/api/v1/auth/me").json()
    assert me == {"address": ada.address, "scopes": ["read", "jobs", "bids", "printers", "evidence"]}
    assert client.delete(SESSION).status_code == 204
    assert client.get("/api/v1/auth/me").status_code == 401


def test_signing_in_twice_is_one_person(client, challenge, sign, ada):
    for _ in range(2):
        message = challenge(ada)
        assert client.post(SESSION, {"message": message, "signature": sign(ada, message)}).status_code == 200
    assert Person.objects.count() == 1


def test_long_expired_challenges_are_dropped(client, challenge, ada):
    old = timezone.now() - timedelta(days=2)
    Challenge.objects.create(nonce="b" * 32, address=ada.address, issued_at=old, expires_at=old)
    challenge(ada)
    assert not Challenge.objects.filter(nonce="b" * 32).exists()


@given(st.integers(0, 2**128 - 1), st.integers(0, 4_000_000_000), st.integers(1, 2**53))
def test_every_message_gives_its_nonce_back(number, seconds, chain_id):
    nonce = f"{number:032x}"
    message = SignInMessage(
        domain="a.example", uri="https://a.example", chain_id=chain_id, address="0x" + "1" * 40,
        nonce=nonce, issued_at=time_of(seconds), expires_at=time_of(seconds + 300),
    )  # fmt: skip
    assert nonce_of(message.text()) == nonce
