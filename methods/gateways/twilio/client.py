"""Texts and calls through Twilio, with the official client."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from phonenumber_field.phonenumber import PhoneNumber
from twilio.base.exceptions import TwilioException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from urllib3.exceptions import NewConnectionError

from methods.gateways.base import MaybeSent, NeverSent, NotSent, Numbered

# Invalid, not reachable, not permitted, opted out; for calls also: not permitted, blocked, not to be dialled.
BAD_NUMBERS = {21211, 21214, 21217, 21408, 21610, 21612, 21614, 21215, 21216, 13223, 13224, 13225, 13227}
TOO_MANY = 20429
RINGS_SECONDS = 30
PAUSE = "wwww"  # two seconds between the answer of a switchboard and the extension


class _Elsewhere(TwilioHttpClient):  # type: ignore[misc]  # untyped
    """Sends what is meant for Twilio's API to `TWILIO_API_BASE`, for a service that speaks the same."""

    def request(self, method: str, url: str, *args: object, **kwargs: object) -> object:
        parts = urlsplit(url)
        query = f"?{parts.query}" if parts.query else ""
        return super().request(method, settings.TWILIO_API_BASE + parts.path + query, *args, **kwargs)


def _client() -> Client:
    http = (_Elsewhere if settings.TWILIO_API_BASE else TwilioHttpClient)(timeout=settings.TWILIO_TIMEOUT_SECONDS)
    return Client(settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, http_client=http)


def _sender() -> dict[str, str]:
    if settings.TWILIO_MESSAGING_SERVICE_SID:
        return {"messaging_service_sid": settings.TWILIO_MESSAGING_SERVICE_SID}
    return {"from_": settings.TWILIO_CALLER_ID}


def public_address(name: str, token: str) -> str:
    """The address of a callback, as Twilio calls it and signs it: never taken from a request (R-080)."""
    return settings.MFA_PUBLIC_URL.rstrip("/") + reverse(f"twilio:{name}", args=[token])


class TwilioGateway:
    """Says whether a text or call went out, certainly did not, or may have."""

    def send_sms(self, device: Numbered, token: str) -> str:
        """Twilio's id of the message; NotSent, NeverSent or MaybeSent otherwise."""
        return self._text(device, token)

    def send_reported(self, device: Numbered, token: str, report: str) -> str:
        """As `send_sms`; what became of the text is reported by a callback."""
        return self._text(device, token, status_callback=public_address("text", report))

    def _text(self, device: Numbered, token: str, **more: str) -> str:
        facts = {"to": device.number.as_e164, "body": self.body(token)} | _sender() | more
        return _sid(lambda: _client().messages.create(**facts))

    def place_call(self, number: PhoneNumber, token: str) -> str:
        """Twilio's id of the call. Twilio leaves machine detection out where digits are dialled (see `methods.calls`)."""
        facts = {
            "to": number.as_e164,
            "from_": settings.TWILIO_CALLER_ID,
            "url": public_address("answered", token),
            "status_callback": public_address("ended", token),
            "timeout": RINGS_SECONDS,
        }
        extra = {"send_digits": f"{PAUSE}{number.extension}#"} if number.extension else {"machine_detection": "Enable"}
        return _sid(lambda: _client().calls.create(**facts, **extra))

    def body(self, token: str) -> str:
        """The text itself, in the account's language."""
        organisation = settings.MFA_ORGANISATION_NAME_JA if get_language() == "ja" else settings.MFA_ORGANISATION_NAME
        return _("%(code)s is your verification code for %(organisation)s. Never tell it to anybody.") % {
            "code": token,
            "organisation": organisation,
        }


def _sid(create: Callable[[], Any]) -> str:
    try:
        made = create()
    except TwilioException as error:
        raise _failure(error) from None
    except requests.RequestException as error:
        raise _without_answer(error) from None
    except ValueError:  # accepted, in words that are not Twilio's
        raise MaybeSent from None
    if not made.sid:
        raise MaybeSent
    return str(made.sid)


def _failure(error: TwilioException) -> Exception:
    """What an answer other than "accepted" means; without a status the client gave up before it asked."""
    status, code = getattr(error, "status", 400), getattr(error, "code", None)
    if code in BAD_NUMBERS:
        return NeverSent(str(code))
    if 400 <= status < 500 or code == TOO_MANY:
        return NotSent(str(code or status))
    return MaybeSent()


def _without_answer(error: requests.RequestException) -> Exception:
    """Only a connection that was never made says for certain that nothing was sent."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    never_connected = isinstance(error, requests.ConnectTimeout) or isinstance(reason, NewConnectionError)
    return NotSent(type(error).__name__) if never_connected else MaybeSent()
