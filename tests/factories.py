"""Rows for tests, one function each, cheap: the smallest thing that is true. Names say what comes back."""

import uuid
from itertools import count
from typing import Any

from django.http import HttpRequest
from django.test import Client
from django.utils import timezone

from accounts.models import Account, Affiliation, RoleGrant, SessionRecord
from accounts.session_store import SessionStore
from accounts.sessions import Verified, open_session

PASSWORD = "correct horse battery staple"
_numbers = count(2_000_000_000)


def an_affiliation(code: str = "science", **fields: Any) -> Affiliation:
    """A faculty; the same one for the same code."""
    defaults = {"name_en": f"Faculty of {code.title()}", "name_ja": f"{code}学部"} | fields
    return Affiliation.objects.get_or_create(code=code, defaults=defaults)[0]


def an_account(common_id: str | None = None, *, roles: tuple[str, ...] = (), password: str = PASSWORD, **fields: Any) -> Account:
    """An account whose password is PASSWORD, with these roles beside being an account holder."""
    common_id = common_id or str(next(_numbers))
    known = {"name_en": "Test Person", "name_ja": "試験 太郎", "language": "en", "contact_address": f"{common_id}@mail.example.com"}
    account = Account.objects.create_account(common_id, password, **(known | fields))
    RoleGrant.objects.bulk_create(RoleGrant(account=account, role=role) for role in roles)
    return account


def a_verification(kind: str = "totp", **fields: Any) -> Verified:
    """Proof of a second factor, made just now."""
    return Verified(**{"kind": kind, "method": uuid.uuid4(), "at": timezone.now()} | fields)


def signed_in(client: Client, account: Account, *, verified: Verified | bool = True, rule: str = "test") -> SessionRecord:
    """Give `client` a session of `account`, opened as the door opens it; `verified=False`: with the password alone."""
    request = HttpRequest()
    request.META |= {"REMOTE_ADDR": "127.0.0.1", "SERVER_NAME": "testserver", "SERVER_PORT": "80"}
    request.session = SessionStore()
    proof = a_verification() if verified is True else verified or None
    badge = open_session(request, account, rule=rule, attempt=uuid.uuid4(), verified=proof)
    request.session.save()
    client.cookies["session"] = str(request.session.session_key)
    return badge
