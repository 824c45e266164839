"""Django's authentication backend: it reads sessions and never accepts a password (R-009)."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from accounts.models import Account
from accounts.roles import with_roles


class SessionOnlyBackend(BaseBackend):
    """The door is `signin`; any other form that asks Django to authenticate is refused."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:
        return None

    def get_user(self, user_id: int) -> Account | None:
        """The account of a session, unless it has left or is locked."""
        return with_roles(Account.objects.select_related("affiliation")).filter(pk=user_id, left_at=None, locked_at=None).first()
