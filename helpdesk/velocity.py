"""How much one member of staff may do in an hour and a day: a soft alarm first, then a stop (R-165, R-170).

Counted under a row lock in the transaction of what is counted, so that what was not done does not count and two at once count twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from accounts.refusals import Refused
from audit.bulk import columns_of, insert
from audit.catalogue import EventName
from audit.record import record
from audit.terms import name_codes, value_words
from helpdesk.models import StaffCount
from methods.notices import tell_staff

PERIODS = {"hour": timedelta(hours=1), "day": timedelta(days=1)}
HEARERS = ("senior-helpdesk", "auditor", "administrator")
VIEW, APPROVE, COUNTER, BULK, PREVIEW = "view", "approve", "counter", "bulk", "bulk-preview"
ASK_CALLER, ATTEST, SETTLE_REPORT, DECLINE_WISH = "ask-caller", "attest", "settle-report", "decline-wish"
RETRY, SETTLE, ROLE = "retry-delivery", "settle-delivery", "role"
name_codes(
    "action",
    {
        VIEW: _("Look at accounts"),
        APPROVE: _("Approve requests of others"),
        COUNTER: _("Confirm at a counter"),
        BULK: _("Work on a list"),
        PREVIEW: _("Look at a list"),
        ASK_CALLER: _("Ask who is calling"),
        ATTEST: _("Confirm who is calling"),
        SETTLE_REPORT: _("Settle a report"),
        DECLINE_WISH: _("Decline a wish"),
        RETRY: _("Pass a change on again"),
        SETTLE: _("Settle a change by hand"),
        ROLE: _("Give and take roles"),
    },
)
name_codes("period", {"hour": _("an hour"), "day": _("a day")})


@dataclass(frozen=True)
class Cap:
    """At most so often in an hour and in a day, by one member of staff."""

    hour: int
    day: int

    def of(self, period: str) -> int:
        """The limit of a period."""
        return self.hour if period == "hour" else self.day


CAPS: Mapping[str, Cap] = {
    VIEW: Cap(120, 400),  # different accounts
    APPROVE: Cap(30, 100),
    COUNTER: Cap(40, 200),
    BULK: Cap(3, 5),
    PREVIEW: Cap(10, 20),  # of the same lists before anybody is asked: mistakes are corrected in a new one
    ASK_CALLER: Cap(90, 300),  # a caller is asked for two or three proofs
    ATTEST: Cap(20, 60),  # two people who confirm whatever the other asks unlock a whole faculty no faster than this
    SETTLE_REPORT: Cap(40, 150),
    DECLINE_WISH: Cap(20, 60),
    RETRY: Cap(120, 400),  # by hand; `manage.py propagation retry` takes all of a system at once
    SETTLE: Cap(30, 100),
    ROLE: Cap(10, 30),
    "end-sessions": Cap(30, 100),
    "lock": Cap(30, 100),
    "end-session": Cap(60, 200),
    "suspend-method": Cap(30, 100),
    "mail-guide": Cap(60, 300),
    "unlock": Cap(40, 150),
    "restore-method": Cap(15, 50),
    "remove-method": Cap(15, 50),
    "request-termination": Cap(20, 60),
    "end-exception": Cap(30, 100),
    "issue-pass": Cap(15, 50),
    "require-reregistration": Cap(10, 30),
}


def cap_of(action: str) -> Cap:
    """What the institution says (MFA_STAFF_LIMITS), else the table."""
    return chosen(tuple(settings.MFA_STAFF_LIMITS)).get(action, CAPS[action])


def chosen(texts: tuple[str, ...]) -> dict[str, Cap]:
    """The caps that stand in texts such as `issue-pass=5/20`; ValueError for one that cannot be read."""
    caps = {}
    for text in texts:
        action, _sign, numbers = text.partition("=")
        hour, _slash, day = numbers.partition("/")
        if action not in CAPS or int(hour) < 1 or int(day) < int(hour):
            raise ValueError(text)
        caps[action] = Cap(int(hour), int(day))
    return caps


def count(actor: Account, action: str, *, different: Account | None = None) -> bool:
    """Count one more; Refused when the limit is reached. With `different`, the same account counts once in a period: whether it did now."""
    with transaction.atomic(savepoint=False):  # a page of every minute: two statements less
        found = _count(actor, action, different)
    if isinstance(found, Refused):
        raise found
    return found


def _count(actor: Account, action: str, different: Account | None) -> Refused | bool:
    cap, now = cap_of(action), timezone.now()
    rows = _locked(actor, action)
    if not rows and (rows := _begun(actor, action, now, different)):
        for row in rows:
            _alarm(actor, row, cap.of(row.period))
        return True
    rows = rows or _locked(actor, action)
    for row in rows:
        if now - row.since >= PERIODS[row.period]:
            row.since, row.count, row.seen = now, 0, []
    more = [row for row in rows if different is None or different.pk not in row.seen]
    if full := next((row for row in more if row.count >= cap.of(row.period)), None):
        return _refused(full, cap)
    for row in more:
        row.count += 1
        row.seen = [*row.seen, different.pk] if different else []
        _alarm(actor, row, cap.of(row.period))
    if more:
        StaffCount.objects.bulk_update(more, ["since", "count", "seen"])
    return bool(more)


def _refused(row: StaffCount, cap: Cap) -> Refused:
    until = timezone.localtime(row.since + PERIODS[row.period])
    facts = {"what": value_words("action", row.action), "most": cap.of(row.period), "period": value_words("period", row.period)}
    return Refused("staff-limit", **facts, until=f"{until:%Y-%m-%d %H:%M}")


def _locked(actor: Account, action: str) -> list[StaffCount]:
    """The rows of both periods, locked in one order; they come into being together."""
    return list(StaffCount.objects.select_for_update().filter(actor=actor, action=action).order_by("pk"))


def _begun(actor: Account, action: str, now: datetime, different: Account | None) -> list[StaffCount]:
    """The rows of the very first time, which they count already; none when somebody else has made them at this moment."""
    seen = [different.pk] if different else []
    rows = [StaffCount(actor=actor, action=action, period=period, since=now, count=1, seen=seen) for period in PERIODS]
    return rows if insert(StaffCount, columns_of(StaffCount, rows), skip_known=True) == len(rows) else []


def _alarm(actor: Account, row: StaffCount, most: int) -> None:
    """Once when much has been done, and once when the limit is reached; the person has not left the desk, so others are told."""
    if row.count not in {-(-most * settings.MFA_STAFF_ALARM_PERCENT // 100), most}:
        return
    facts = {"action": row.action, "count": row.count, "most": most, "period": row.period}
    record(EventName.STAFF_STOPPED if row.count == most else EventName.STAFF_BUSY, account=actor, after=facts)
    tell_staff(HEARERS, "staff-busy", but=actor, who=f"{actor.get_full_name()} {actor.common_id}", stopped=row.count == most, **facts)
