"""Calls that ask: a worker places one, whoever answers hears the question, and one key approves (R-073, R-074).

Each step is taken by one conditional update that only goes on, so that a callback that comes twice changes nothing (R-082).
What was keyed is judged by `methods.hearing`, under the account's lock.
"""

from enum import StrEnum

from django.utils import timezone
from django.utils.crypto import salted_hmac
from phonenumber_field.phonenumber import PhoneNumber

from accounts.roles import powers
from methods.allowance import allowance_of
from methods.devices import MethodDevice
from methods.gateways.base import NotSent, voice_gateway
from methods.hearing import Said, hear
from methods.models import Call, CallState, Challenge, ChallengeState, Message, Purpose
from methods.tokens import digest_of, new_token

POUND, ZERO = "#", "0"
REPORT = ZERO + POUND
DIGITS = 2
PATIENCE, PATIENCE_BEHIND_SWITCHBOARD = 2, 5  # there the question is asked while the extension still rings


class Answerer(StrEnum):
    """Who answered, as far as the provider can tell."""

    HUMAN = "human"
    MACHINE = "machine"
    UNKNOWN = "unknown"


class Then(StrEnum):
    """What the call goes on with."""

    ASK = "ask"
    LISTEN = "listen"
    CONFIRM_REPORT = "confirm-report"
    HANG_UP = "hang-up"
    APPROVED = "approved"
    WRONG = "wrong"
    DECLINED = "declined"
    REPORTED = "reported"
    OVER = "over"


SPOKEN = {
    Said.YES: Then.APPROVED,
    Said.WRONG: Then.WRONG,
    Said.NO: Then.DECLINED,
    Said.REPORT: Then.REPORTED,
    Said.MACHINE: Then.HANG_UP,
    Said.NOTHING: Then.DECLINED,
}


def wants_digits(challenge: Challenge) -> bool:
    """Whether the call asks for the digits on the screen: by the policy, and always for people with a role here (R-073).

    Who calls the help desk has no screen: staff say the digits.
    """
    return challenge.purpose == Purpose.CALLER or allowance_of(challenge.account).call_digits or powers(challenge.account).rank > 0


def digits(challenge: Challenge) -> str:
    """The two digits that its page shows; derived, never stored or sent."""
    return f"{int(salted_hmac('call digits', str(challenge.pk), algorithm='sha256').hexdigest(), 16) % 10**DIGITS:0{DIGITS}}"


def place(challenge: Challenge, number: PhoneNumber) -> str:
    """Ring `number`; returns the provider's name of the call, or raises as gateways do.

    A machine cannot be told behind a switchboard, so there the digits are always asked for.
    """
    token = new_token()
    call = Call.objects.create(
        challenge=challenge,
        token_digest=token.digest,
        number=number.as_e164,
        asks_digits=bool(number.extension) or wants_digits(challenge),
        patience=PATIENCE_BEHIND_SWITCHBOARD if number.extension else PATIENCE,
    )
    try:
        sid = voice_gateway().place_call(number, token.text)
    except NotSent:
        _go_on(call, CallState.OVER)
        raise
    Call.objects.filter(pk=call.pk, sid="").update(sid=sid)
    return sid


def called(token: str) -> Call | None:
    """The call with this token."""
    return Call.objects.select_related("challenge__account").filter(token_digest=digest_of(token)).first()


def is_the_one(call: Call, *, sid: str, number: str) -> bool:
    """Whether a callback speaks of this very call (R-083).

    Where the provider's answer was lost, the first callback that knows our token and is signed tells the call's name.
    """
    if not sid or number != call.number:
        return False
    if not call.sid and Call.objects.filter(pk=call.pk, sid="").update(sid=sid):
        call.sid = sid
    elif not call.sid:
        call.refresh_from_db(fields=["sid"])
    return call.sid == sid


def answered(call: Call, by: Answerer) -> Then:
    """Somebody or something answered. Who cannot be told from a machine has to key the digits on the screen."""
    if call.state != CallState.PLACED:
        return Then.ASK if call.state == CallState.GREETED else Then.OVER
    if by is Answerer.MACHINE:
        return _conclude(call, Said.MACHINE)
    asks_digits = call.asks_digits or by is not Answerer.HUMAN
    if not _is_wanted(call) or not _go_on(call, CallState.GREETED, asks_digits=asks_digits, answered_at=timezone.now()):
        return Then.OVER
    return Then.ASK


def listening(call: Call) -> Then:
    """The question has been asked to its end: only from now on do keys count (R-074)."""
    if call.state == CallState.LISTENING or (call.state == CallState.GREETED and _go_on(call, CallState.LISTENING)):
        return Then.LISTEN
    return Then.OVER


def pressed(call: Call, keys: str) -> Then:
    """What was keyed after the question, if anything."""
    if call.state == CallState.REPORTING:
        return _conclude(call, Said.REPORT if keys == POUND else Said.NO)
    if call.state != CallState.LISTENING:
        return Then.OVER
    if not keys or (call.asks_digits and len(keys) <= DIGITS and keys != REPORT):
        return _ask_again(call)
    if call.asks_digits:
        return _conclude(call, _judged(call, keys))
    if keys == ZERO:
        return Then.CONFIRM_REPORT if _go_on(call, CallState.REPORTING) else Then.OVER
    return _conclude(call, Said.YES if keys == POUND else Said.NO)


def ended(call: Call, result: str) -> None:
    """The call is over, whatever came of it; that alone approves nothing (R-086)."""
    asking = Message.objects.filter(challenge=call.challenge, channel="call", report="")
    asking.update(provider_id=call.sid, report=result[:16], reported_at=timezone.now())
    _conclude(call, Said.NOTHING)


def _judged(call: Call, keys: str) -> Said:
    if keys.startswith(REPORT):
        return Said.REPORT
    return Said.YES if keys == digits(call.challenge) + POUND else Said.WRONG


def _ask_again(call: Call) -> Then:
    if call.patience > 1 and _go_on(call, CallState.GREETED, patience=call.patience - 1):
        return Then.ASK
    return _conclude(call, Said.NOTHING)


class _Faster(Exception):
    """Another callback went on with the call."""


def _conclude(call: Call, said: Said) -> Then:
    """The last step; the challenge hears of it once, in the transaction that ends the call, so that nothing that was keyed is lost between."""

    def listen(_challenge: Challenge, _device: MethodDevice) -> Said:
        if not _go_on(call, CallState.OVER, ended_at=timezone.now()):
            raise _Faster
        return said

    if call.state == CallState.OVER:
        return Then.OVER
    try:
        heard = hear(call.challenge_id, listen)
    except _Faster:
        return Then.OVER
    if heard is None:
        _go_on(call, CallState.OVER, ended_at=timezone.now())
        return Then.OVER
    return SPOKEN.get(heard, Then.OVER)


def _go_on(call: Call, state: CallState, **facts: object) -> bool:
    """From the state it is known in to `state`; False when another callback was first."""
    if call.state == CallState.OVER:
        return False
    moved = Call.objects.filter(pk=call.pk, state=call.state, patience=call.patience).update(state=state, **facts)
    if moved:
        call.state = state
        for name, value in facts.items():
            setattr(call, name, value)
    return bool(moved)


def _is_wanted(call: Call) -> bool:
    """Nobody is asked what no longer matters; `hear` looks again when there is an answer."""
    challenge = call.challenge
    return challenge.state == ChallengeState.OPEN and challenge.expires_at > timezone.now()
