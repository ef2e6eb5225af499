"""API tokens: scopes, expiry and revocation."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient, APIRequestFactory, force_authenticate
from rest_framework.views import APIView, Response

from marketplace.accounts.models import Person, Token
from marketplace.accounts.permissions import HasScope, ReadOnlyScope
from marketplace.accounts.selectors import person_of_token

ME, TOKENS = "/api/v1/auth/me", "/api/v1/auth/tokens"


def answer_of(method: str, permission: type, token: Token | None, person: Person | None = None) -> int:
    """The status a route with this permission gives."""

    class View(APIView):
        permission_classes = [permission]

        def get(self, request):
            return Response()

        post = get

    request = getattr(APIRequestFactory(), method)("/")
    force_authenticate(request, user=person or (token.person if token else None), token=token)
    return View.as_view()(request).status_code


@pytest.fixture
def token(db, bo):
    """An unsaved-scopes token row of Bo: set `.scopes`."""
    person = Person.objects.create(address=bo.address)
    later = timezone.now() + timedelta(days=1)
    return Token.objects.create(person=person, name="agent", digest="d", scopes=[], expires_at=later)


@pytest.mark.parametrize("value", ["", "infill_unknown", "Ünknown", "a b"])
def test_an_unknown_token_is_refused(client, value):
    answer = client.get(ME, HTTP_AUTHORIZATION=f"Bearer {value}")
    assert (answer.status_code, answer.json()["code"]) == (401, "authentication-failed")


def test_an_expired_token_is_refused(client, token_for, bo):
    _, header = token_for(bo, "read")
    Token.objects.update(expires_at=timezone.now())
    assert client.get(ME, **header).status_code == 401


def test_a_revoked_token_is_refused(client, token_for, challenge, sign, bo):
    token_id, header = token_for(bo, "read")
    message = challenge(bo)
    client.post("/api/v1/auth/session", {"message": message, "signature": sign(bo, message)})
    assert client.delete(f"{TOKENS}/{token_id}").status_code == 204
    assert client.delete(f"{TOKENS}/{token_id}").status_code == 404
    assert APIClient().get(ME, **header).status_code == 401


def test_a_stranger_neither_sees_nor_revokes_a_token(client, token_for, challenge, sign, bo, charlie):
    token_id, header = token_for(bo, "read")
    assert client.get(TOKENS).status_code == 401
    assert client.delete(f"{TOKENS}/{token_id}").status_code == 401
    message = challenge(charlie)
    client.post("/api/v1/auth/session", {"message": message, "signature": sign(charlie, message)})
    assert client.get(TOKENS).json() == []
    assert client.delete(f"{TOKENS}/{token_id}").status_code == 404
    assert APIClient().get(ME, **header).status_code == 200


def test_a_token_cannot_revoke_tokens(client, token_for, bo):
    token_id, header = token_for(bo, "read", "bids")
    answer = client.delete(f"{TOKENS}/{token_id}", **header)
    assert (answer.status_code, answer.json()["code"]) == (403, "permission-denied")


def test_the_token_of_a_deactivated_person_is_refused(client, token_for, bo):
    _, header = token_for(bo, "read")
    Person.objects.update(is_active=False)
    assert client.get(ME, **header).status_code == 401


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"scopes": ["everything"]}, "scopes.0"),
        ({"scopes": []}, "scopes"),
        ({"days": 0}, "days"),
        ({"days": 366}, "days"),
        ({"name": ""}, "name"),
    ],
)
def test_a_token_without_sense_is_refused_by_field(client, challenge, sign, bo, change, field):
    message = challenge(bo)
    body = {
        "message": message,
        "signature": sign(bo, message),
        "name": "agent",
        "scopes": ["read"],
        "days": 1,
    }
    answer = client.post(TOKENS, body | change)
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]
    assert not Token.objects.exists()


def test_a_token_is_made_by_a_signature_alone(client, challenge, sign, bo, charlie):
    message = challenge(bo)
    body = {
        "message": message,
        "signature": sign(charlie, message),
        "name": "agent",
        "scopes": ["read"],
        "days": 1,
    }
    assert client.post(TOKENS, body).json()["code"] == "sign-in-wrong-signer"
    assert not Token.objects.exists()


@pytest.mark.parametrize(
    ("method", "permission", "scopes", "status"),
    [
        ("get", ReadOnlyScope, [], 403),
        ("get", ReadOnlyScope, ["bids"], 403),
        ("get", ReadOnlyScope, ["read"], 200),
        ("post", ReadOnlyScope, ["read", "jobs", "bids"], 403),
        ("get", HasScope("bids"), [], 403),
        ("get", HasScope("bids"), ["jobs"], 403),
        ("get", HasScope("bids"), ["read"], 200),
        ("get", HasScope("bids"), ["bids"], 200),
        ("post", HasScope("bids"), ["read"], 403),
        ("post", HasScope("bids"), ["jobs"], 403),
        ("post", HasScope("bids"), ["bids"], 200),
    ],
)
def test_a_token_does_what_its_scopes_name(token, method, permission, scopes, status):
    token.scopes = scopes
    assert answer_of(method, permission, token) == status


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_session_has_every_scope_and_a_stranger_none(token, method):
    assert answer_of(method, HasScope("jobs"), None, token.person) == 200
    assert answer_of(method, ReadOnlyScope, None, token.person) == 200
    assert answer_of(method, HasScope("jobs"), None) == 401
    assert answer_of(method, ReadOnlyScope, None) == 401


def test_an_unknown_scope_is_a_mistake_in_our_code():
    with pytest.raises(ValueError, match="everything"):
        HasScope("everything")


def test_only_the_digest_of_a_token_is_kept(token_for, bo):
    _, header = token_for(bo, "read")
    text = header["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
    assert text.startswith("infill_")
    assert len(text) > 40
    assert text not in str(Token.objects.values().get())


def test_bo_uses_and_lists_a_token(client, token_for, bo):
    token_id, header = token_for(bo, "read", "bids")
    assert client.get(ME, **header).json() == {"address": bo.address, "scopes": ["bids", "read"]}
    listed = client.get(TOKENS, **header).json()
    assert [(row["id"], row["name"], row["scopes"]) for row in listed] == [
        (token_id, "agent", ["bids", "read"])
    ]


def test_a_socket_learns_whose_token_it_was_given(token_for, bo):
    _, header = token_for(bo, "bids")
    text = header["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
    assert person_of_token(text, "bids").address == bo.address
    assert person_of_token(text, "jobs") is None
    assert person_of_token(text + "x", "bids") is None
