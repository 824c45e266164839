"""Asking a device, and judging the answer: once, for one purpose, in the browser it was asked in (R-006 to R-008)."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.utils import timezone

from accounts.budgets import METHOD_HARD_CAP, VERIFICATION, fail, forgive, is_held
from accounts.locks import hold
from accounts.models import Account
from accounts.refusals import Refused
from audit.catalogue import EventName
from audit.record import record
from methods.codes import normalised
from methods.devices import MethodDevice
from methods.models import Challenge, ChallengeState, MethodState, Purpose, RegisteredMethod
from methods.registry import kind

RESEND_AFTER = timedelta(seconds=30)


class Outcome(StrEnum):
    """How an answer was judged."""

    PASSED = "passed"
    WRONG = "wrong"
    HELD = "held"
    OVER = "over"  # expired, answered already, or the method is gone


@dataclass(frozen=True)
class Judged:
    """The judgement, and what it was about."""

    outcome: Outcome
    challenge: Challenge | None = None
    held_until: datetime | None = None

    @property
    def passed(self) -> bool:
        """Positive evidence, nothing less (R-007)."""
        return self.outcome is Outcome.PASSED


@transaction.atomic
def ask(
    account: Account, device: MethodDevice, *, purpose: Purpose, binding: str, way: str = "", again: bool = False
) -> Challenge:
    """The open challenge of this browser for `device`, or a new one; closes what was open for others.

    Kinds that send something send once per challenge; `again` sends anew, half a minute after the last at the earliest.
    Refused when the account or the method is held.
    """
    account = hold(account.pk)
    _refuse_if_held(account, device.method)
    mine = Challenge.objects.filter(account=account, binding=binding, purpose=purpose, state=ChallengeState.OPEN)
    now = timezone.now()
    current = next((one for one in mine if _same(one, device, way) and one.expires_at > now), None)
    if current and not (again and kind(current.kind).sends and current.issued_at + RESEND_AFTER <= now):
        return current
    mine.update(state=ChallengeState.CLOSED)
    return _issue(account, device, purpose=purpose, binding=binding, way=way)


def _refuse_if_held(account: Account, method: RegisteredMethod | None) -> None:
    now = timezone.now()
    if is_held(account, now) or (method is not None and is_held(method, now)):
        raise Refused("verification-held")


def _same(challenge: Challenge, device: MethodDevice, way: str) -> bool:
    return (challenge.device_id, kind(challenge.kind).device_model, challenge.way) == (device.pk, type(device), way)


def _issue(account: Account, device: MethodDevice, *, purpose: Purpose, binding: str, way: str) -> Challenge:
    asked = device.kind()
    challenge = Challenge.objects.create(
        account=account,
        method=device.method,
        kind=asked.code,
        device_id=device.pk,
        purpose=purpose,
        way=way,
        binding=binding,
        expires_at=timezone.now() + timedelta(seconds=asked.lifetime_seconds),
    )
    if asked.sends:
        asked.begin(device, challenge)
        after = {"kind": asked.code, "purpose": purpose.value, "way": way}
        record(EventName.CHALLENGE_ISSUED, account=account, actor=account, after=after)
    return challenge


def answer(
    account_id: int,
    challenge_id: uuid.UUID,
    text: str,
    *,
    purpose: Purpose,
    binding: str,
    then: Callable[[Account, Challenge], None],
) -> Judged:
    """Judge an answer under the account's lock; `then` runs in the same transaction when it passed (I1, I2, I3).

    The transaction is the outermost one, so nothing a caller does afterwards takes a failure back (R-024).
    """
    with transaction.atomic(durable=True, savepoint=False):
        account = hold(account_id)
        mine = Challenge.objects.filter(pk=challenge_id, account=account, purpose=purpose, binding=binding)
        challenge = mine.select_related("method").first()
        if challenge is None or not _answerable(account, challenge):
            return Judged(Outcome.OVER)
        if held_until := _held_until(account, challenge.method):
            record(EventName.CHALLENGE_HELD, account=account, actor=account, after={"kind": challenge.kind})
            return Judged(Outcome.HELD, challenge, held_until)
        if not _right(account, challenge, text):
            return _count_failure(account, challenge)
        if not _spend(account, challenge):
            return Judged(Outcome.OVER)
        then(account, challenge)
        return Judged(Outcome.PASSED, challenge)


def _answerable(account: Account, challenge: Challenge) -> bool:
    method_usable = challenge.method is None or challenge.method.state == MethodState.ACTIVE
    in_time = challenge.state == ChallengeState.OPEN and challenge.expires_at > timezone.now()
    return account.is_active and method_usable and in_time


def _held_until(account: Account, method: RegisteredMethod | None) -> datetime | None:
    now = timezone.now()
    held = [budget.held_until for budget in (account, method) if budget is not None and is_held(budget, now)]
    return max(filter(None, held), default=None)


def _right(account: Account, challenge: Challenge, text: str) -> bool:
    asked = kind(challenge.kind)
    device = asked.device_model.objects.filter(pk=challenge.device_id, user=account).select_related("method").first()
    if device is None or device.confirmed == (challenge.purpose == Purpose.REGISTER):
        return False
    code = normalised(text)
    return bool(code) and asked.check(device, challenge, code) is True


def _count_failure(account: Account, challenge: Challenge) -> Judged:
    now = timezone.now()
    fail(account, VERIFICATION, now)
    account.save(update_fields=["failures", "holds", "held_until"])
    after = {"kind": challenge.kind, "purpose": challenge.purpose, "failures": account.failures}
    record(EventName.CHALLENGE_FAILED, account=account, actor=account, after=after)
    if challenge.method is not None:
        _count_on_method(account, challenge.method)
    return Judged(Outcome.WRONG, challenge, account.held_until)


def _count_on_method(account: Account, method: RegisteredMethod) -> None:
    """A method that failed too often in a row is disabled until it is bound anew (R-022)."""
    method.failures += 1
    if method.failures >= METHOD_HARD_CAP:
        method.state, method.is_default = MethodState.SUSPENDED, False
        record(EventName.METHOD_SUSPENDED, account=account, after={"method": str(method.pk), "name": method.name})
    method.save(update_fields=["failures", "state", "is_default"])


def _spend(account: Account, challenge: Challenge) -> bool:
    now = timezone.now()
    mine = Challenge.objects.filter(pk=challenge.pk, state=ChallengeState.OPEN)
    if not mine.update(state=ChallengeState.PASSED, answered_at=now):
        return False
    if forgive(account):
        account.save(update_fields=["failures", "holds", "held_until"])
    if challenge.method_id:
        proved = {"last_proven_at": now, "failures": 0}
        if challenge.purpose == Purpose.SIGN_IN:
            proved["last_signin_at"] = now
        RegisteredMethod.objects.filter(pk=challenge.method_id).update(**proved)
    after = {"kind": challenge.kind, "purpose": challenge.purpose, "method": str(challenge.method_id or "")}
    record(EventName.CHALLENGE_PASSED, account=account, actor=account, after=after)
    return True


def close_all(account: Account) -> None:
    """Close every open challenge of an account, as a consequence of another verb (R-005, R-139)."""
    Challenge.objects.filter(account=account, state=ChallengeState.OPEN).update(state=ChallengeState.CLOSED)
