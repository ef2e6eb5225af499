"""Every refusal leaves in one shape: RFC 9457 problem details."""

import logging
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
from rest_framework import exceptions, status
from rest_framework.views import set_rollback

from protocol.errors import EvidenceOutOfOrder, InfillError, Malformed, TransitionRefused

CONTENT_TYPE = "application/problem+json"
TYPE_BASE = "https://infill.example/problems/"
logger = logging.getLogger(__name__)

Fields = dict[str, list[str]]


def problem_of(
    code: str, http_status: int, detail: str, fields: Fields | None = None, **more: Any
) -> dict[str, Any]:
    """The body of one problem; `fields` maps a member's path to what is wrong with it."""
    body: dict[str, Any] = {
        "type": TYPE_BASE + code,
        "title": code.replace("-", " ").capitalize(),
        "status": http_status,
        "detail": detail,
        "code": code,
        **more,
    }
    if fields:
        body["fields"] = fields
    return body


def _fields_of(detail: Any, prefix: str = "") -> Fields:
    """DRF's nested error detail as flat dotted paths."""
    if isinstance(detail, dict):
        flat: Fields = {}
        for name, inner in detail.items():
            own = "" if name == "non_field_errors" else str(name)
            flat.update(_fields_of(inner, ".".join(filter(None, (prefix, own)))))
        return flat
    if isinstance(detail, list) and any(isinstance(item, dict | list) for item in detail):
        flat = {}
        for index, inner in enumerate(detail):
            if inner:
                flat.update(_fields_of(inner, ".".join(filter(None, (prefix, str(index))))))
        return flat
    messages = detail if isinstance(detail, list) else [detail]
    return {prefix or "body": [str(message) for message in messages]}


def _of_framework(error: exceptions.APIException) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        fields = _fields_of(error.detail)
        detail = "; ".join(f"{name}: {' '.join(messages)}" for name, messages in fields.items())
        return problem_of("invalid", error.status_code, detail, fields)
    codes = error.get_codes()
    code = codes if isinstance(codes, str) else error.default_code
    return problem_of(code.replace("_", "-"), error.status_code, str(error.detail))


def _of_ours(error: InfillError) -> dict[str, Any]:
    """`http_status`, and `extra` members of the body, are what the error's class says; else 422 and none."""
    conflict = isinstance(error, EvidenceOutOfOrder | TransitionRefused)
    usual = status.HTTP_409_CONFLICT if conflict else status.HTTP_422_UNPROCESSABLE_ENTITY
    more: dict[str, Any] = dict(getattr(error, "extra", {}))
    if isinstance(error, EvidenceOutOfOrder):
        more["expected_seq"] = error.expected_seq
    fields: Fields | None = more.pop("fields", None)
    if isinstance(error, Malformed) and error.field:
        fields = {error.field: [str(error)]}
    return problem_of(error.code, getattr(error, "http_status", usual), str(error), fields, **more)


def _headers_of(error: Exception) -> dict[str, str]:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    return headers


def problem_handler(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """DRF's exception handler: ours, DRF's and Django's refusals; anything else is a bug and stays one.

    The answer is JSON whatever the route's own renderer makes.
    """
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    elif isinstance(error, RecursionError):
        # Nothing here recurses but over JSON that was sent.
        error = exceptions.ParseError("The JSON is nested too deeply.")
    if isinstance(error, exceptions.APIException):
        body = _of_framework(error)
    elif isinstance(error, InfillError):
        body = _of_ours(error)
    else:
        return None
    set_rollback()
    return JsonResponse(body, status=body["status"], headers=_headers_of(error), content_type=CONTENT_TYPE)


def _plain(request: HttpRequest, code: str, http_status: HTTPStatus, detail: str) -> HttpResponse | None:
    if not request.path.startswith("/api/"):
        return None
    body = problem_of(code, http_status, detail)
    return JsonResponse(body, status=http_status, content_type=CONTENT_TYPE)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    problem = _plain(request, "not-found", HTTPStatus.NOT_FOUND, f"There is nothing at {request.path}.")
    return problem or defaults.page_not_found(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    problem = _plain(request, "permission-denied", HTTPStatus.FORBIDDEN, "You may not do this.")
    return problem or defaults.permission_denied(request, exception)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    problem = _plain(request, "bad-request", HTTPStatus.BAD_REQUEST, "The request cannot be read.")
    return problem or defaults.bad_request(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    detail = "Something failed on our side; it has been logged. Nothing was changed; try again."
    problem = _plain(request, "server-error", HTTPStatus.INTERNAL_SERVER_ERROR, detail)
    return problem or defaults.server_error(request)
