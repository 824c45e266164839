"""Asking a device: once, for one purpose, in the browser it was asked in (R-006 to R-008)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.budgets import CALLER, drawn_on, is_held
from accounts.locks import hold
from accounts.models import Account
from accounts.refusals import Refused
from audit.catalogue import EventName
from audit.context import Where, where
from audit.record import record
from methods.allowance import allowance_of
from methods.contract import IssuedKind, MethodKind, Way
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
    chosen: str = ""  # code of the way in which to ask

    @property
    def way(self) -> Way:
        """How to ask."""
        return self.kind.way(self.chosen)

    def is_of(self, challenge: Challenge) -> bool:
        """Whether `challenge` asks just this."""
        mine = (self.kind.code, self.method.pk if self.method else None, self.device_id, self.way.code)
        return (challenge.kind, challenge.method_id, challenge.device_id, challenge.way) == mine


def method(registered: RegisteredMethod, way: str | None = None) -> Asked:
    """Ask a registered method, in the way its owner chose unless told otherwise."""
    known = kind(registered.kind)
    offered = known.ways_of(registered)
    chosen = next((one for one in offered if one.code == way), offered[0])
    return Asked(known, method=registered, chosen=chosen.code)


def newcomer(device: "MethodDevice") -> Asked:
    """Ask a device that is to become a method."""
    return Asked(device.kind(), device_id=device.pk, destination=device.destination, chosen=device.first_way)


def asked_by(challenge: Challenge) -> Asked:
    """Whom `challenge` asks."""
    return Asked(kind(challenge.kind), challenge.method, challenge.device_id, chosen=challenge.way)


def ask(account: Account, asked: Asked, *, purpose: Purpose, binding: str, again: bool = False) -> Challenge:
    """Make `asked` what this browser is asked: by its open challenge, else by a new one.

    What asks is sent once per challenge; `again` sends anew, half a minute after the last at the earliest. Refused while the
    account is held, when too much was sent to it, and when the kind has a reason of its own; what the kind wrote of that stays.
    """
    with transaction.atomic():
        try:
            return _ask(hold(account.pk), asked, purpose=purpose, binding=binding, again=again)
        except Refused as refusal:
            refused = refusal
    raise refused


def _ask(account: Account, asked: Asked, *, purpose: Purpose, binding: str, again: bool) -> Challenge:
    _refuse_held(account, purpose)
    _refuse_withdrawn(account, asked.kind, purpose)
    now = timezone.now()
    mine = [one for one in open_challenges(account, purpose=purpose, binding=binding) if asked.is_of(one)]
    current = next((one for one in mine if one.expires_at > now), None)
    repeats = again and (asked.way.sends or asked.way.waits)
    if current and not (repeats and current.issued_at + RESEND_AFTER <= now):
        Challenge.objects.filter(pk=current.pk).update(asked_at=now)
        return current
    new = issue(account, asked, purpose=purpose, binding=binding)
    Challenge.objects.filter(pk__in=[one.pk for one in mine]).update(state=ChallengeState.CLOSED)
    return new


def open_challenges(account: Account, *, purpose: Purpose, binding: str) -> QuerySet[Challenge]:
    """What this browser was asked and has not answered, one challenge per method; the first is what it is asked now."""
    mine = Challenge.objects.filter(account=account, binding=binding, purpose=purpose, state=ChallengeState.OPEN)
    return mine.order_by("-asked_at")


def latest_challenges(account: Account, *, purpose: Purpose, binding: str) -> QuerySet[Challenge]:
    """What this browser was asked, what came to nothing included, the latest first: the page says what became of it."""
    mine = Challenge.objects.filter(account=account, binding=binding, purpose=purpose)
    return mine.filter(state__in=[ChallengeState.OPEN, ChallengeState.FAILED]).order_by("-asked_at")


def issue(account: Account, asked: Asked, *, purpose: Purpose, binding: str) -> Challenge:
    """A new challenge, in a transaction that holds the account's lock; Refused as `ask` is, before anything is written."""
    _refuse_held(account, purpose)
    _refuse_withdrawn(account, asked.kind, purpose)
    sent_to = _marked(asked.destination)
    asked.kind.refuse(account, asked.way, purpose)
    if asked.way.sends:
        _refuse_flood(Challenge.objects.filter(account=account, kind__in=sending_kinds()), MOST_SENT)
    if sent_to:
        _refuse_flood(Challenge.objects.filter(sent_to=sent_to), MOST_SENT_TO_STRANGERS)
    here = Where() if purpose == Purpose.CALLER else where()  # its owner sees from where: of staff, only that they ask
    challenge = Challenge.objects.create(
        account=account,
        method=asked.method,
        kind=asked.kind.code,
        device_id=asked.device_id,
        sent_to=sent_to,
        way=asked.way.code,
        purpose=purpose,
        binding=binding,
        address=here.address,
        browser=here.browser,
        expires_at=timezone.now() + timedelta(seconds=asked.way.lifetime_seconds),
    )
    asked.kind.begin(challenge)
    if asked.way.sends or asked.way.waits:
        after = {"kind": asked.kind.code, "purpose": purpose.value}
        record(EventName.CHALLENGE_ISSUED, account=account, actor=account, after=after)
    return challenge


def _refuse_held(account: Account, purpose: Purpose) -> None:
    """Who calls because the account is held can be verified all the same: callers have a budget of their own."""
    now = timezone.now()
    if purpose == Purpose.CALLER and any(is_held(budget, now) for budget in drawn_on((CALLER, str(account.pk)))):
        raise Refused("caller-held")
    if purpose != Purpose.CALLER and is_held(account, now):
        raise Refused("verification-held")


def is_withdrawn(account: Account, known: MethodKind, purpose: str) -> bool:
    """Whether the institution lets this account verify with such a method no more; one that is being registered is judged by `lifecycle`.

    What staff hand out is theirs to give, whatever the policy says of what people register.
    """
    return purpose != Purpose.REGISTER and not isinstance(known, IssuedKind) and not allowance_of(account).allows(known.code)


def _refuse_withdrawn(account: Account, known: MethodKind, purpose: Purpose) -> None:
    if is_withdrawn(account, known, purpose):
        raise Refused("kind-withdrawn")


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
    model = kind(challenge.kind).device_model
    if challenge.method:
        device = getattr(challenge.method, str(model._meta.model_name), None)
        return device if device and device.confirmed else None
    return model.objects.filter(pk=challenge.device_id, confirmed=False).first()


def close_all(account: Account) -> None:
    """Close every open challenge of an account, as a consequence of another verb (R-005, R-139)."""
    Challenge.objects.filter(account=account, state=ChallengeState.OPEN).update(state=ChallengeState.CLOSED)


def close_kinds(codes: Collection[str]) -> None:
    """Close what devices of these kinds were asked to verify: they may not be allowed any more (R-006). Whoever still may is asked anew."""
    if codes:
        asked = Challenge.objects.filter(kind__in=codes, state=ChallengeState.OPEN).exclude(purpose=Purpose.REGISTER)
        asked.update(state=ChallengeState.CLOSED)


def clear_expired() -> int:
    """Remove challenges that ended more than a month ago; events tell what happened."""
    long_ago = timezone.now() - timedelta(days=30)
    return Challenge.objects.filter(expires_at__lt=long_ago).delete()[0]
