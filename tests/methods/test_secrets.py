"""I8, R-193: after a whole life at every desk, no secret lies where it does not belong."""

import base64
import re
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import Account
from audit import tallies
from audit.models import Event
from methods.kinds.access_pass.passes import read_pass
from methods.kinds.app_password.secret import read_secret
from methods.models import RegisteredMethod
from methods.registry import kind, kinds
from policies.applications import TEXT_VERSION, submit
from policies.claims import due_systems
from policies.models import Delivery
from policies.systems import ensure_system
from policies.tasks import release_system
from review import searching
from tests.factories import a_method, signed_in
from tests.methods.app_passwords import SETUP, a_mail_server
from tests.methods.canaries import Canary, Places, everything_stored, places  # noqa: F401  a fixture
from tests.methods.people import Handset, add_app, enter_number, mailed_code, send_all
from tests.methods.push_phone import Phone, number_on
from tests.methods.qr import read_qr
from tests.methods.test_access_pass import issue
from tests.methods.test_fido_pages import add_key
from tests.signin.door import enter_code, enter_password, wrong_code

PASSWORD, WRONG = "canary password 3d7c1f", "mistyped canary 77aa01"
FIELD = "canary in the wrong field 0f8d"
CONNECTOR = "canary of a connector 5b9e20"
STAFF_PAGES = {
    "hiro": [
        "/helpdesk/",
        "/helpdesk/?q=hana",
        "/helpdesk/accounts/1000000001/",
        *(f"/helpdesk/{page}/" for page in ("reports", "cases", "approvals", "confirmations", "deliveries", "exceptions", "terminations")),
    ],
    "aki": [
        "/audit/",
        "/audit/?account=1000000001",
        "/audit/accounts/1000000001/",
        "/audit/seals/",
        "/audit/findings/",
        "/audit/findings/thresholds/",
        "/audit/report/",
        "/audit/report/method-changes.csv",
        "/audit/exports/events.csv",
        "/audit/exports/",
    ],
    "ada": ["/policies/systems/", "/policies/systems/leaky/", "/admin/"],
}


class Life:
    """One person, from the first registration to an app password; `canaries` grows as secrets come into being."""

    def __init__(self, account: Account, handset: Handset) -> None:
        self.account, self.handset, self.client = account, handset, Client()
        self.canaries = [Canary("password", PASSWORD), Canary("mistyped password", WRONG)]

    def keep(self, name: str, secret: str | bytes, *carriers: str) -> None:
        self.canaries.append(Canary(name, secret, carriers))

    def register(self) -> None:
        self.client.post("/signin/", {"common_id": FIELD})
        self.keep("password in the wrong field", FIELD, "page /signin/")  # shown again to whoever typed it
        enter_password(self.client, self.account, password=WRONG)
        enter_password(self.client, self.account, password=PASSWORD)
        self.keep("attempt cookie", self.client.cookies["attempt"].value)
        self._pair()
        key = add_app(self.client, "my app")
        self.keep("TOTP seed", base64.b32decode(key.replace(" ", "")), "page /security-info/totp/scan/")
        self.keep("TOTP key as text", key, "page /security-info/totp/scan/")
        self.client.post("/security-info/email/", {"address": "hana@mail.example.org"})
        self.keep("code by mail", code := mailed_code(), f"mail: {mail.outbox[-1].subject}")
        self.client.post("/security-info/email/confirm/", {"code": code})
        self.client.get("/signin/continue/")
        self.client.post("/signin/finish/")
        self.keep("session key", self.client.cookies["session"].value)
        enter_number(self.client)
        send_all()
        self.keep("code by text", self.handset.code)
        self.client.post("/security-info/phone/confirm/", {"code": self.handset.code})

    def _pair(self) -> None:
        phone = Phone()
        self.client.post("/security-info/push/")
        link = read_qr(self.client.get("/security-info/push/pair/"))
        self.keep("pairing code", code := link.partition("#pair=")[2])  # the page holds it as a picture
        phone.pair(code=code)
        self.keep("seed of the Authenticator", base64.b32decode(phone.seed), "page /authenticator/api/pair")
        private = phone.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        self.keep("key of the Authenticator", private)
        self.client.post("/security-info/push/ask/")
        phone.yes(number_on(self.client.get("/security-info/push/try/")))
        self.client.post("/security-info/push/try/")

    def sign_in_again(self) -> None:
        self.client.post("/signout/")
        enter_password(self.client, self.account, password=PASSWORD)
        enter_code(self.client, wrong_code())
        phone = RegisteredMethod.objects.get(kind="phone", state="active")
        self.client.post(f"/signin/verify/use/{phone.pk}/", {"way": "text"})
        send_all()
        self.keep("code by text at a sign-in", self.handset.code)
        enter_code(self.client, self.handset.code)
        self.keep("second session key", self.client.cookies["session"].value)

    def take_a_key(self) -> None:
        key = add_key(self.client)
        private = key.private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        self.keep("private key of a security key", private)

    def use_programs(self) -> None:
        server = a_mail_server()
        self.keep("secret of a mail server", server.secret)
        self.account.refresh_from_db()
        submit(self.account, actor=self.account, text_version=TEXT_VERSION)
        made = self.client.post(SETUP, {"name": "mail"}).content.decode()
        shown = re.search(r'id="app-password">([^<]+)<', made)
        assert shown
        self.keep("app password", shown[1], f"page {SETUP}")
        self.keep("app password as it is read", read_secret(shown[1]), f"page {SETUP}")
        assert server.lets_in(self.account, shown[1])
        server.lets_in(self.account, WRONG)

    def look_around(self, path: str = "") -> None:
        for page in ("", "security-info/", "security-info/add/", "my-account/", "my-account/activity/", "user-menu/mfa/", "guide/"):
            self.client.get(f"/{page}")


