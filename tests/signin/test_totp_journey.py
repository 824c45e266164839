"""From "More information required" to a verified sign-in with an authenticator app, through the client."""

import re
import shutil
import subprocess
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from accounts.models import SessionRecord
from methods.models import Message, RegisteredMethod
from tests.factories import PASSWORD, app_code
from tests.methods.people import send_all

pytestmark = pytest.mark.django_db


def oathtool(key: str, *options: str) -> str:
    """What oathtool says; where it is not installed, what RFC 6238 says."""
    if shutil.which("oathtool") is None:
        return app_code(key, steps_ahead=_steps_until(options[1]) if options else 0)
    return subprocess.run(
        ["oathtool", "--totp", "-b", *options, key.replace(" ", "")], check=True, capture_output=True, text=True
    ).stdout.strip()


def _steps_until(moment: str) -> int:
    if moment == "now + 30 seconds":
        return 1
    at = datetime.strptime(moment, "%Y-%m-%d %H:%M:%S UTC").replace(tzinfo=UTC).timestamp()
    return int(at) // 30 - int(time.time()) // 30


def enter_password(client: Client, account: Any, next_path: str = "/security-info/") -> Any:
    page = client.post("/signin/", {"common_id": account.common_id, "next": next_path}, follow=True)
    assert "Enter your password" in page.content.decode()
    return client.post("/signin/password/", {"common_id": account.common_id, "password": PASSWORD, "next": next_path})


def test_a_first_method_is_registered_and_then_asked_for(client: Client, hana: Any) -> None:
    answer = enter_password(client, hana)
    assert answer.url == "/signin/more-information/"
    assert "More information required" in client.get(answer.url).content.decode()
    assert "I want to use a different authenticator app" in client.get("/security-info/app/").content.decode()
    client.post("/security-info/totp/")
    page = client.get("/security-info/totp/scan/").content.decode()
    key = re.search(r'id="qr-key">([A-Z2-7 ]+)<', page)[1]
    answer = client.post("/security-info/totp/scan/", {"code": oathtool(key)})
    assert answer.url == "/signin/continue/", answer.content.decode()
    answer = client.get("/signin/continue/")
    assert answer.url == "/security-info/email/"
    client.post("/security-info/email/", {"address": "hana@example.com"})
    send_all()
    code = re.search(r"\b(\d{6})\b", mail.outbox[-1].body)[1]
    answer = client.post("/security-info/email/confirm/", {"code": code})
    page = client.get(answer.url).content.decode()
    assert "Succeeded" in page
    answer = client.post("/signin/finish/")
    assert answer.url == "/security-info/"
    assert client.get("/security-info/").status_code == 200
    assert SessionRecord.objects.get().verified_kind == "totp"
    assert "You signed out of your account" in client.get("/signout/").content.decode()
    answer = enter_password(client, hana)
    assert answer.url == "/signin/verify/"
    assert client.get("/my-account/").status_code in {302, 404}
    answer = client.post("/signin/verify/", {"code": oathtool(key, "-N", "now + 30 seconds")})
    assert answer.url == "/security-info/", answer.content.decode()
    assert RegisteredMethod.objects.get(kind="totp").last_signin_at
    assert "You signed in with MFA" in client.get("/security-info/").content.decode()
    assert Message.objects.filter(template="method-registered").exists()
