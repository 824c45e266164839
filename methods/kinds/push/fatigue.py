"""Not asking too often: whoever is asked again and again may approve in the end, to be left in peace (R-054)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Max
from django.utils import timezone

from accounts.models import Account
from accounts.refusals import Refused
from audit.catalogue import EventName
from audit.record import record
from methods.models import Challenge, ChallengeState, Message, Purpose
from methods.notices import tell
from methods.unknown_requests import is_held as after_report

MOST = {timedelta(minutes=10): 3, timedelta(days=1): 10}  # requests in a row that were not approved
AFTER_REPORT = timedelta(days=1)
NOTICE = "requests-held"


def refuse_fatigue(account: Account) -> None:
    """Refused after too many requests that came to nothing since the last success, or one that was reported; the person is told once.

    Called under the account's lock. Whoever catches the refusal keeps the transaction, so that the notice stays.
    """
    if is_held(account):
        _tell_once(account)
        raise Refused("push-held")


def is_held(account: Account) -> bool:
    """Whether the app is not asked now. A report holds for a day, or until the help desk has settled it."""
    if after_report(account):
        return True
    now = timezone.now()
    vain = _in_vain(account, since=now - max(MOST))
    return any(sum(moment > now - period for moment in vain) >= most for period, most in MOST.items())


def _in_vain(account: Account, *, since: datetime) -> Sequence[datetime]:
    """When the app was asked without being heard to say yes, after the last verification that passed."""
    mine = Challenge.objects.filter(account=account, issued_at__gt=since).exclude(purpose=Purpose.REGISTER)
    passed = mine.filter(state=ChallengeState.PASSED).aggregate(last=Max("answered_at"))["last"]
    asked = mine.filter(kind="push", way="approve", approved_at=None)
    return list((asked.filter(issued_at__gt=passed) if passed else asked).values_list("issued_at", flat=True))


def _tell_once(account: Account) -> None:
    """One mail a day, not one for each request that somebody else makes."""
    if Message.objects.filter(account=account, template=NOTICE, due_at__gt=timezone.now() - AFTER_REPORT).exists():
        return
    record(EventName.CHALLENGE_HELD, account=account, after={"kind": "push"})
    tell(account, NOTICE)
