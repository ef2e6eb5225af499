"""No address has a NUL in it; PostgreSQL takes none in a text, so a query by one would fail."""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase

Answer = Callable[[HttpRequest], HttpResponseBase]
ENCODED = "%00"


def nul_refused(answer: Answer) -> Answer:
    """Middleware: 400 where path or query holds a NUL."""

    def check(request: HttpRequest) -> HttpResponseBase:
        if "\0" in request.path or ENCODED in request.META.get("QUERY_STRING", ""):
            raise BadRequest("An address cannot hold a NUL.")
        return answer(request)

    return check
