"""I8, R-193: after a whole life at the door, no secret lies where it does not belong."""

import base64
import logging
import re
from typing import Any

import pytest
from django.apps import apps
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client

from accounts.models import Account
from methods.kinds.totp.models import TotpDevice
from methods.models import RegisteredMethod
from tests.factories import app_code
from tests.methods.people import Handset, add_app, enter_number, mailed_code, send_all
from tests.signin.door import enter_code, enter_password, wrong_code
from vault.fields import unseal

CANARY = "canary password 3d7c1f"


def a_life(account: Account, handset: Handset) -> tuple[set[str], str]:
    """Register everything, sign in with everything, fail now and then; returns the secrets and the pages that were seen."""
    client, secrets = Client(), {CANARY}
    pages: list[Any] = [enter_password(client, account, password=CANARY)]
    secrets.add(client.cookies["attempt"].value)
    add_app(client, "my app")
    client.post("/security-info/email/", {"address": "hana@mail.example.org"})
    secrets.add(code := mailed_code())
    client.post("/security-info/email/confirm/", {"code": code})
    pages += [client.get("/signin/continue/"), client.post("/signin/finish/")]
    enter_number(client)
    send_all()
    secrets.add(handset.code)
    client.post("/security-info/phone/confirm/", {"code": handset.code})
    pages += [client.get(path) for path in ("/security-info/", "/my-account/", "/security-info/add/", "/security-info/default/")]
    client.post("/signout/")
    phone = RegisteredMethod.objects.get(kind="phone", state="active")
    enter_password(client, account, password="wrong " + CANARY)
    enter_password(client, account, password=CANARY)
    pages += [enter_code(client, wrong_code()), client.post(f"/signin/verify/use/{phone.pk}/"), client.get("/signin/verify/")]
    send_all()
    secrets.add(handset.code)
    pages += [enter_code(client, handset.code), client.get("/security-info/")]
    seed = unseal(TotpDevice.objects.get(), "seed")
    secrets |= {base64.b32encode(seed).decode(), seed.hex(), app_code(base64.b32encode(seed).decode())}
    return secrets, "".join(page.content.decode() for page in pages)


def everything_stored() -> str:
    """Every column of every table as text."""
    rows: list[str] = []
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(model._meta.db_table)}")  # noqa: S608  our own table names
            rows += [str([str(value) for value in row if not isinstance(value, int)]) for row in cursor.fetchall()]
    return "\n".join(rows)


@pytest.fixture
def person(hana: Account) -> Account:
    hana.set_password(CANARY)
    hana.save()
    return hana


def test_no_secret_is_stored_logged_cached_or_shown(person: Account, handset: Handset, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secrets, shown = a_life(person, handset)
    places = {
        "tables": everything_stored(),
        "logs": "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records),
        "cache": str(getattr(cache, "_cache", "")),
        "pages": shown,
        "notices": "".join(letter.body for letter in mail.outbox if "code" not in letter.subject),
    }
    assert len(secrets) >= 8
    assert {(place, secret) for place, text in places.items() for secret in secrets if lies_in(secret, text)} == set()


def lies_in(secret: str, text: str) -> bool:
    """Six digits that are part of a time, an id or a digest are no code."""
    return bool(re.search(rf"(?<![\w.:-]){secret}(?![\w-])", text)) if secret.isdecimal() else secret in text


def test_the_search_finds_what_lies_open(person: Account) -> None:
    """Otherwise the test above would prove nothing."""
    RegisteredMethod.objects.create(account=person, kind="totp", name=CANARY, hint="code 012345")
    stored = everything_stored()
    assert lies_in(CANARY, stored)
    assert lies_in("012345", stored)
    assert not lies_in("012345", "10:00:00.012345 012345-67 a012345")
