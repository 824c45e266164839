"""Which change each turn of a system came from that knows no revisions, and whether the site asked for it rightly.

Such a system may carry a request out late, whoever asked for it. What counts is what it had confirmed when it was asked: an
older state that is asked for after that is stale; one that was asked for before is late, and has to be put right.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from audit.models import Event
from policies.models import Delivery

CLOCKS_DIFFER = 0.05  # seconds: two processes of one machine ask it at different moments
LONG_AGO = 0.0  # when something was due at first that is told again: nobody knows any more
Moves = Sequence[tuple[float, float]]  # when the rows' clock was moved, and by how many seconds
Who = tuple[str, str]  # system and account


@dataclass(frozen=True)
class Row:
    """What a system was to learn, not before `due`, and when it first had confirmed that."""

    revision: int
    state: str
    due: float
    confirmed: float | None


class Kind(StrEnum):
    """What a turn is by the order of asking and confirming."""

    TOLD = "told"
    EARLY = "early"
    LATE = "late"  # asked for in time, carried out when the system had turned to something newer
    PUT_RIGHT = "put right"  # after one that was late
    STALE = "stale"


@dataclass(frozen=True)
class Turn:
    """A change of a state, when it was asked for and when it was carried out, and the row that it must have come from."""

    who: Who
    state: str
    asked: float
    at: float
    kind: Kind
    row: Row | None = None


@dataclass
class Course:
    """One account in one system, turn after turn."""

    who: Who
    rows: Sequence[Row]
    is_due: Callable[[Row, float], bool]
    reached: Row | None = None
    turns: list[Turn] = field(default_factory=list)

    def take(self, state: str, asked: float, at: float) -> None:
        """Explain the next turn: by the first row that follows the one before and that nothing newer had overtaken."""
        possible = [row for row in self.rows if row.state == state and not self._is_overtaken(row, asked)]
        fresh = [row for row in possible if self.reached is None or row.revision > self.reached.revision]
        due = [row for row in fresh if self.is_due(row, asked)]
        if due:
            self.reached = due[0]
            kind = Kind.TOLD
        elif possible and self.turns and asked < self.turns[-1].at:
            kind = Kind.LATE
        elif self.turns and self.turns[-1].kind == Kind.LATE and self.reached and self.reached.state == state:
            kind = Kind.PUT_RIGHT
        elif fresh:
            self.reached = fresh[0]
            kind = Kind.EARLY
        else:
            kind = Kind.STALE
        row = self.reached if kind in {Kind.TOLD, Kind.EARLY} else None
        self.turns.append(Turn(self.who, state, asked, at, kind, row))

    def _is_overtaken(self, row: Row, asked: float) -> bool:
        """The system had confirmed another, newer state by then."""
        newer = (other for other in self.rows if other.revision > row.revision and other.state != row.state)
        return any(other.confirmed is not None and other.confirmed < asked for other in newer)


def explained(record: dict[str, Any], moved: Moves) -> list[Turn]:
    """Each turn of a system that knows no revisions, by account and in order."""
    courses: dict[Who, Course] = {}
    rows = _rows(moved)
    for one in record["turns"]:
        who = (one["system"], one["account"])
        course = courses.setdefault(who, Course(who, rows[who], lambda row, asked: not is_early(row.due, asked, moved)))
        course.take(one["state"], one["asked"], one["at"])
    return [turn for course in courses.values() for turn in course.turns]


def is_early(due: float, at: float, moved: Moves) -> bool:
    """Before its time, by the clock that the rows had then."""
    as_it_stood = due + sum(seconds for when, seconds in moved if when > at)
    return at < as_it_stood - CLOCKS_DIFFER


def _rows(moved: Moves) -> dict[Who, list[Row]]:
    """What each system was to learn of each account, in order of revision; of what it was told again the first confirmation counts."""
    again, rows = _first_confirmations(), defaultdict(list)
    facts = ("system__code", "system__name_en", "account__common_id", "revision", "desired", "due_at", "confirmed_at")
    for system, name, account, revision, state, due, confirmed in Delivery.objects.order_by("revision").values_list(*facts):
        first = again.get((name, account, revision))
        when = first or (_really(confirmed.timestamp(), moved) if confirmed else None)
        rows[system, account].append(Row(revision, state, LONG_AGO if first else due.timestamp(), when))
    return rows


def _first_confirmations() -> dict[tuple[str, str, int], float]:
    """Of what a system was told again, by its name, account and revision."""
    repeated = {named(event) for event in Event.objects.filter(name="delivery:repeated")}
    confirmed = Event.objects.filter(name="delivery:confirmed").order_by("-id")
    return {named(event): event.at.timestamp() for event in confirmed if named(event) in repeated}


def named(event: Event) -> tuple[str, str, int]:
    """Of which system, account and revision an event tells."""
    return event.after["system"], event.account_label, event.after["revision"]


def _really(moment: float, moved: Moves) -> float:
    """A time in a row, as it was when it was written there."""
    for when, seconds in reversed(moved):
        moment += seconds if moment < when - seconds / 2 else 0
    return moment


def story(record: dict[str, Any], moved: Moves) -> Iterator[str]:
    """What is known of each account that has a turn which should not have been."""
    rows = _rows(moved)
    turns = explained(record, moved)
    for who in dict.fromkeys(turn.who for turn in turns if turn.kind in {Kind.EARLY, Kind.STALE}):
        yield f"{who[0]} {who[1]}"
        yield from (f"  row {row.revision} {row.state} due {row.due:.3f} confirmed {row.confirmed or 0:.3f}" for row in rows[who])
        yield from (f"  turn {one.state} asked {one.asked:.3f} at {one.at:.3f} {one.kind}" for one in turns if one.who == who)
