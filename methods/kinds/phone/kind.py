"""Telephone numbers that receive codes as text messages, or calls that are approved by a key: one number per slot (S-12)."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from accounts.refusals import Refused
from accounts.roles import powers
from audit.context import Where, circumstances
from methods import calls, spending, unknown_requests
from methods.allowance import allowance_of
from methods.challenges import device_of
from methods.codes import matches
from methods.contract import Label, MethodKind, Way
from methods.delivery import plan_asking
from methods.devices import MethodDevice
from methods.fatigue import Patience
from methods.forms import CodeForm
from methods.gateways.base import NeverSent, ReportingSms, sms_gateway
from methods.kinds.phone.models import PhoneDevice, Slot
from methods.models import Challenge, Message, MessageState, Purpose, RegisteredMethod
from methods.phones import country_of, may_be_sent_to
from methods.tokens import new_token

TEXT = Way("phone/challenge.html", CodeForm, code="text", icon="message", sends=True, lifetime_seconds=300)
CALL = Way(
    "phone/calling.html",
    forms.Form,
    code="call",
    icon="call",
    again=_("Call again"),
    nothing_came=_("No call after half a minute?"),
    trouble=_("The call could not be made. Call again, or use a different verification option."),
    wrong=_("The digits did not match, so nothing was approved. Call again and key in the new ones."),
    approved=_("The call was confirmed."),
    sends=True,
    waits=True,
    one_try=True,
    lifetime_seconds=180,
)
PATIENCE = Patience("phone", Q(way="call") & ~Q(messages__state=MessageState.FAILED), refusal="calls-held", notice="calls-held")


class PhoneKind(MethodKind):
    """The phone that is usually at hand: texts or calls (S-59)."""

    code: ClassVar[str] = Slot.PHONE.value
    verbose_name: ClassVar[Label] = _("Phone")
    icon = "phone"
    device_model = PhoneDevice
    setup_url: ClassVar[str] = "methods:phone:setup"
    rank = 70
    carrier: ClassVar[str] = "smartphone"
    proves_callers: ClassVar[Mapping[str, str]] = {"call": "call-back"}
    by_telephone = True
    limit = 1
    ways: ClassVar[tuple[Way, ...]] = (TEXT, CALL)
    call_words: ClassVar[Label] = _("Call %(hint)s")

    def objection(self, account: Account) -> str:
        """People with a role here register something stronger (R-070)."""
        return "phone-of-staff" if powers(account).rank > 0 else ""

    def refuse(self, account: Account, way: Way, purpose: Purpose) -> None:
        if way is CALL:
            PATIENCE.refuse(account, purpose)

    def home_of(self, method: RegisteredMethod) -> str:
        device = PhoneDevice.objects.filter(method=method).first()
        return country_of(device.number) if device else ""

    def begin(self, challenge: Challenge) -> None:
        if self.way(challenge.way) is CALL:
            plan_asking(challenge, "call", channel="call")
        else:
            plan_asking(challenge, "text", channel="sms")

    def deliver(self, challenge: Challenge, code: str) -> str:
        """Nothing goes to a number that may not be reached any more, nor after sending was stopped (R-076, R-077)."""
        device = device_of(challenge)
        if not isinstance(device, PhoneDevice):
            raise NeverSent("device gone")
        if not may_be_sent_to(device.number, allowance_of(challenge.account)):
            raise NeverSent("number not allowed")
        if self.way(challenge.way) is CALL and unknown_requests.is_held(challenge.account):
            raise NeverSent("reported as unknown")
        _count(challenge, device)
        token = new_token()
        facts = {"address": device.destination, "country": country_of(device.number), "report_digest": token.digest}
        Message.objects.filter(challenge=challenge).update(**facts)
        if self.way(challenge.way) is CALL:
            return calls.place(challenge, device.number)
        gateway = sms_gateway()
        if isinstance(gateway, ReportingSms):
            return gateway.send_reported(device, code, token.text)
        return gateway.send_sms(device, code) or ""

    def check(self, device: MethodDevice, challenge: Challenge, answer: str) -> bool:
        return matches(challenge, answer)

    def facts(self, challenge: Challenge) -> dict[str, Any]:
        """For a call, the digits to key in where they are asked for."""
        if self.way(challenge.way) is not CALL:
            return {}
        device = device_of(challenge)
        asked = (isinstance(device, PhoneDevice) and device.number.extension) or calls.wants_digits(challenge)
        return {"digits": calls.digits(challenge) if asked else ""}

    def note(self, challenge: Challenge) -> Label:
        """How far the call has come. Who could not be told from a machine is asked for the digits, whatever the page said before."""
        asks_digits = getattr(challenge, "call_asks_digits", None)  # of `methods.waiting.watched`; None while nobody has answered
        if asks_digits is None:
            return ""
        if asks_digits:
            return _("You answered the call. Key in %(digits)s, and then the pound key (#).") % {"digits": calls.digits(challenge)}
        return _("You answered the call. Press the pound key (#).")

    def registered(self, device: MethodDevice) -> None:
        """Only now is it told that a number stands on too many accounts: whoever has read its text may know (R-012, R-078)."""
        if not isinstance(device, PhoneDevice):
            return
        if device.is_in_another_slot(device.user):
            raise Refused("number-of-another-slot")
        if device.is_on_too_many_accounts():
            raise Refused("number-on-other-accounts")

    def describe(self, method: RegisteredMethod, way: Way | None) -> Label:
        words = self.call_words if way is CALL else _("Text a code to %(hint)s")
        return words % {"hint": method.hint}

    def get_devices(self, user: Any) -> Any:
        return super().get_devices(user).filter(slot=self.code)

    def recognize_device(self, device: Any) -> bool:
        return isinstance(device, PhoneDevice) and device.slot == self.code


def _count(challenge: Challenge, device: PhoneDevice) -> None:
    """At the first try count it, for the network that asked; at the others see whether sending was stopped meanwhile (R-077)."""
    if Message.objects.filter(challenge=challenge, attempts__gt=1).exists():
        if spending.is_stopped(device.number):
            raise NeverSent("sending stopped")
        return
    with circumstances(Where(address=challenge.address or "")):
        spending.charge(device.number)


class AlternatePhoneKind(PhoneKind):
    """A phone that stands in, such as the one at home: calls alone (S-60)."""

    code = Slot.ALTERNATE.value
    verbose_name = _("Alternate Phone")
    icon = "landline"
    setup_url = "methods:phone:setup-alternate"
    rank = 71
    carrier = "own"
    ways = (CALL,)
    call_words = _("Call the alternate phone %(hint)s")

    def is_offered(self, *, first: bool) -> bool:
        """A number that is registered first is the Phone (S-58)."""
        return not first


class OfficePhoneKind(AlternatePhoneKind):
    """A phone at work, perhaps behind a switchboard: calls alone (S-61, S-62)."""

    code = Slot.OFFICE.value
    verbose_name = _("Office Phone")
    icon = "office"
    setup_url = "methods:phone:setup-office"
    rank = 72
    call_words = _("Call the office phone %(hint)s")
