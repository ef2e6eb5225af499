"""Who may call a route: a session may do all its person may; a token only what its scopes name."""

from functools import cache
from typing import TYPE_CHECKING, cast

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from marketplace.accounts.models import Token
from marketplace.accounts.scopes import Scope

if TYPE_CHECKING:  # rest_framework.views loads this module while it is itself loading
    from rest_framework.views import APIView


class ReadOnlyScope(BasePermission):
    """The default: signed in; a token reads with `read` and changes nothing."""

    write_scope: str | None = None

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not request.user or not request.user.is_authenticated:
            return False
        if not isinstance(request.auth, Token):
            return True
        needed = {self.write_scope} if self.write_scope else set[str]()
        if request.method in SAFE_METHODS:
            needed.add(Scope.READ)
        self.message = f"This token needs the scope {' or '.join(sorted(needed)) or 'of a browser session'}."
        return any(request.auth.allows(scope) for scope in needed)


@cache
def HasScope(scope: str) -> type[BasePermission]:  # reads as the class it stands for in permission_classes
    """A permission: signed in; a token needs `scope` to change, and `scope` or `read` to read."""
    write_scope = Scope(scope).value
    made = type(f"HasScope_{write_scope}", (ReadOnlyScope,), {"write_scope": write_scope})
    return cast(type[BasePermission], made)
