"""What a call says, as Twilio's markup, in the language that is active."""

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from twilio.twiml.voice_response import Gather, VoiceResponse

from methods.calls import DIGITS, Then
from methods.gateways.twilio.client import public_address
from methods.models import Call, Purpose

VOICES = {"ja": ("ja-JP", "Polly.Mizuki"), "en": ("en-US", "Polly.Joanna")}
LISTENS_SECONDS = 10


def markup(call: Call, token: str, then: Then) -> str:
    """The markup with which the call goes on."""
    response = VoiceResponse()
    if then is Then.ASK:
        _say(response, _question(call))
        response.redirect(public_address("listen", token), method="POST")
    elif then is Then.LISTEN:
        response.append(_gather(token, keys=DIGITS + 1 if call.asks_digits else 1))
    elif then is Then.CONFIRM_REPORT:
        _say(response, _("To report this as not yours, press the pound key."))
        response.append(_gather(token, keys=1))
    else:
        if then is not Then.HANG_UP:
            _say(response, _farewell(then))
        response.hangup()
    return str(response)


def _gather(token: str, *, keys: int) -> Gather:
    """Without a question inside, so that no key counts before the question ended (R-074); silence is reported, too.

    # ends nothing: it is the answer.
    """
    return Gather(
        input="dtmf",
        num_digits=keys,
        finish_on_key="",
        timeout=LISTENS_SECONDS,
        action=public_address("keys", token),
        method="POST",
        action_on_empty_result=True,
    )


def _say(response: VoiceResponse, text: str) -> None:
    language, voice = VOICES["ja" if get_language() == "ja" else "en"]
    response.say(text, language=language, voice=voice)


def _question(call: Call) -> str:
    japanese = get_language() == "ja"
    organisation = settings.MFA_ORGANISATION_NAME_JA if japanese else settings.MFA_ORGANISATION_NAME
    return " ".join([_("This is %(organisation)s.") % {"organisation": organisation}, _why(call), _what_to_press(call)])


def _why(call: Call) -> str:
    if call.challenge.purpose == Purpose.REGISTER:
        return _("This phone is being registered to verify the identity of an account holder.")
    if call.challenge.purpose == Purpose.CALLER:
        return _("Somebody on the telephone with the support desk says that they are you.")
    return _("Somebody is signing in with your account, or changing it, and has to verify that it is you.")


def _what_to_press(call: Call) -> str:
    if call.challenge.purpose == Purpose.CALLER:
        return _(
            "If you called the support desk yourself, key in the two digits that they tell you, and then the pound key. If you did not, press 0, and then the pound key."
        )
    if call.asks_digits:
        return _(
            "If it is you, key in the two digits that you see on the screen, and then press the pound key. If it is not, press 0, and then the pound key."
        )
    return _("If it is you, press the pound key. If it is not, press 0, and then the pound key.")


def _farewell(then: Then) -> str:
    return {
        Then.APPROVED: _("Thank you. You are verified. Please hang up."),
        Then.WRONG: _("These are not the digits on the screen, so nothing was approved. Goodbye."),
        Then.DECLINED: _("Nothing was approved. Goodbye."),
        Then.REPORTED: _("Thank you for telling us. Nothing was approved. Please change your password. Goodbye."),
    }.get(then, _("There is nothing left to verify. Goodbye."))
