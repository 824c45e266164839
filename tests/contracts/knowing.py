"""What a contract test has to know of a kind that the kind itself cannot tell it."""

import json
from typing import Any

from django.core import mail

from accounts.models import Account
from methods.devices import MethodDevice
from methods.kinds.access_pass.models import AccessPassDevice
from methods.kinds.app_password.models import AppPasswordDevice
from methods.kinds.email.models import EmailDevice
from methods.kinds.fido.models import FidoDevice
from methods.kinds.phone.models import PhoneDevice
from methods.kinds.push.models import PushDevice
from methods.kinds.totp.models import TotpDevice
from methods.kinds.totp.seed import new_device
from methods.models import Challenge
from policies.models import ConnectedSystem
from tests.factories import app_code
from tests.methods.people import Handset, send_all
from tests.methods.push_phone import Phone, a_push_device
from tests.methods.security_key import SoftKey
from vault.fields import unseal


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
        made: dict[str, Any] = {
            "push": lambda: a_push_device(account, Phone()),
            "totp": lambda: new_device(account),
            "phone": lambda: PhoneDevice(number="+819012345678"),
            "alternate-phone": lambda: PhoneDevice(number="+819012345678", slot=code, way="call"),
            "office-phone": lambda: PhoneDevice(number="tel:+81-3-5842-2000;ext=42", slot=code, way="call"),
            "email": lambda: EmailDevice(address="hana@mail.example.org"),
            "fido": lambda: FidoDevice(credential_id=self.key.credential_id, public_key=self.key.cose),
            "app-password": lambda: an_app_password(account),
            "access-pass": lambda: AccessPassDevice(digest="of nothing"),
        }
        return made[code]()

    def right_answer(self, device: MethodDevice, challenge: Challenge) -> str:
        """What the browser sends for a device that does not answer by itself."""
        if isinstance(device, TotpDevice | PushDevice):
            return app_code(unseal(device, "seed"))
        if isinstance(device, FidoDevice):
            return self.key.create(json.loads(device.kind().facts(challenge)["key"]["options"]))
        send_all()
        if isinstance(device, PhoneDevice):
            return self.handset.code
        return next(word for word in mail.outbox[-1].subject.split() if word.isdecimal())

    def wrong_answer(self, device: MethodDevice, challenge: Challenge) -> str:
        """An answer of the right shape that is not right."""
        if isinstance(device, FidoDevice):
            other = Challenge(account=challenge.account, kind=challenge.kind, purpose=challenge.purpose)
            return self.right_answer(device, other)
        return f"{(int(self.right_answer(device, challenge)) + 1) % 10**6:06d}"
