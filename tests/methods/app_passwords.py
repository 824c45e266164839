"""A connected system that takes app passwords, and a person who makes them."""

import re
from base64 import b64encode
from dataclasses import dataclass
from typing import Any

from django.test import Client
from django.utils import timezone

from accounts.models import Account
from methods.models import MethodState, RegisteredMethod
from policies.applications import TEXT_VERSION, submit
from policies.callers import renew_secret
from policies.models import ConnectedSystem
from policies.systems import ensure_system
from tests.factories import a_totp_app
from tests.methods.people import fresh_browser

SETUP, CHECK = "/security-info/app-password/", "/api/app-passwords/check"


def who_uses_mfa(account: Account) -> Account:
    """With an app that was tried, and an application."""
    a_totp_app(account, last_signin_at=timezone.now())
    submit(account, actor=account, text_version=TEXT_VERSION)
    account.refresh_from_db()
    return account


@dataclass(frozen=True)
class MailServer:
    """Campus mail as it asks this site."""

    system: ConnectedSystem
    secret: str

    def ask(self, account: str, password: str, **said: Any) -> Any:
        """The whole answer."""
        body = {"account": account, "password": password} | said
        return Client().post(CHECK, body, content_type="application/json", headers={"Authorization": self.authorization})

    def lets_in(self, account: Account, password: str, **said: Any) -> bool:
        answer = self.ask(account.common_id, password, **said)
        assert (answer.status_code, set(answer.json())) == (200, {"accepted"})
        accepted: bool = answer.json()["accepted"]
        return accepted

    @property
    def authorization(self) -> str:
        return basic(self.system.code, self.secret)


def basic(code: str, secret: str) -> str:
    return f"Basic {b64encode(f'{code}:{secret}'.encode()).decode()}"


def a_mail_server(code: str = "mail", **columns: Any) -> MailServer:
    known = {"connector": "webhook", "name_en": code.title(), "name_ja": "学内メール", "address": f"https://{code}.example.ac.jp/"}
    system = ensure_system(code, **(known | {"takes_app_passwords": True, "takes_security_keys": True} | columns))
    return MailServer(system, renew_secret(system))


def make(account: Account, name: str = "mail on my laptop") -> str:
    """One made through the page; returns it as it is shown."""
    page = fresh_browser(account).post(SETUP, {"name": name})
    assert page.status_code == 200, page.headers.get("Location")
    return re.search(r'id="app-password">([^<]+)<', page.content.decode())[1]  # type: ignore[index]


def living() -> list[str]:
    """Names of the app passwords that there are."""
    return list(RegisteredMethod.objects.filter(kind="app-password").exclude(state=MethodState.REMOVED).values_list("name", flat=True))
