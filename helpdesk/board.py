"""How the desk is doing: figures that name nobody, each with its table; a constant number of queries, however much has happened.

Whoever is limited to affiliations reads the figures of their accounts alone: a small faculty's figures name somebody soon enough.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db.models import Count, F, Min, Q, QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import TruncHour
from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.models import Account
from accounts.roles import Powers
from audit import period
from audit.catalogue import EventName
from audit.models import Event
from audit.terms import value_words
from helpdesk.cases import RIGHT
from helpdesk.models import Case, CaseKind
from policies.models import Delivery
from policies.models.deliveries import NEEDS_A_PERSON

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SOLVED_IN, MEASURED, FAILURES_OF = HOUR, 30 * DAY, 7 * DAY
MOST_FAILURES = 12
WIDE, TALL = 25, 120  # of a column of the drawing
AGES: tuple[tuple[timedelta, Promise], ...] = (
    (HOUR, gettext_lazy("under 1 hour")),
    (8 * HOUR, gettext_lazy("1 to 8 hours")),
    (DAY, gettext_lazy("8 to 24 hours")),
    (timedelta.max, gettext_lazy("over 1 day")),
)
LOCK_OUTS = (EventName.PASSWORD_HELD, EventName.CHALLENGE_HELD)  # somebody tried while nothing may be tried


@dataclass(frozen=True)
class Section:
    """One chart and its table; the first cell of a row names it, and `drawn` is what the chart shows of each."""

    code: str
    title: str
    note: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    drawn: Sequence[int]
    is_by_hour: bool = False

    @property
    def bars(self) -> list[dict[str, object]]:
        """Each as long as its share of the longest."""
        longest = max(self.drawn, default=0) or 1
        return [
            {"label": row[0], "text": str(count), "width": 100 * count / longest} for row, count in zip(self.rows, self.drawn, strict=True)
        ]

    @property
    def columns_drawn(self) -> list[dict[str, object]]:
        """Where each hour stands in the drawing of 24."""
        tallest = max(self.drawn, default=0) or 1
        heights = [round(TALL * count / tallest) for count in self.drawn]
        return [
            {"label": row[0], "count": count, "x": WIDE * place, "y": TALL - height, "height": height, "middle": WIDE * place + WIDE // 2}
            for place, (row, count, height) in enumerate(zip(self.rows, self.drawn, heights, strict=True))
        ]

    @property
    def table(self) -> Sequence[Sequence[Any]]:
        """The rows of the table: of hours, those in which something happened."""
        return [row for row, count in zip(self.rows, self.drawn, strict=True) if count] if self.is_by_hour else self.rows

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(self.drawn)


def sections(now: datetime, own: Powers) -> list[Section]:
    """All of them, of the accounts that somebody with these powers looks after, in the order in which a shift looks at them."""
    cases = Case.objects.filter(own.among(RIGHT, "account__"))
    events = Event.objects.filter(_of_accounts(own.among(RIGHT)))
    changes = Delivery.objects.filter(own.among(RIGHT, "account__"))
    return [
        open_cases(now, cases),
        first_contact(now, cases),
        lock_outs(now, events),
        message_failures(now, events),
        waiting_changes(changes),
    ]


def _of_accounts(mine: Q) -> Q:
    """The events of these accounts; of all without another look at them, where all are meant."""
    return Q(account_id__in=Account.objects.filter(mine).values("pk")) if mine else Q()


def open_cases(now: datetime, cases: QuerySet[Case]) -> Section:
    """What is open, by kind and age."""
    under = [Count("pk", filter=Q(opened_at__gt=now - limit)) for limit, _words in AGES[:-1]]
    counts = {f"under_{place}": count for place, count in enumerate([*under, Count("pk")])}
    rows = []
    for kind, *found in cases.filter(closed_at=None).values_list("kind").annotate(**counts):
        rows.append([CaseKind(kind).label, *(count - less for less, count in pairwise([0, *found])), found[-1]])
    rows.sort(key=lambda row: -row[-1])
    columns = [_("What it is about"), *(str(words) for _limit, words in AGES), _("In all")]
    return Section("open", _("Open cases"), _("By kind and age."), columns, rows, [row[-1] for row in rows])


def first_contact(now: datetime, cases: QuerySet[Case]) -> Section:
    """Of what was closed lately, how much by whoever took it, within the hour."""
    closed = cases.filter(closed_at__gt=now - MEASURED)
    at_once = Q(closed_by=F("owner"), closed_at__lte=F("opened_at") + SOLVED_IN)
    found = closed.values("kind").annotate(all=Count("pk"), at_once=Count("pk", filter=at_once)).order_by("-all")
    rows = [[CaseKind(row["kind"]).label, row["all"], row["at_once"], f"{round(100 * row['at_once'] / row['all'])} %"] for row in found]
    note = _("Closed within an hour by whoever took the case; of the last 30 days.")
    columns = [_("What it is about"), _("Closed"), _("Solved at first contact"), _("Share")]
    return Section("first-contact", _("Solved at first contact"), note, columns, rows, [row[2] for row in rows])


def lock_outs(now: datetime, events: QuerySet[Event]) -> Section:
    """Hour by hour over the last day."""
    begin = timezone.localtime(now - DAY + HOUR).replace(minute=0, second=0, microsecond=0)
    held = events.filter(period.since(begin), name__in=LOCK_OUTS, at__gte=begin)
    found = held.annotate(hour=TruncHour("at")).values("hour").annotate(times=Count("pk"), accounts=Count("account_id", distinct=True))
    counted = {timezone.localtime(row["hour"]): (row["accounts"], row["times"]) for row in found.order_by("hour")}
    hours = [begin + place * HOUR for place in range(24)]
    rows = [[f"{hour:%H:%M}", *counted.get(hour, (0, 0))] for hour in hours]
    columns = [_("Hour"), _("Accounts locked out"), _("Tries while locked out")]
    note = _("Accounts that were tried while they were locked; the last 24 hours.")
    return Section("lock-outs", _("Lock-outs by hour"), note, columns, rows, [row[1] for row in rows], is_by_hour=True)


def message_failures(now: datetime, events: QuerySet[Event]) -> Section:
    """Texts and calls that did not arrive, by country and what the phone company said."""
    since = now - FAILURES_OF
    failed = events.filter(period.since(since), name=EventName.MESSAGE_FAILED, at__gte=since)
    told = failed.values_list(KT("after__country"), KT("after__channel"), KT("after__problem")).annotate(times=Count("pk"))
    rows = [
        [value_words("problem", problem) or "–", country or "–", value_words("channel", channel), times]
        for country, channel, problem, times in told.order_by("-times")[:MOST_FAILURES]
    ]
    note = _("By country and the carrier’s answer; of the last 7 days.")
    columns = [_("What the carrier said"), _("Country"), _("Channel"), _("Not delivered")]
    return Section("failures", _("Messages that did not arrive"), note, columns, rows, [row[-1] for row in rows])


def waiting_changes(changes: QuerySet[Delivery]) -> Section:
    """What connected systems refused, or may or may not have taken."""
    name = "system__name_ja" if get_language() == "ja" else "system__name_en"
    waiting = changes.filter(state__in=NEEDS_A_PERSON).values_list(name).annotate(times=Count("pk"), oldest=Min("due_at"))
    rows = [
        [system, times, formats.date_format(timezone.localtime(oldest), "SHORT_DATETIME_FORMAT")]
        for system, times, oldest in waiting.order_by("-times")
    ]
    columns = [_("System"), _("Changes"), _("Oldest, due since")]
    return Section(
        "changes", _("Changes that need a person"), _("Refused by a system, or nobody knows."), columns, rows, [row[1] for row in rows]
    )
