"""Judging what a device answered: once, under the account's lock, before anything can take a failure back (R-021 to R-029)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from accounts.budgets import CALLER, METHOD_HARD_CAP, VERIFICATION, fail, forgive, is_held
from accounts.budgets import count_failure as count
from accounts.locks import hold
from accounts.models import Account
from accounts.refusals import Refused
from accounts.sessions import Verified
from audit.catalogue import EventName
from audit.record import record
from methods.challenges import Asked, device_of, is_withdrawn, open_challenges
from methods.contract import Way
from methods.models import Challenge, ChallengeState, Ending, Purpose, RegisteredMethod
from methods.notices import tell
from methods.registry import kind
from methods.suspending import suspend
from methods.usable import is_in_force

if TYPE_CHECKING:
    from methods.devices import MethodDevice


class Outcome(StrEnum):
    """How an answer was judged."""

    PASSED = "passed"
    WRONG = "wrong"
    HELD = "held"
    WAITING = "waiting"  # the device has not answered yet
    OVER = "over"  # expired, answered already, or the method is gone
    WITHDRAWN = "withdrawn"  # the institution lets this account verify with such a method no more


@dataclass(frozen=True)
class Question:
    """What a page asks: one device, for one purpose, in one browser."""

    purpose: Purpose
    binding: str
    asked: Asked

    def challenge(self, account: Account) -> Challenge | None:
        """The open challenge that an answer from this page is for."""
        device = f"method__{self.asked.kind.device_model._meta.model_name}"
        mine = open_challenges(account, purpose=self.purpose, binding=self.binding).select_related("method", device)
        return next((one for one in mine if self.asked.is_of(one)), None)


@dataclass(frozen=True)
class Proof:
    """A challenge that was passed just now, and the device that passed it."""

    challenge: Challenge
    device: "MethodDevice"

    def verified(self) -> Verified:
        """What a session keeps of it; Refused when the device is no method yet."""
        if self.challenge.method_id is None:
            raise Refused("method-gone")
        return Verified(self.challenge.kind, self.challenge.method_id, timezone.now(), self.device.persistent_id)


@dataclass(frozen=True)
class Judged:
    """The judgement; `proof` is the positive evidence, and nothing less than it is a pass (R-007)."""

    outcome: Outcome
    held_until: datetime | None = None
    proof: Proof | None = None


def _nothing(account: Account, proof: Proof) -> None:
    """The judgement alone is wanted."""


def answer(account_id: int, text: str, question: Question, *, then: Callable[[Account, Proof], None] = _nothing) -> Judged:
    """Judge an answer under the account's lock; `then` runs in the same transaction when it passed (I1, I2, I3).

    The transaction is the outermost one, so nothing a caller does afterwards takes a failure back (R-024).
    """
    with transaction.atomic(durable=True):
        return judge(account_id, text, question, then=then)


def judge(account_id: int, text: str, question: Question, *, then: Callable[[Account, Proof], None] = _nothing) -> Judged:
    """As `answer`, in a transaction of the caller, who must not take it back."""
    account = hold(account_id)
    challenge = question.challenge(account)
    device = device_of(challenge) if challenge and is_answerable(account, challenge) else None
    if challenge is None or device is None:
        return Judged(_why_unasked(account, challenge))
    if _way(challenge).waits and challenge.approved_at is None:
        return Judged(Outcome.WAITING)
    if is_held(account, timezone.now()) and challenge.purpose != Purpose.CALLER:
        record(EventName.CHALLENGE_HELD, account=account, actor=account, after={"kind": challenge.kind})
        return Judged(Outcome.HELD, account.held_until)
    if not _right(account, challenge, device, text):
        count_failure(account, challenge)
        return Judged(Outcome.WRONG, account.held_until)
    if not _spend(account, challenge):
        return Judged(Outcome.OVER)
    proof = Proof(challenge, device)
    then(account, proof)
    return Judged(Outcome.PASSED, proof=proof)


def _why_unasked(account: Account, challenge: Challenge | None) -> Outcome:
    withdrawn = challenge is not None and is_withdrawn(account, kind(challenge.kind), challenge.purpose)
    return Outcome.WITHDRAWN if withdrawn else Outcome.OVER


def is_answerable(account: Account, challenge: Challenge) -> bool:
    """Whether an answer may still count: lock, removal, suspension and the method policy are looked at again when it comes (R-006)."""
    method_usable = challenge.method is None or is_in_force(challenge.method)
    locked_caller = challenge.purpose == Purpose.CALLER and account.left_at is None  # is verified to have the lock undone
    alive = (account.is_active or locked_caller) and method_usable and challenge.expires_at > timezone.now()
    return alive and not is_withdrawn(account, kind(challenge.kind), challenge.purpose)


def _right(account: Account, challenge: Challenge, device: "MethodDevice", text: str) -> bool:
    if device.user_id != account.pk:
        return False
    if _way(challenge).waits:
        return challenge.approved_at is not None
    answered = kind(challenge.kind).read(_way(challenge), text)
    return bool(answered) and kind(challenge.kind).check(device, challenge, answered) is True


def _way(challenge: Challenge) -> Way:
    return kind(challenge.kind).way(challenge.way)


def count_failure(account: Account, challenge: Challenge) -> None:
    """Count a wrong answer on the account and on the method, under the account's lock (R-021, R-022).

    One on the telephone ends its challenge and counts apart: who calls must not be able to lock somebody out (R-033).
    """
    is_caller = challenge.purpose == Purpose.CALLER
    if _way(challenge).one_try or is_caller:
        still_open = Challenge.objects.filter(pk=challenge.pk, state=ChallengeState.OPEN)
        still_open.update(state=ChallengeState.FAILED, ending=Ending.WRONG, answered_at=timezone.now())
    if is_caller:
        count((CALLER, str(account.pk)))
        record(EventName.CHALLENGE_FAILED, account=account, after={"kind": challenge.kind, "purpose": challenge.purpose})
        return
    now = timezone.now()
    fail(account, VERIFICATION, now)
    account.save(update_fields=["failures", "holds", "held_until"])
    after = {"kind": challenge.kind, "purpose": challenge.purpose, "failures": account.failures}
    record(EventName.CHALLENGE_FAILED, account=account, actor=account, after=after)
    if challenge.method is not None:
        _count_on_method(account, challenge.method)
    if account.held_until:
        tell(account, "verification-held", until=account.held_until.isoformat())


def _count_on_method(account: Account, method: RegisteredMethod) -> None:
    """A method that failed too often in a row is disabled until it is bound anew (R-022); another becomes the default."""
    method.failures += 1
    method.save(update_fields=["failures"])
    if method.failures >= METHOD_HARD_CAP:
        suspend(account, method)
        tell(account, "method-suspended", method=method.name)


def _spend(account: Account, challenge: Challenge) -> bool:
    now = timezone.now()
    mine = Challenge.objects.filter(pk=challenge.pk, state=ChallengeState.OPEN)
    if not mine.update(state=ChallengeState.PASSED, answered_at=now):
        return False
    if challenge.method_id and challenge.purpose == Purpose.CALLER:
        RegisteredMethod.objects.filter(pk=challenge.method_id).update(last_proven_at=now)
    elif challenge.method_id:
        if forgive(account):
            account.save(update_fields=["failures", "holds", "held_until"])
        proved = {"last_proven_at": now, "failures": 0}
        if challenge.purpose == Purpose.SIGN_IN:
            proved["last_signin_at"] = now
        RegisteredMethod.objects.filter(pk=challenge.method_id).update(**proved)
    after = {"kind": challenge.kind, "purpose": challenge.purpose, "method": str(challenge.method_id or "")}
    record(EventName.CHALLENGE_PASSED, account=account, actor=account, after=after)
    return True
