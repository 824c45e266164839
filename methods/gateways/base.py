"""What carries a text or a call. A gateway is one class with django-two-factor-auth's `send_sms(device, token)`, and `place_call`."""

from typing import Protocol, runtime_checkable

from django.conf import settings
from django.utils.module_loading import import_string
from phonenumber_field.phonenumber import PhoneNumber


class NotSent(Exception):
    """Certainly not sent; trying again later may help. `code` is the provider's, for the help desk."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NeverSent(NotSent):
    """Certainly not sent, and trying again will not help."""


class MaybeSent(Exception):
    """No answer came: the message may be on its way, so it must not be repeated unasked."""


class Numbered(Protocol):
    """A device with a telephone number, as django-two-factor-auth's gateways expect."""

    @property
    def number(self) -> PhoneNumber: ...


class Sms(Protocol):
    """The text side of a gateway; a third-party one may return nothing."""

    def send_sms(self, device: Numbered, token: str) -> str | None: ...


@runtime_checkable
class ReportingSms(Protocol):
    """A text side that also asks the provider to report what became of a text, by an address with the token `report`."""

    def send_reported(self, device: Numbered, token: str, report: str) -> str: ...


class Voice(Protocol):
    """The call side of a gateway. `methods.calls` says what is asked; the gateway's own callbacks carry it to and fro.

    `token` names the call in those callbacks. With an extension the gateway dials it once the line is open, and cannot tell machines.
    """

    def place_call(self, number: PhoneNumber, token: str) -> str: ...


def sms_gateway() -> Sms:
    """The configured gateway for texts (setting TWO_FACTOR_SMS_GATEWAY)."""
    gateway: Sms = import_string(settings.TWO_FACTOR_SMS_GATEWAY)()
    return gateway


def voice_gateway() -> Voice:
    """The configured gateway for calls (setting TWO_FACTOR_CALL_GATEWAY)."""
    gateway: Voice = import_string(settings.TWO_FACTOR_CALL_GATEWAY)()
    return gateway
