"""`Authorization: Bearer <token>` for programs."""

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from marketplace.accounts.models import Person, Token
from marketplace.accounts.selectors import token_of

KEYWORD = "Bearer"


class TokenAuthentication(BaseAuthentication):
    """Sets `request.user` to the person and `request.auth` to the Token row."""

    def authenticate(self, request: Request) -> tuple[Person, Token] | None:
        keyword, _, value = get_authorization_header(request).partition(b" ")
        if keyword.lower() != KEYWORD.lower().encode():
            return None
        found = token_of(value.decode("latin-1").strip())
        if found is None:
            raise AuthenticationFailed("This token is unknown, expired or revoked: make a new one.")
        return found.person, found

    def authenticate_header(self, request: Request) -> str:
        return KEYWORD
