"""The telephone network as the site sees it: calls placed through the gateway, walked as Twilio walks them, keys pressed by tests."""

import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client
from twilio.request_validator import RequestValidator

FORM = "application/x-www-form-urlencoded"
_numbers = count(1)


def signed_post(address: str, fields: dict[str, str], *, token: str | None = None, signature: str | None = None) -> Any:
    """A callback as Twilio sends it: signed over the whole address and every field."""
    right = RequestValidator(settings.TWILIO_AUTH_TOKEN if token is None else token).compute_signature(address, fields)
    path = address.removeprefix(settings.MFA_PUBLIC_URL)
    assert path.startswith("/hooks/twilio/"), address
    headers = {"X-Twilio-Signature": right if signature is None else signature}
    return Client(enforce_csrf_checks=True).post(path, urlencode(fields), content_type=FORM, headers=headers)


@dataclass
class Line:
    """One call from the first ring to the end; `said` is what was heard, `answers` what the site answered."""

    facts: dict[str, Any]
    sid: str
    said: list[str] = field(default_factory=list)
    answers: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    gather: ET.Element | None = None
    over: bool = False

    @property
    def heard(self) -> str:
        return " ".join(self.said)

    def fields(self, **more: str) -> dict[str, str]:
        """What Twilio sends with every callback of this call."""
        known = {"AccountSid": settings.TWILIO_ACCOUNT_SID, "CallSid": self.sid, "To": self.facts["to"], "From": self.facts["from_"]}
        return known | {"Direction": "outbound-api", "ApiVersion": "2010-04-01", "CallStatus": "in-progress"} | more

    def answer(self, by: str | None = "human") -> "Line":
        """Somebody answers; what they are told, to the end of the question."""
        self.post(self.facts["url"], self.fields(**({"AnsweredBy": by} if by else {})))
        return self

    def press(self, keys: str) -> "Line":
        """Keys at any moment; like Twilio, those that nobody listens to are lost."""
        if self.gather is None:
            return self
        gather, self.gather = self.gather, None
        assert gather.get("finishOnKey") == "", "# is an answer and ends nothing"
        self.post(gather.get("action", ""), self.fields(Digits=keys[: int(gather.get("numDigits", "99"))]))
        return self

    def stay_silent(self) -> "Line":
        """Until the site stops listening."""
        assert self.gather is not None
        assert self.gather.get("actionOnEmptyResult") == "true"
        return self.press("")

    def hang_up(self, status: str = "completed") -> Any:
        """The call ends: as `status` says, also without an answer."""
        self.over, self.gather = True, None
        return self._send(self.facts["status_callback"], self.fields(CallStatus=status))

    def post(self, address: str, fields: dict[str, str]) -> None:
        answer = self._send(address, fields)
        assert answer.status_code == 200, answer.content
        assert answer["Content-Type"].startswith("text/xml")
        for verb in ET.fromstring(answer.content):  # noqa: S314  our own markup
            if verb.tag == "Say":
                self.said.append(verb.text or "")
            elif verb.tag == "Redirect":
                return self.post(verb.text or "", self.fields())
            elif verb.tag == "Gather":
                self.gather = verb
                return None
            elif verb.tag == "Hangup":
                self.hang_up()
        return None

    def replay(self, number: int) -> Any:
        """The callback of that number once more, word for word."""
        address, fields, _ = self.answers[number]
        return signed_post(address, fields)

    def _send(self, address: str, fields: dict[str, str]) -> Any:
        answer = signed_post(address, fields)
        self.answers.append((address, fields, answer))
        return answer


class Exchange:
    """In place of Twilio's client: takes texts and calls; `trouble` is raised instead."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.texts: list[dict[str, Any]] = []
        self.trouble: Exception | None = None
        self.calls = _Resource(self._call)
        self.messages = _Resource(self._text)

    @property
    def line(self) -> Line:
        """The newest call."""
        return self.lines[-1]

    def _call(self, facts: dict[str, Any]) -> Line:
        self._fail()
        self.lines.append(Line(facts, f"CA{next(_numbers):032x}"))
        return self.lines[-1]

    def _text(self, facts: dict[str, Any]) -> Any:
        self._fail()
        self.texts.append(facts | {"sid": f"SM{next(_numbers):032x}"})
        return Sent(self.texts[-1]["sid"])

    def _fail(self) -> None:
        if self.trouble is not None:
            raise self.trouble

    def connect(self, patch: pytest.MonkeyPatch) -> "Exchange":
        patch.setattr("methods.gateways.twilio.client._client", lambda: self)
        return self


@dataclass(frozen=True)
class Sent:
    sid: str


class _Resource:
    def __init__(self, take: Any) -> None:
        self.take = take

    def create(self, **facts: Any) -> Any:
        return self.take(facts)
