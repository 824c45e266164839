"""Rows for tests, one function each, cheap: the smallest thing that is true. Names say what comes back."""

import base64
import hmac
import struct
import time
import uuid
from itertools import count
from typing import Any

from django.http import HttpRequest
from django.test import Client
from django.utils import timezone

from accounts.models import Account, Affiliation, RoleGrant, SessionRecord
from accounts.session_store import SessionStore
from accounts.sessions import Decided, Verified, open_session
from audit.context import Where, circumstances
from methods.kinds.phone.models import PhoneDevice
from methods.kinds.totp.models import TotpDevice
from methods.models import RegisteredMethod
from vault.fields import seal

PASSWORD = "correct horse battery staple"
KEY = b"a key of an app here"
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
    with circumstances(Where(address="127.0.0.1")):
        badge = open_session(request, account, decided=Decided(uuid.uuid4(), rule), verified=proof)
    request.session.save()
    client.cookies["session"] = str(request.session.session_key)
    return badge


def a_method(account: Account, kind: str, *, name: str, **fields: Any) -> RegisteredMethod:
    """The row of a registered method; the account's first one is its default."""
    first = not account.registered_methods.exists()
    known = {"is_default": first, "last_proven_at": timezone.now()}
    return RegisteredMethod.objects.create(account=account, kind=kind, name=name, **(known | fields))


def a_totp_app(account: Account, *, key: bytes = KEY, name: str = "my phone", **fields: Any) -> RegisteredMethod:
    """An authenticator app whose codes `app_code(key)` tells."""
    method = a_method(account, "totp", name=name, **fields)
    device = TotpDevice(user=account, name=name, method=method, confirmed=True)
    seal(device, "seed", key)
    device.save()
    return method


def a_phone(account: Account, number: str = "+819012345678", **fields: Any) -> RegisteredMethod:
    """A number that texts are sent to, or with `way="call"` that is called; `kind` says in which slot."""
    known = {"kind": "phone", "name": "Phone", "hint": f"••• {number[-2:]}", "way": "text"} | fields
    method = a_method(account, known.pop("kind"), **known)
    PhoneDevice.objects.create(user=account, name="Phone", method=method, confirmed=True, number=number, slot=method.kind)
    return method


def app_code(key: bytes | str = KEY, *, steps_ahead: int = 0) -> str:
    """The six digits an authenticator app shows now (RFC 6238), or some thirty-second steps later; `key` also as base32."""
    raw = base64.b32decode(key.replace(" ", "")) if isinstance(key, str) else key
    counter = struct.pack(">Q", int(time.time()) // 30 + steps_ahead)
    digest = hmac.new(raw, counter, "sha1").digest()
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 10**6:06d}"


def proved_by(app: RegisteredMethod) -> Verified:
    """Proof by this authenticator app, as the door gives it: on each request django-otp looks the device up again."""
    return a_verification(method=app.pk, device=TotpDevice.objects.get(method=app).persistent_id)
