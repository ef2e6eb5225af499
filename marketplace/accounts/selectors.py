"""Who a token stands for."""

import hashlib
from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils import timezone

from marketplace.accounts.models import Person, Token


def token_digest(token: str) -> str:
    """The form a token is stored in. Tokens carry 256 random bits, so one fast digest is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def token_of(token: str) -> Token | None:
    """The live row of a token: neither expired nor revoked, its person active."""
    return (
        Token.objects.select_related("person")
        .filter(
            digest=token_digest(token),
            expires_at__gt=timezone.now(),
            revoked_at=None,
            person__is_active=True,
        )
        .first()
    )


def people_known(addresses: Iterable[str]) -> set[str]:
    """Those of some addresses that have signed in here."""
    return set(Person.objects.filter(pk__in=set(addresses)).values_list("pk", flat=True))


def tokens_of(person: Person) -> QuerySet[Token]:
    """A person's live tokens, newest first."""
    return person.tokens.filter(revoked_at=None, expires_at__gt=timezone.now()).order_by("-created_at", "-pk")


def person_of_token(token: str, scope: str) -> Person | None:
    """The person a Bearer token stands for, if it is live and carries `scope`."""
    found = token_of(token)
    return found.person if found and found.allows(scope) else None
