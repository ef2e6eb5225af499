"""Every refusal has the one shape of RFC 9457."""

from __future__ import annotations

import json

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions, serializers
from rest_framework.permissions import AllowAny
from rest_framework.test import APIClient, APIRequestFactory
from rest_framework.views import APIView

from marketplace.chain.errors import NodeUnreachable
from protocol.errors import EvidenceOutOfOrder, InfillError, Malformed, SignatureInvalid, TransitionRefused


class Gone(InfillError):
    """One with a status and a member of its own."""

    code = "gone-for-good"
    http_status = 410
    extra = {"since": 7}


class Inner(serializers.Serializer):
    copies = serializers.IntegerField(min_value=1)


class Outer(serializers.Serializer):
    title = serializers.CharField()
    parts = Inner(many=True)

    def validate(self, data):
        raise serializers.ValidationError("the whole is wrong")


def answered(error: Exception):
    class View(APIView):
        authentication_classes = ()
        permission_classes = [AllowAny]

        def get(self, request):
            raise error

    answer = View.as_view()(APIRequestFactory().get("/"))
    answer.data = json.loads(answer.content)
    return answer


def invalid(data) -> exceptions.ValidationError:
    with pytest.raises(exceptions.ValidationError) as caught:
        Outer(data=data).is_valid(raise_exception=True)
    return caught.value


@pytest.mark.parametrize("address", ["agreements/a%00", "jobs?status=%00", "nothing%00"])
def test_a_nul_in_an_address_is_a_problem(db, address):
    answer = APIClient().get(f"/api/v1/{address}")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad-request")
    assert answer["Content-Type"] == "application/problem+json"


def test_a_problem_is_json_on_a_route_that_answers_otherwise(db):
    answer = APIClient().post("/api/v1/schema")
    assert (answer.status_code, answer.json()["code"]) == (405, "method-not-allowed")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (SignatureInvalid("not yours"), 422, "signature-invalid"),
        (TransitionRefused("OPEN", "DRAFT"), 409, "transition-refused"),
        (EvidenceOutOfOrder(3, 5), 409, "evidence-out-of-order"),
        (NodeUnreachable("http://node", "ConnectionError"), 503, "node-unreachable"),
        (Gone("it is gone"), 410, "gone-for-good"),
        (Http404("x"), 404, "not-found"),
        (PermissionDenied("x"), 403, "permission-denied"),
        (exceptions.NotAuthenticated(), 403, "not-authenticated"),
        (exceptions.MethodNotAllowed("GET"), 405, "method-not-allowed"),
        (exceptions.UnsupportedMediaType("text/plain"), 415, "unsupported-media-type"),
        (exceptions.Throttled(wait=3), 429, "throttled"),
        (exceptions.ParseError(), 400, "parse-error"),
        (RecursionError(), 400, "parse-error"),
    ],
)
def test_every_refusal_has_one_shape(error, status, code):
    answer = answered(error)
    assert answer["Content-Type"] == "application/problem+json"
    assert (answer.status_code, answer.data["status"], answer.data["code"]) == (status, status, code)
    assert answer.data["type"] == f"https://infill.example/problems/{code}"
    assert answer.data["title"]
    assert answer.data["detail"]


def test_a_mistake_of_ours_is_no_problem_document():
    with pytest.raises(ZeroDivisionError):
        answered(ZeroDivisionError())


@pytest.mark.django_db
def test_json_nested_beyond_reason_is_refused():
    answer = APIClient().post("/api/v1/auth/challenge", "[" * 200_000, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "parse-error")


def test_nested_fields_are_named_by_their_path():
    fields = answered(invalid({"parts": [{"copies": 1}, {"copies": 0}]})).data["fields"]
    assert set(fields) == {"title", "parts.1.copies"}
    assert fields["title"] == ["This field is required."]


def test_what_is_wrong_with_the_whole_is_under_body():
    answer = answered(invalid({"title": "x", "parts": []}))
    assert answer.data["fields"] == {"body": ["the whole is wrong"]}
    assert answer.data["detail"] == "body: the whole is wrong"


def test_errors_carry_what_their_class_adds():
    assert answered(Gone("it is gone")).data["since"] == 7
    assert answered(EvidenceOutOfOrder(3, 5)).data["expected_seq"] == 3
    assert answered(Malformed("expected a digest", "Bid.printer")).data["fields"] == {
        "Bid.printer": ["Bid.printer: expected a digest"]
    }
    assert "fields" not in answered(Malformed("expected a digest")).data


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/nothing", "/api/v1/network/"])
def test_an_unknown_api_path_is_a_problem_too(path):
    answer = APIClient().get(path)
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert answer.json()["detail"] == f"There is nothing at {path}."


@pytest.mark.django_db
def test_a_page_that_is_not_there_is_a_page():
    answer = APIClient().get("/nothing-here")
    assert (answer.status_code, answer["Content-Type"].split(";")[0]) == (404, "text/html")


@pytest.mark.django_db
def test_a_crash_in_the_api_is_a_problem_without_its_cause(monkeypatch):
    from marketplace.config import api

    monkeypatch.setattr(api, "deployment_current", lambda: 1 / 0)
    answer = APIClient(raise_request_exception=False).get("/api/v1/network")
    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")
    assert "division" not in answer.content.decode()
