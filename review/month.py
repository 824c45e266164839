"""The month's changes of methods: by kind, by who made them, by affiliation. Counted by the database, in one query a month."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from typing import NamedTuple

from django.db import connection
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Account, Affiliation
from audit.catalogue import EventName
from audit.models import Event
from audit.period import last_id_before
from audit.sentences import WORDINGS
from audit.terms import value_words

CHANGES = (
    EventName.METHOD_REGISTERED,
    EventName.METHOD_REMOVED,
    EventName.METHOD_ENDED,
    EventName.METHOD_SUSPENDED,
    EventName.METHOD_RENAMED,
    EventName.METHOD_DEFAULT_CHANGED,
    EventName.METHODS_RESET,
    EventName.ACCESS_PASS_ISSUED,
    EventName.RECOVERY_ADDRESS_CONFIRMED,
)
BY: dict[str, Promise] = {
    "self": gettext_lazy("Account holders"),
    "staff": gettext_lazy("Help desk"),
    "system": gettext_lazy("This site"),
}
KIND = {
    "postgresql": "COALESCE(e.after->>'kind', e.before->>'kind', '')",
    "sqlite": "COALESCE(json_extract(e.after, '$.kind'), json_extract(e.before, '$.kind'), '')",
}


class Cell(NamedTuple):
    """How often one thing happened."""

    name: str
    kind: str
    by: str
    affiliation: int | None
    times: int


@dataclass(frozen=True)
class Line:
    """One row of a table: a label, a figure for each of `BY`, and their sum."""

    label: str
    figures: tuple[int, ...]
    before: int | None = None

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.figures)


@dataclass(frozen=True)
class Month:
    """A month in the time zone of the site."""

    year: int
    month: int

    @property
    def first(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def next(self) -> "Month":
        return Month(self.year + self.month // 12, self.month % 12 + 1)

    @property
    def previous(self) -> "Month":
        return Month(self.year - (self.month == 1), (self.month - 2) % 12 + 1)

    @property
    def begin(self) -> datetime:
        """Its first moment."""
        return timezone.make_aware(datetime.combine(self.first, time.min))

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"


class MonthReport:
    """What changed in a month; each table is made of the same counts."""

    def __init__(self, month: Month) -> None:
        self.month = month

    @cached_property
    def cells(self) -> list[Cell]:
        """Every count."""
        return counted(self.month)

    @property
    def total(self) -> int:
        """All changes of the month."""
        return sum(cell.times for cell in self.cells)

    def by_change(self) -> list[Line]:
        """What was done, beside how often it was done in the month before."""
        earlier = Counter[str]()
        for cell in counted(self.month.previous):
            earlier[cell.name] += cell.times
        lines = self._lines(lambda cell: cell.name, {name.value: str(WORDINGS[name].title) for name in CHANGES})
        titles = {str(WORDINGS[name].title): name.value for name in CHANGES}
        return [Line(line.label, line.figures, earlier[titles[line.label]]) for line in lines]

    def by_kind(self) -> list[Line]:
        """Which kinds of method."""
        kinds = {cell.kind: value_words("kind", cell.kind) or _("Not of one kind") for cell in self.cells}
        return self._lines(lambda cell: cell.kind, kinds)

    def by_affiliation(self) -> list[Line]:
        """Whose methods."""
        names: dict[int | None, str] = {row.pk: str(row) for row in Affiliation.objects.all()}
        return self._lines(lambda cell: cell.affiliation, names | {None: _("Without an affiliation")})

    def _lines(self, key: Callable[[Cell], object], names: dict[str, str] | dict[int | None, str]) -> list[Line]:
        sums = Counter[tuple[object, str]]()
        for cell in self.cells:
            sums[key(cell), cell.by] += cell.times
        lines = [Line(label, tuple(sums[code, by] for by in BY)) for code, label in names.items()]
        return sorted((line for line in lines if line.total), key=lambda line: (-line.total, line.label))


def counted(month: Month) -> list[Cell]:
    """One query; the ids between which the month lies let the index of names find it among all years."""
    begin, end = month.begin, month.next.begin
    places = ", ".join(["%s"] * len(CHANGES))
    kind, event, account = KIND[connection.vendor], Event._meta.db_table, Account._meta.db_table
    query = (
        f"SELECT e.name, {kind} AS kind, e.actor_kind, a.affiliation_id, count(*) "  # noqa: S608  no part of it comes from outside
        f"FROM {event} e LEFT JOIN {account} a ON a.id = e.account_id "
        f"WHERE e.name IN ({places}) AND e.id > %s AND e.at >= %s AND e.at < %s "
        "GROUP BY 1, 2, 3, 4"
    )
    moments = [connection.ops.adapt_datetimefield_value(moment) for moment in (begin, end)]
    with connection.cursor() as cursor:
        cursor.execute(query, [*(name.value for name in CHANGES), last_id_before(begin), *moments])
        return [Cell(*row) for row in cursor.fetchall()]


def bars(lines: Iterable[Line]) -> list[dict[str, object]]:
    """What the component draws: each bar as long as its share of the longest."""
    shown = list(lines)
    longest = max((line.total for line in shown), default=0)
    return [{"label": line.label, "text": str(line.total), "width": round(100 * line.total / longest, 1)} for line in shown]
