"""Asking a device, and judging the answer: once, for one purpose, in the browser it was asked in (R-006 to R-008)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.budgets import METHOD_HARD_CAP, VERIFICATION, fail, forgive, is_held
from accounts.locks import hold
from accounts.models import Account
from accounts.refusals import Refused
from accounts.sessions import Verified
from audit.catalogue import EventName
from audit.record import record
from methods.codes import normalised
from methods.contract import MethodKind
from methods.devices import MethodDevice
from methods.models import Challenge, ChallengeState, MethodState, Purpose, RegisteredMethod
from methods.notices import tell
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


@dataclass(frozen=True)
class Asked:
    """Whom to ask: a registered method, or a device that is to become one."""

    kind: MethodKind
    method: RegisteredMethod | None = None
    device_id: int | None = None

    def is_of(self, challenge: Challenge) -> bool:
        """Whether `challenge` asks just this."""
        mine = (self.kind.code, self.method.pk if self.method else None, self.device_id)
        return (challenge.kind, challenge.method_id, challenge.device_id) == mine


def method(registered: RegisteredMethod) -> Asked:
    """Ask a registered method."""
    return Asked(kind(registered.kind), method=registered)


def newcomer(device: MethodDevice) -> Asked:
    """Ask a device that is to become a method."""
    return Asked(device.kind(), device_id=device.pk)


@transaction.atomic
def ask(account: Account, asked: Asked, *, purpose: Purpose, binding: str, again: bool = False) -> Challenge:
    """The open challenge of this browser for `asked`, or a new one; closes what was open for others.

    Kinds that send something send once per challenge; `again` sends anew, half a minute after the last at the earliest.
    Refused when the account or the method is held.
    """
    account = hold(account.pk)
    if is_held(account, timezone.now()):
        raise Refused("verification-held")
    mine = open_challenges(account, purpose=purpose, binding=binding)
    now = timezone.now()
    current = next((one for one in mine if asked.is_of(one) and one.expires_at > now), None)
    if current and not (again and asked.kind.sends and current.issued_at + RESEND_AFTER <= now):
        return current
    mine.update(state=ChallengeState.CLOSED)
    return issue(account, asked, purpose=purpose, binding=binding)


def open_challenges(account: Account, *, purpose: Purpose, binding: str) -> QuerySet[Challenge]:
    """What this browser is being asked, newest first; there is one at most."""
    mine = Challenge.objects.filter(account=account, binding=binding, purpose=purpose, state=ChallengeState.OPEN)
    return mine.order_by("-issued_at")


def issue(account: Account, asked: Asked, *, purpose: Purpose, binding: str) -> Challenge:
    """A new challenge for a browser that has none; the account is locked or was just proved by its password."""
    challenge = Challenge.objects.create(
        account=account,
        method=asked.method,
        kind=asked.kind.code,
        device_id=asked.device_id,
        purpose=purpose,
        binding=binding,
        expires_at=timezone.now() + timedelta(seconds=asked.kind.lifetime_seconds),
    )
    if asked.kind.sends:
        asked.kind.begin(challenge)
        after = {"kind": asked.kind.code, "purpose": purpose.value}
        record(EventName.CHALLENGE_ISSUED, account=account, actor=account, after=after)
    return challenge


@dataclass(frozen=True)
class Proof:
    """A challenge that was passed just now, and the device that passed it."""

    challenge: Challenge
    device: MethodDevice

    def verified(self) -> Verified:
        """What a session keeps of it; Refused when the device is no method yet."""
        if self.challenge.method_id is None:
            raise Refused("method-gone")
        return Verified(self.challenge.kind, self.challenge.method_id, timezone.now(), self.device.persistent_id)


def answer(
    account_id: int,
    text: str,
    *,
    purpose: Purpose,
    binding: str,
    then: Callable[[Account, Proof], None],
) -> Judged:
    """Judge an answer under the account's lock; `then` runs in the same transaction when it passed (I1, I2, I3).

    The transaction is the outermost one, so nothing a caller does afterwards takes a failure back (R-024).
    """
    with transaction.atomic(durable=True, savepoint=False):
        account = hold(account_id)
        challenge = open_challenges(account, purpose=purpose, binding=binding).select_related("method").first()
        if challenge is None or not _answerable(account, challenge):
            return Judged(Outcome.OVER)
        if is_held(account, timezone.now()):
            record(EventName.CHALLENGE_HELD, account=account, actor=account, after={"kind": challenge.kind})
            return Judged(Outcome.HELD, challenge, account.held_until)
        device = device_of(challenge)
        if device is None or not _right(account, challenge, device, text):
            return _count_failure(account, challenge)
        if not _spend(account, challenge):
            return Judged(Outcome.OVER)
        then(account, Proof(challenge, device))
        return Judged(Outcome.PASSED, challenge)


def _answerable(account: Account, challenge: Challenge) -> bool:
    method_usable = challenge.method is None or challenge.method.state == MethodState.ACTIVE
    return account.is_active and method_usable and challenge.expires_at > timezone.now()


def _right(account: Account, challenge: Challenge, device: MethodDevice, text: str) -> bool:
    code = normalised(text)
    if device.user_id != account.pk or not code:
        return False
    return kind(challenge.kind).check(device, challenge, code) is True


def device_of(challenge: Challenge) -> MethodDevice | None:
    """The device a challenge asks: that of its method, or the unfinished one that is to become a method (R-142)."""
    devices = kind(challenge.kind).device_model.objects
    if challenge.method_id:
        return devices.filter(method=challenge.method_id, confirmed=True).first()
    return devices.filter(pk=challenge.device_id, confirmed=False).first()


def _count_failure(account: Account, challenge: Challenge) -> Judged:
    now = timezone.now()
    fail(account, VERIFICATION, now)
    account.save(update_fields=["failures", "holds", "held_until"])
    after = {"kind": challenge.kind, "purpose": challenge.purpose, "failures": account.failures}
    record(EventName.CHALLENGE_FAILED, account=account, actor=account, after=after)
    if challenge.method is not None:
        _count_on_method(account, challenge.method)
    if account.held_until:
        tell(account, "verification-held", until=account.held_until.isoformat())
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


def clear_expired() -> int:
    """Remove challenges that ended more than a month ago; events tell what happened."""
    long_ago = timezone.now() - timedelta(days=30)
    return Challenge.objects.filter(expires_at__lt=long_ago).delete()[0]
