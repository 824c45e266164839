"""A phone with the Authenticator, in Python: real P-256 keys and signatures, the calls that the app makes."""

import base64
import hashlib
import json
import re
import time
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.test import Client

from accounts.models import Account
from methods.kinds.push.models import PushDevice
from methods.kinds.push.signatures import kept
from methods.models import RegisteredMethod
from tests.factories import KEY, a_method, app_code
from vault.fields import seal

ANDROID = "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/150.0 Mobile Safari/537.36"


def text_of(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _new_key() -> EllipticCurvePrivateKey:
    return generate_private_key(SECP256R1())


@dataclass
class Phone:
    """One installation of the app with one account."""

    key: EllipticCurvePrivateKey = field(default_factory=_new_key)
    device: str = ""
    seed: str = ""
    client: Client = field(default_factory=lambda: Client(enforce_csrf_checks=True, HTTP_USER_AGENT=ANDROID))

    @property
    def point(self) -> str:
        return text_of(self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))

    def sign(self, text: bytes) -> str:
        r, s = decode_dss_signature(self.key.sign(text, ECDSA(hashes.SHA256())))
        return text_of(r.to_bytes(32, "big") + s.to_bytes(32, "big"))

    def headers(self, path: str, body: str, *, at: int | None = None, origin: str = "", device: str | None = None) -> dict[str, str]:
        """What the app signs: version, origin, path, device, time, digest of the body."""
        who, moment = self.device if device is None else device, str(int(time.time()) if at is None else at)
        lines = ["authenticator-1", origin or settings.MFA_PUBLIC_URL, path, who, moment, hashlib.sha256(body.encode()).hexdigest()]
        signature = self.sign("\n".join(lines).encode())
        return {"X-Authenticator-Device": who, "X-Authenticator-Time": moment, "X-Authenticator-Signature": signature}

    def send(self, name: str, body: str, headers: dict[str, str]) -> Any:
        return self.client.post(f"/authenticator/api/{name}", body, content_type="application/json", headers=headers)

    def call(self, name: str, said: Any, **how: Any) -> Any:
        body = json.dumps(said)
        return self.send(name, body, self.headers(f"/authenticator/api/{name}", body, **how))

    def pair(self, **asked: str) -> Any:
        """`code=` of a link, or `code=` and `account=` as typed."""
        answer = self.call("pair", asked | {"key": self.point}, device="")
        if answer.status_code == 200:
            self.device, self.seed = answer.json()["device"], answer.json()["seed"]
        return answer

    def requests(self) -> list[dict[str, Any]]:
        """What waits for an answer."""
        found: list[dict[str, Any]] = self.call("requests", {}).json()["requests"]
        return found

    def yes(self, number: str, request: str = "") -> str:
        """“Yes” with this number to the newest request; how the site took it."""
        return self._answer({"decision": "yes", "number": number}, request)

    def no(self, request: str = "") -> str:
        """“No, it's not me”."""
        return self._answer({"decision": "report"}, request)

    def _answer(self, said: dict[str, str], request: str) -> str:
        answer = self.call("answer", {"request": request or self.requests()[0]["request"], **said})
        assert answer.status_code == 200, answer.content
        return str(answer.json()["outcome"])

    def code(self, *, steps_ahead: int = 0) -> str:
        return app_code(self.seed, steps_ahead=steps_ahead)


def number_on(page: Any) -> str:
    """The number that a page shows."""
    return re.search(r'big-number-digits">(\d+)<', page.content.decode())[1]


def wrong_number(number: str) -> str:
    return f"{(int(number) + 1) % 10 ** len(number):0{len(number)}}"


def a_push_device(account: Account, phone: Phone, **fields: Any) -> PushDevice:
    """A device that this phone has taken, unsaved."""
    device = PushDevice(user=account, key=kept(phone.key.public_key()), **fields)
    seal(device, "seed", KEY)
    phone.device, phone.seed = str(device.uid), base64.b32encode(KEY).decode()
    return device


def a_push_app(account: Account, phone: Phone, *, name: str = "Authenticator", way: str = "approve", **fields: Any) -> RegisteredMethod:
    """A registered Authenticator on this phone."""
    method = a_method(account, "push", name=name, way=way)
    device = a_push_device(account, phone, method=method, confirmed=True, **fields)
    device.save()
    return method
