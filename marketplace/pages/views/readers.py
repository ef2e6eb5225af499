"""Who reads a page."""

from typing import cast

from django.http import HttpRequest

from marketplace.accounts.models import Person


def viewer_of(request: HttpRequest) -> str:
    """The reader's address, empty for nobody signed in."""
    return request.user.address if request.user.is_authenticated else ""


def person_of(request: HttpRequest) -> Person:
    """The signed-in reader; pages that call it let nobody else in."""
    return cast(Person, request.user)
