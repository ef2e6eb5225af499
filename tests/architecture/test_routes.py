"""What strangers, lesser tokens and garbage get from every route of the API; a new route is covered by itself."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from marketplace.accounts.scopes import ALL_SCOPES
from tests.architecture.routes import SAFE, Route, all_routes
from tests.factories.market import bearer
from tests.factories.place import place
from tests.factories.site import client_of, measured, person, store, upload
from tests.factories.world import World, world
from tests.processes import free_port

__all__ = ["client_of", "measured", "person", "place", "store", "upload", "world"]

ROUTES = all_routes()
CALLS = [(route, method) for route in ROUTES for method in route.methods]
CHANGES = [(route, method) for route, method in CALLS if method not in SAFE]
TEXT_CALLS = [(route, method) for route, method in CALLS if route.text_parameters and method != "head"]
QUERIES = [(route, method) for route, method in CALLS if route.query_names(method)]

# What anybody may call: to sign in, and to learn about the site.
PUBLIC = {"healthz", "network", "schema", "docs", "auth/challenge", "anchors"}
PUBLIC_CALLS = {
    ("auth/session", "post"),
    ("auth/tokens", "post"),
    ("uploads", "options"),
    ("uploads/<uuid:upload>", "options"),
}
# What everybody signed in may read or do, since it is about themselves or is the market's directory.
OWN = {
    ("auth/me", "get"),
    ("auth/session", "delete"),
    ("auth/tokens", "get"),
    ("printers", "get"),
    ("printers/<str:digest>", "get"),
    ("printers/<str:digest>/proof", "get"),
    ("escrow/deposit", "post"),
    ("escrow/withdraw", "post"),
    ("escrow/bump-epoch", "post"),
    ("escrow/set-agent", "post"),
    ("escrow/revoke-mandate", "post"),
}
# Needs a person, no scope: a token may say whose it is, and be signed out.
SCOPELESS = {"auth/me", "auth/session", "auth/tokens"}
# Refused for what was sent, which is another's: not by who may use the route.
REFUSED_BY_CONTENT = {
    ("jobs", "post"): (400,),
    ("designs", "post"): (415,),
    ("uploads", "post"): (412,),
    ("printers", "post"): (403, 422),
    ("jobs/<uuid:job>/bids", "post"): (422,),
}


def named(call: Any) -> str:
    return f"{call[1]}-{call[0].pattern}"


def is_public(call: tuple[Route, str]) -> bool:
    return call[0].pattern in PUBLIC or (call[0].pattern, call[1]) in PUBLIC_CALLS


CLOSED_CALLS = [call for call in CALLS if not is_public(call)]
# HEAD is GET without the body that would tell why it is refused.
SCOPED_CALLS = [call for call in CLOSED_CALLS if call[0].pattern not in SCOPELESS and call[1] != "head"]
NO_SCOPE = ("This token needs the scope", "You do not have permission")


@pytest.fixture(autouse=True)
def nowhere(settings):
    """No node answers: who gets as far as asking it was let in."""
    settings.RPC_URL = f"http://127.0.0.1:{free_port()}"


@pytest.fixture
def ask(world):
    """Call a route about Ada's and Bo's objects, as somebody with some scopes or as nobody."""

    def send(route, method, account=None, scopes=ALL_SCOPES, values=None, **options):
        headers = {"HTTP_AUTHORIZATION": bearer(account, *scopes)} if account else {}
        path = route.path(world.parameters() | (values or {}))
        if method not in SAFE:
            options = {"data": world.bodies().get(route.pattern, {}), "format": "json"} | options
        return getattr(APIClient(), method)(path, **headers, **options)

    return send


def problem_check(answer: Any, method: str) -> None:
    """Every refusal has the one shape."""
    assert answer["Content-Type"] == "application/problem+json"
    if method == "head":
        return
    body = answer.json()
    assert body["status"] == answer.status_code
    assert body["type"].endswith(f"/{body['code']}")
    assert body["title"]
    assert body["detail"]


def is_empty(answer: Any, method: str) -> bool:
    """A list of nothing."""
    return answer.status_code == 200 and (method == "head" or answer.json() == [])


def test_the_walk_finds_the_routes_of_every_app():
    found = {route.pattern for route in ROUTES}
    assert {"healthz", "auth/me", "printers", "designs", "jobs/<uuid:job>/bids", "escrow/deposit"} <= found
    assert "agreements/<str:agreement>/bundle" in found
    assert {call[0].pattern for call in CALLS if is_public(call)} >= PUBLIC


@pytest.mark.parametrize("call", CLOSED_CALLS, ids=named)
def test_nobody_gets_in_without_signing_in(ask, call):
    answer = ask(*call)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    problem_check(answer, call[1])


@pytest.mark.parametrize("call", CLOSED_CALLS, ids=named)
def test_an_unknown_token_is_nobody(ask, world, call):
    route, method = call
    path = route.path(world.parameters())
    answer = getattr(APIClient(), method)(path, HTTP_AUTHORIZATION="Bearer infill_guessed")
    assert answer.status_code == 401
    problem_check(answer, method)


@pytest.mark.parametrize("call", CLOSED_CALLS, ids=named)
def test_a_stranger_gets_nothing_of_anothers(ask, world, charlie, call):
    route, method = call
    answer = ask(route, method, charlie)
    place = (route.pattern, "get" if method == "head" else method)
    if place in REFUSED_BY_CONTENT:
        assert answer.status_code in REFUSED_BY_CONTENT[place], answer.content
    elif place not in OWN and method != "options":
        refused = answer.status_code in (403, 404)
        assert refused or is_empty(answer, method), answer.content
    assert answer.status_code != 500
    if answer.status_code >= 400:
        problem_check(answer, method)
    asked = route.path(world.parameters()) + json.dumps(world.bodies().get(route.pattern, ""))
    told = answer.content.decode(errors="replace")
    assert not [secret for secret in world.secrets() if secret in told and secret not in asked]


@pytest.mark.parametrize("call", SCOPED_CALLS, ids=named)
def test_a_token_without_the_scope_is_refused(ask, world, call):
    """Changing takes one scope, which is not `read`; reading takes `read` or the scopes that change."""
    route, method = call

    def admits(scope: str) -> bool:
        answer = ask(route, method, world.ada, (scope,))
        if answer.status_code != 403:
            return True
        problem_check(answer, method)
        return not answer.json()["detail"].startswith(NO_SCOPE)

    admitted = {scope for scope in ALL_SCOPES if admits(scope)}
    assert len(admitted - {"read"}) <= (2 if method in SAFE else 1)
    assert ("read" in admitted) is (method in SAFE)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.pattern)
def test_other_methods_are_problems_too(ask, world, route):
    method = next(name for name in ("trace", "patch", "put") if name not in route.methods)
    answer = ask(route, method, world.ada)
    assert answer.status_code in (403, 405)
    problem_check(answer, method)


def test_a_path_that_is_none_is_a_problem(db):
    answer = APIClient().get("/api/v1/nothing")
    assert answer.status_code == 404
    problem_check(answer, "get")


# Garbage: any JSON, with the texts that parsers, databases and wallets stumble over.
ODD_TEXTS = ["", "-", "-1", "0x", "NaN", "1e400", "'--", "\0", "a\0b", "\ud800", "\u202e"]
ODD_TEXTS += ["2026-02-30", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59"]
ODD_TEXTS += ["0x" + "f" * 64, "0x" + "F" * 40, "9" * 4000]
DEEP: Any = json.loads("[" * 700 + "]" * 700)
odd_text = st.text(max_size=20) | st.sampled_from(ODD_TEXTS)
sound_text = odd_text.filter(lambda text: not any("\ud800" <= char <= "\udfff" for char in text))
big = st.sampled_from([2**31, 2**63, 2**64, -(2**63) - 1, 2**256, 10**400])
odd_json = st.just(DEEP) | st.recursive(
    st.none() | st.booleans() | st.integers() | big | st.floats() | odd_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(odd_text, inner, max_size=3),
    max_leaves=8,
)
TYPES = ["application/json", "multipart/form-data; boundary=x", "multipart/form-data", "text/plain", "x"]
FILE = b'--x\r\nContent-Disposition: form-data; name="file"; filename="%s"\r\n\r\nsolid\r\n--x--\r\n'
ODD_BYTES = [
    b"[" * 100_000,
    b'{"a":' * 20_000,
    b"9" * 5000,
    b"--x\r\n\r\n--x--\r\n",
    FILE % b"\0",
    FILE % b"\xff/..",
]
raw = st.binary(max_size=60) | st.sampled_from(ODD_BYTES)


def some(examples: int):
    """A few examples each: the routes are many, and every run draws others."""
    return settings(
        max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )


def never_breaks(answer: Any, method: str) -> None:
    """A bug would be raised here by the test client."""
    assert answer.status_code != 500
    if answer.status_code >= 400:
        problem_check(answer, method)


def body_of(draw: st.DrawFn, sane: Any, members: list[str]) -> Any:
    """Any JSON, or what the route takes with some members spoilt."""
    if draw(st.integers(0, 3)) == 0 or not members:
        return draw(odd_json)
    spoilt = draw(st.dictionaries(st.sampled_from(members), odd_json, min_size=1, max_size=3))
    return {**sane, **spoilt}


@pytest.mark.parametrize("call", CHANGES, ids=named)
@some(25)
@given(data=st.data())
def test_garbage_in_a_body_is_refused(ask, world: World, call, data):
    route, method = call
    account = data.draw(st.sampled_from([world.ada, world.bo]))
    sane = world.bodies().get(route.pattern, {})
    body = data.draw(st.composite(body_of)(sane, route.body_members(method)))
    text = json.dumps(body)
    never_breaks(ask(route, method, account, data=text, format=None, content_type="application/json"), method)


@pytest.mark.parametrize("call", CHANGES, ids=named)
@some(15)
@given(body=raw, kind=st.sampled_from(TYPES))
def test_a_body_that_is_not_even_json_is_refused(ask, world: World, call, body, kind):
    never_breaks(ask(*call, world.ada, data=body, format=None, content_type=kind), call[1])


@pytest.mark.parametrize("call", TEXT_CALLS, ids=named)
@some(10)
@given(data=st.data())
def test_garbage_in_a_path_is_refused(ask, world: World, call, data):
    plain = sound_text.filter(bool)
    values = {name: data.draw(plain) for name in call[0].text_parameters}
    never_breaks(ask(*call, world.bo, values=values), call[1])


@pytest.mark.parametrize("call", QUERIES, ids=named)
@some(20)
@given(data=st.data())
def test_garbage_in_a_query_is_refused(ask, world: World, call, data):
    names = call[0].query_names(call[1])
    query = data.draw(st.dictionaries(st.sampled_from(names), sound_text, min_size=1))
    never_breaks(ask(*call, world.ada, data=query), call[1])
