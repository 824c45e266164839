"""Not asking too often: whoever is asked again and again may say yes in the end, to be left in peace (R-054)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, Q
from django.utils import timezone

from accounts.models import Account
from accounts.refusals import Refused
from audit.catalogue import EventName
from audit.record import record
from methods.models import Challenge, ChallengeState, Message, Purpose
from methods.notices import tell
from methods.unknown_requests import is_held as after_report

MOST = {timedelta(minutes=10): 3, timedelta(days=1): 10}  # requests in a row that were not approved
TOLD_EVERY = timedelta(days=1)


@dataclass(frozen=True)
class Patience:
    """What is enough of one channel: `asked` says which challenges are its requests.

    `refusal` is the reason code, `notice` the mail to the person. A registration is no request of a stranger and never counts.
    """

    kind: str
    asked: Q
    refusal: str
    notice: str

    def refuse(self, account: Account, purpose: Purpose) -> None:
        """Refused after too many requests that came to nothing since the last success, or one that was reported; the person is told once.

        Called under the account's lock. Whoever catches the refusal keeps the transaction, so that the notice stays.
        """
        if after_report(account) or (purpose != Purpose.REGISTER and self._is_enough(account)):
            self._tell_once(account)
            raise Refused(self.refusal)

    def is_held(self, account: Account) -> bool:
        """Whether nobody is asked now. A report holds for a day, or until the help desk has settled it."""
        return after_report(account) or self._is_enough(account)

    def _is_enough(self, account: Account) -> bool:
        now = timezone.now()
        vain = self._in_vain(account, since=now - max(MOST))
        return any(sum(moment > now - period for moment in vain) >= most for period, most in MOST.items())

    def _in_vain(self, account: Account, *, since: datetime) -> Sequence[datetime]:
        """When somebody was asked without being heard to say yes, after the last verification that passed."""
        mine = Challenge.objects.filter(account=account, issued_at__gt=since).exclude(purpose=Purpose.REGISTER)
        passed = mine.filter(state=ChallengeState.PASSED).aggregate(last=Max("answered_at"))["last"]
        asked = mine.filter(self.asked, approved_at=None)
        return list((asked.filter(issued_at__gt=passed) if passed else asked).values_list("issued_at", flat=True))

    def _tell_once(self, account: Account) -> None:
        """One mail a day, not one for each request that somebody else makes."""
        if Message.objects.filter(account=account, template=self.notice, due_at__gt=timezone.now() - TOLD_EVERY).exists():
            return
        record(EventName.CHALLENGE_HELD, account=account, after={"kind": self.kind})
        tell(account, self.notice)
