"""What a contract test has to know of a kind that the kind itself cannot tell it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail

from accounts.models import Account
from methods.contract import MethodKind
from methods.devices import MethodDevice
from methods.hearing import Said, hear
from methods.kinds.access_pass.models import AccessPassDevice
from methods.kinds.app_password.models import AppPasswordDevice
from methods.kinds.email.models import EmailDevice
from methods.kinds.fido.models import FidoDevice
from methods.kinds.phone.models import PhoneDevice
from methods.kinds.push.models import PushDevice
from methods.kinds.totp.models import TotpDevice
from methods.kinds.totp.seed import new_device
from methods.models import Challenge, Purpose
from methods.registry import kinds
from policies.models import ConnectedSystem
from tests.factories import app_code
from tests.methods.people import Handset, send_all
from tests.methods.push_phone import Phone, a_push_device
from tests.methods.security_key import SoftKey
from vault.fields import unseal

BINDING = "session:contract"


def having(is_so: Callable[[MethodKind], bool]) -> pytest.MarkDecorator:
    """For the kinds of which this is so."""
    return pytest.mark.parametrize("known", [known.code for known in kinds() if is_so(known)], indirect=True)


of_asked = having(lambda known: bool(known.ways) and known.is_offered(first=False))
of_asked_at_sign_in = having(lambda known: known.for_sign_in and known.is_offered(first=False))


def an_app_password(account: Account) -> AppPasswordDevice:
    """One for an account that uses MFA, while some system takes it."""
    Account.objects.filter(pk=account.pk).update(methods_needed=True)
    ConnectedSystem.objects.update(takes_app_passwords=True)
    return AppPasswordDevice(digest="of nothing")


class Knows:
    """How a test makes a device of a kind, and what its right answer is."""

    def __init__(self, handset: Handset) -> None:
        self.handset = handset
        self.key = SoftKey()

    def device(self, account: Account, code: str) -> MethodDevice:
        return DEVICES[code](self, account)

    def right_answer(self, device: MethodDevice, challenge: Challenge) -> str:
        """What the browser sends for a device that does not answer by itself."""
        return ANSWERS[type(device)](self, device, challenge)

    def wrong_answer(self, device: MethodDevice, challenge: Challenge) -> str:
        """An answer of the right shape that is not right."""
        if isinstance(device, FidoDevice):
            other = Challenge(account=challenge.account, kind=challenge.kind, purpose=challenge.purpose)
            return self.right_answer(device, other)
        return f"{(int(self.right_answer(device, challenge)) + 1) % 10**6:06d}"


def yes(knows: Knows, device: MethodDevice, challenge: Challenge) -> str:
    """The right answer as the browser gives it; a device that answers by itself has done so."""
    if device.kind().way(challenge.way).waits:
        assert hear(challenge.pk, lambda *_: Said.YES) is Said.YES
        return ""
    return knows.right_answer(device, challenge)


def _by_time(knows: Knows, device: Any, challenge: Challenge) -> str:
    return app_code(unseal(device, "seed"))


def _texted(knows: Knows, device: Any, challenge: Challenge) -> str:
    send_all()
    return knows.handset.code


def _mailed(knows: Knows, device: Any, challenge: Challenge) -> str:
    send_all()
    return next(word for word in mail.outbox[-1].subject.split() if word.isdecimal())


def _signed(knows: Knows, device: Any, challenge: Challenge) -> str:
    ceremony = knows.key.create if challenge.purpose == Purpose.REGISTER else knows.key.get
    return ceremony(json.loads(device.kind().facts(challenge)["key"]["options"]))


DEVICES: dict[str, Callable[[Knows, Account], MethodDevice]] = {
    "push": lambda knows, account: a_push_device(account, Phone()),
    "totp": lambda knows, account: new_device(account),
    "phone": lambda knows, account: PhoneDevice(number="+819012345678"),
    "alternate-phone": lambda knows, account: PhoneDevice(number="+819012345678", slot="alternate-phone", way="call"),
    "office-phone": lambda knows, account: PhoneDevice(number="tel:+81-3-5842-2000;ext=42", slot="office-phone", way="call"),
    "email": lambda knows, account: EmailDevice(address="hana@mail.example.org"),
    "fido": lambda knows, account: FidoDevice(credential_id=knows.key.credential_id, public_key=knows.key.cose),
    "app-password": lambda knows, account: an_app_password(account),
    "access-pass": lambda knows, account: AccessPassDevice(digest="of nothing"),
}
ANSWERS: dict[type[MethodDevice], Callable[[Knows, Any, Challenge], str]] = {
    PushDevice: _by_time,
    TotpDevice: _by_time,
    PhoneDevice: _texted,
    EmailDevice: _mailed,
    FidoDevice: _signed,
}
