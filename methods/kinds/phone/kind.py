"""A telephone number that receives codes as text messages."""

from django.utils.translation import gettext_lazy as _

from accounts.refusals import Refused
from methods.challenges import device_of
from methods.codes import matches
from methods.contract import Label, MethodKind, Way
from methods.delivery import plan_asking
from methods.devices import MethodDevice
from methods.forms import CodeForm
from methods.gateways.base import NeverSent, sms_gateway
from methods.kinds.phone.models import PhoneDevice
from methods.models import Challenge, RegisteredMethod
from methods.phones import may_be_sent_to


class PhoneKind(MethodKind):
    code = "phone"
    verbose_name = _("Phone")
    icon = "phone"
    device_model = PhoneDevice
    setup_url = "methods:phone:setup"
    rank = 70
    limit = 1
    ways = (Way("phone/challenge.html", CodeForm, code="text", sends=True, lifetime_seconds=300),)

    def begin(self, challenge: Challenge) -> None:
        plan_asking(challenge, "text", channel="sms")

    def deliver(self, challenge: Challenge, code: str) -> str:
        device = device_of(challenge)
        if not isinstance(device, PhoneDevice):
            raise NeverSent("device gone")
        if not may_be_sent_to(device.number):
            raise NeverSent("number not allowed")
        return sms_gateway().send_sms(device, code) or ""

    def check(self, device: MethodDevice, challenge: Challenge, answer: str) -> bool:
        return matches(challenge, answer)

    def registered(self, device: MethodDevice) -> None:
        """Only now is it told that a number stands on too many accounts: whoever has read its text may know (R-012, R-078)."""
        if isinstance(device, PhoneDevice) and device.is_on_too_many_accounts():
            raise Refused("number-on-other-accounts")

    def describe(self, method: RegisteredMethod, way: Way | None) -> Label:
        return _("Text a code to %(hint)s") % {"hint": method.hint}
