"""Who opens a WebSocket. Where from (the Origin) is settled before any consumer.

A socket lives for days: whatever it asks of the database gives the connection back at once.
"""

from typing import Any

from channels.db import database_sync_to_async

from marketplace.accounts.models import Person
from marketplace.accounts.selectors import person_of_token

KEYWORD = "bearer"


async def bearer_person(scope: dict[str, Any], token_scope: str) -> Person | None:
    """The person of the handshake's `Authorization: Bearer` token, if it carries `token_scope`."""
    header = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
    keyword, _, token = header.partition(" ")
    if keyword.lower() != KEYWORD:
        return None
    found: Person | None = await database_sync_to_async(person_of_token)(token.strip(), token_scope)
    return found


async def person_of(scope: dict[str, Any], token_scope: str) -> Person | None:
    """The person of the session, or of a Bearer token that carries `token_scope`."""
    user = scope.get("user")
    if isinstance(user, Person):
        return user
    return await bearer_person(scope, token_scope)
