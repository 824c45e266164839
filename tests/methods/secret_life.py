"""One person, from the first registration to an app password, with every secret that comes into being on the way."""

import base64
import re

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.core import mail
from django.test import Client

from accounts.models import Account
from methods.kinds.app_password.secret import read_secret
from methods.models import RegisteredMethod
from policies.applications import TEXT_VERSION, submit
from tests.methods.app_passwords import SETUP, a_mail_server
from tests.methods.canaries import Canary
from tests.methods.people import Handset, add_app, enter_number, mailed_code, send_all
from tests.methods.push_phone import Phone, number_on
from tests.methods.push_service import PushService
from tests.methods.qr import read_qr
from tests.methods.test_fido_pages import add_key
from tests.signin.door import enter_code, enter_password, wrong_code

PASSWORD, WRONG = "canary password 3d7c1f", "mistyped canary 77aa01"
FIELD = "canary in the wrong field 0f8d"


class Life:
    """One person, from the first registration to an app password; `canaries` grows as secrets come into being."""

    def __init__(self, account: Account, handset: Handset, bell: PushService) -> None:
        self.account, self.handset, self.bell, self.client = account, handset, bell, Client()
        self.canaries = [Canary("password", PASSWORD), Canary("mistyped password", WRONG)]

    def keep(self, name: str, secret: str | bytes, *carriers: str) -> None:
        self.canaries.append(Canary(name, secret, carriers))

    def register(self) -> None:
        self.client.post("/signin/", {"common_id": FIELD})
        self.keep("password in the wrong field", FIELD, "page /signin/")  # shown again to whoever typed it
        enter_password(self.client, self.account, password=WRONG)
        enter_password(self.client, self.account, password=PASSWORD)
        self.keep("attempt cookie", self.client.cookies["attempt"].value, "cookie attempt")
        self._pair()
        key = add_app(self.client, "my app")
        self.keep("TOTP seed", base64.b32decode(key.replace(" ", "")), "page /security-info/totp/scan/")
        self.keep("TOTP key as text", key, "page /security-info/totp/scan/")
        self.client.post("/security-info/email/", {"address": "hana@mail.example.org"})
        self.keep("code by mail", code := mailed_code(), f"mail: {mail.outbox[-1].subject}")
        self.client.post("/security-info/email/confirm/", {"code": code})
        self.client.get("/signin/continue/")
        self.client.post("/signin/finish/")
        self.keep("session key", self.client.cookies["session"].value, "cookie session")
        self._number()
        self.keep("code by text", self.handset.code)
        self.client.post("/security-info/phone/confirm/", {"code": self.handset.code})

    def _number(self) -> None:
        """Whole telephone numbers lie in the table of devices, and with whoever types them."""
        enter_number(self.client, "090-1234-5678")
        for number in ("090-1234-5678", "+819012345678", "+81-90-1234-5678", "+81 90-1234-5678"):
            self.keep("telephone number", number, "tables", "page /security-info/phone/confirm/")
        send_all()

    def _pair(self) -> None:
        phone = Phone()
        self.client.post("/security-info/push/")
        link = read_qr(self.client.get("/security-info/push/pair/"))
        self.keep("pairing code", code := link.partition("#pair=")[2])  # the page holds it as a picture
        phone.pair(code=code)
        self.keep("seed of the Authenticator", base64.b32decode(phone.seed), "page /authenticator/api/pair")
        private = phone.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        self.keep("key of the Authenticator", private)
        woken = self.bell.subscription()
        assert phone.call("subscribe", {"subscription": woken}).json()["woken"]
        for name, secret in (woken["keys"] | {"address": woken["endpoint"]}).items():
            self.keep(f"{name} of the push service", secret, "tables")
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
        self.keep("second session key", self.client.cookies["session"].value, "cookie session")

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

    def look_around(self) -> None:
        for page in ("", "security-info/", "security-info/add/", "my-account/", "my-account/activity/", "user-menu/mfa/", "guide/"):
            self.client.get(f"/{page}")
