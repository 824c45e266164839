"""Asking a device: once, for one purpose, in the browser it was asked in (R-006 to R-008)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.budgets import is_held
from accounts.locks import hold
from accounts.models import Account
from accounts.refusals import Refused
from audit.catalogue import EventName
from audit.record import record
from methods.contract import MethodKind
from methods.models import Challenge, ChallengeState, Purpose, RegisteredMethod
from methods.registry import kind, sending_kinds

if TYPE_CHECKING:
    from methods.devices import MethodDevice

RESEND_AFTER = timedelta(seconds=30)
MOST_SENT = {timedelta(hours=1): 10, timedelta(days=1): 30}  # codes per account: whoever has a password could send texts without end
MOST_SENT_TO_STRANGERS = {timedelta(hours=1): 5, timedelta(days=1): 10}  # codes per unproved number or address, of all accounts


@dataclass(frozen=True)
class Asked:
    """Whom to ask: a registered method, or a device that is to become one."""

    kind: MethodKind
    method: RegisteredMethod | None = None
    device_id: int | None = None
    destination: str = ""  # of a device that is to become one

    def is_of(self, challenge: Challenge) -> bool:
        """Whether `challenge` asks just this."""
        mine = (self.kind.code, self.method.pk if self.method else None, self.device_id)
        return (challenge.kind, challenge.method_id, challenge.device_id) == mine


def method(registered: RegisteredMethod) -> Asked:
    """Ask a registered method."""
    return Asked(kind(registered.kind), method=registered)


def newcomer(device: "MethodDevice") -> Asked:
    """Ask a device that is to become a method."""
    return Asked(device.kind(), device_id=device.pk, destination=device.destination)


def asked_by(challenge: Challenge) -> Asked:
    """Whom `challenge` asks."""
    return Asked(kind(challenge.kind), challenge.method, challenge.device_id)


@transaction.atomic
def ask(account: Account, asked: Asked, *, purpose: Purpose, binding: str, again: bool = False) -> Challenge:
    """Make `asked` what this browser is asked: by its open challenge, else by a new one.

    Kinds that send something send once per challenge; `again` sends anew, half a minute after the last at the earliest.
    Refused while the account is held, and when too much was sent to it.
    """
    account = hold(account.pk)
    _refuse_held(account)
    now = timezone.now()
    mine = [one for one in open_challenges(account, purpose=purpose, binding=binding) if asked.is_of(one)]
    current = next((one for one in mine if one.expires_at > now), None)
    if current and not (again and asked.kind.sends and current.issued_at + RESEND_AFTER <= now):
        Challenge.objects.filter(pk=current.pk).update(asked_at=now)
        return current
    new = issue(account, asked, purpose=purpose, binding=binding)
    Challenge.objects.filter(pk__in=[one.pk for one in mine]).update(state=ChallengeState.CLOSED)
    return new


def open_challenges(account: Account, *, purpose: Purpose, binding: str) -> QuerySet[Challenge]:
    """What this browser was asked and has not answered, one challenge per method; the first is what it is asked now."""
    mine = Challenge.objects.filter(account=account, binding=binding, purpose=purpose, state=ChallengeState.OPEN)
    return mine.order_by("-asked_at")


def issue(account: Account, asked: Asked, *, purpose: Purpose, binding: str) -> Challenge:
    """A new challenge, in a transaction that holds the account's lock; Refused as `ask` is, before anything is written."""
    _refuse_held(account)
    sent_to = _marked(asked.destination)
    if asked.kind.sends:
        _refuse_flood(Challenge.objects.filter(account=account, kind__in=sending_kinds()), MOST_SENT)
    if sent_to:
        _refuse_flood(Challenge.objects.filter(sent_to=sent_to), MOST_SENT_TO_STRANGERS)
    challenge = Challenge.objects.create(
        account=account,
        method=asked.method,
        kind=asked.kind.code,
        device_id=asked.device_id,
        sent_to=sent_to,
        purpose=purpose,
        binding=binding,
        expires_at=timezone.now() + timedelta(seconds=asked.kind.lifetime_seconds),
    )
    if asked.kind.sends:
        asked.kind.begin(challenge)
        after = {"kind": asked.kind.code, "purpose": purpose.value}
        record(EventName.CHALLENGE_ISSUED, account=account, actor=account, after=after)
    return challenge


def _refuse_held(account: Account) -> None:
    if is_held(account, timezone.now()):
        raise Refused("verification-held")


def _marked(destination: str) -> str:
    """A destination as the challenges know it, without telling it."""
    return salted_hmac("challenge destination", destination, algorithm="sha256").hexdigest() if destination else ""


def _refuse_flood(challenges: QuerySet[Challenge], limits: Mapping[timedelta, int]) -> None:
    """Neither a new attempt, another method, another number nor another account sends more (R-021, R-077)."""
    now = timezone.now()
    sent = challenges.filter(issued_at__gt=now - max(limits))
    moments: list[datetime] = list(sent.values_list("issued_at", flat=True))
    if any(sum(moment > now - period for moment in moments) >= most for period, most in limits.items()):
        raise Refused("too-many-messages")


def device_of(challenge: Challenge) -> "MethodDevice | None":
    """The device a challenge asks: that of its method, or the unfinished one that is to become a method (R-142)."""
    devices = kind(challenge.kind).device_model.objects
    if challenge.method_id:
        return devices.filter(method=challenge.method_id, confirmed=True).first()
    return devices.filter(pk=challenge.device_id, confirmed=False).first()


def close_all(account: Account) -> None:
    """Close every open challenge of an account, as a consequence of another verb (R-005, R-139)."""
    Challenge.objects.filter(account=account, state=ChallengeState.OPEN).update(state=ChallengeState.CLOSED)


def clear_expired() -> int:
    """Remove challenges that ended more than a month ago; events tell what happened."""
    long_ago = timezone.now() - timedelta(days=30)
    return Challenge.objects.filter(expires_at__lt=long_ago).delete()[0]