def recover(life: Life, sato: Account) -> None:
    code = issue(life.account, sato)
    life.keep("Temporary Access Pass", code)
    life.keep("Temporary Access Pass as it is read", read_pass(code))
    stranger = Client()
    enter_password(stranger, life.account, password=PASSWORD)
    stranger.post(f"/signin/verify/use/{RegisteredMethod.objects.get(kind='access-pass').pk}/")
    enter_code(stranger, code)


def pass_on(life: Life, settings: Any) -> None:
    """To a system that refuses connections, so that there are errors to tell of."""
    settings.MFA_PRIVATE_HOSTS = ["127.0.0.1:9"]
    ensure_system(
        "leaky", connector="webhook", name_en="Leaky", name_ja="漏", address="https://127.0.0.1:9/", secret="whsec_" + b64(CONNECTOR)
    )
    life.keep("credentials of a connector", CONNECTOR)
    life.account.refresh_from_db()
    a_method(life.account, "totp", name="spare")
    Delivery.objects.update(due_at="2020-01-01T00:00Z", next_try_at="2020-01-01T00:00Z")
    for code in due_systems():
        release_system(code)


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def break_down(life: Life) -> None:
    """An error that nobody expected, with a password in the variables of its frames."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("signin.flow.begin", lambda *_, **__: 1 / 0)
        answer = enter_password(Client(raise_request_exception=False), life.account, password=PASSWORD)
        assert answer.status_code == 500


def staff_look(request: pytest.FixtureRequest) -> None:
    for name, pages in STAFF_PAGES.items():
        browser = Client()
        signed_in(browser, request.getfixturevalue(name))
        for page in pages:
            assert browser.get(page).status_code == 200, page
        if name == "aki":
            for event in Event.objects.order_by("-pk")[:60]:
                browser.get(reverse("audit:event", args=[event.uid]))
            browser.get(reverse("audit:proof", args=[event.uid]))
            browser.post(reverse("audit:reveal", args=[event.uid]), {"reason": "Ticket 4711"})
    Client().get("/metrics", headers={"Authorization": "Bearer metrics test token"})


SERVERS_OWN = ("SECRET_KEY", "MFA_SEAL_KEY", "MFA_VAPID_PRIVATE_KEY", "TWILIO_AUTH_TOKEN", "MFA_METRICS_TOKEN")


@pytest.mark.django_db(transaction=True)
def test_no_secret_is_stored_logged_queued_cached_mailed_exported_or_shown(
    request: pytest.FixtureRequest,
    hana: Account,
    handset: Handset,
    places: Places,  # noqa: F811
    settings: Any,
) -> None:
    hana.set_password(PASSWORD)
    hana.save()
    life = Life(hana, handset)
    life.register()
    life.sign_in_again()
    life.take_a_key()
    life.use_programs()
    recover(life, request.getfixturevalue("sato"))
    walked = {type(kind(code)) for code in RegisteredMethod.objects.filter(account=hana).values_list("kind", flat=True)}
    assert {type(known).__module__ for known in kinds()} == {one.__module__ for one in walked}, "every kind of method is part of this life"
    pass_on(life, settings)
    break_down(life)
    life.look_around()
    send_all()
    searching.run()
    tallies.count()
    staff_look(request)
    canaries = life.canaries + [Canary(name, str(getattr(settings, name))) for name in SERVERS_OWN]
    assert places.betrayed(canaries) == set()
    assert [canary.name for canary in canaries if not is_known(canary, places)] == []


def is_known(canary: Canary, places: Places) -> bool:  # noqa: F811
    """A canary that its carrier does not hold either was never alive, and proves nothing."""
    if not canary.carriers:
        return bool(canary.secret)
    return any(canary.lies_in(text) or canary.lies_in(text.replace(" ", "")) for place, text in places.all() if place in canary.carriers)


def test_the_search_finds_what_lies_open(hana: Account, places: Places) -> None:  # noqa: F811
    """Otherwise the test above would prove nothing."""
    RegisteredMethod.objects.create(account=hana, kind="totp", name=PASSWORD, hint="code 012345")
    stored, secret = everything_stored(), Canary("password", PASSWORD)
    assert secret.lies_in(stored)
    assert secret.lies_in(f"x {b64(PASSWORD)} y")
    assert Canary("code", "012345").lies_in(stored)
    assert not Canary("code", "012345").lies_in("10:00:00.012345 012345-67 a012345")
    places.tasks.append(f"args ['{PASSWORD}']")
    assert places.betrayed([secret]) == {("tables", "password"), ("broker", "password")}
