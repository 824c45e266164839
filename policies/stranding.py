"""Whom a method policy would leave without any usable method: at once, or when kinds end whose last day is set (I7).

Found by few queries however many accounts there are: the first looks only at people whose every method is of a kind that some rule
does not allow for good. Rules are asked once for all whom they cannot tell apart.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db.models import Exists, OuterRef

from methods.models import MethodState, RegisteredMethod
from methods.registry import sign_in_kinds
from policies.allowances import rule_for
from policies.rulebook.content import Book
from policies.rulebook.starting import method_rules
from policies.ties import Person, either, ties_of_many

BATCH = 2000


@dataclass(frozen=True)
class Stranded:
    """Somebody who can verify today; `last_day` is the last one on which they can, None when that would end at once."""

    account: int
    common_id: str
    name: str
    affiliation: str
    kinds: frozenset[str]
    last_day: date | None


def stranded(old: Book, new: Book, today: date) -> list[Stranded]:
    """Whom `new` would leave with nothing to verify with, now or later, and `old` would not."""
    if method_rules(old) == method_rules(new) and old.groups == new.groups:
        return []
    ends: dict[tuple[Person, frozenset[str]], tuple[date | None, date | None]] = {}  # found once for all whom no rule can tell apart
    found = []
    for row, person in _people(_doubtful(new), old, new):
        alike = person, row.kinds
        if alike not in ends:
            ends[alike] = _end(old, person, row.kinds, today), _end(new, person, row.kinds, today)
        before, end = ends[alike]
        if before is not None and (end is None or end < before):
            found.append(Stranded(row.account, row.common_id, row.name, row.affiliation, row.kinds, end))
    return found


def now_without(found: Iterable[Stranded]) -> int:
    """How many of them at once."""
    return sum(one.last_day is None for one in found)


def by_affiliation(found: Iterable[Stranded]) -> dict[str, tuple[int, int]]:
    """How many at once and how many later, by the code of the affiliation."""
    counts = Counter((one.affiliation, one.last_day is None) for one in found)
    return {code: (counts[code, True], counts[code, False]) for code in sorted({code for code, _now in counts})}


def _doubtful(book: Book) -> list[str]:
    """Kinds for signing in that some rule does not allow, or lets end."""
    rules = method_rules(book)
    return [kind for kind in sign_in_kinds() if any(kind not in rule.order or kind in rule.last_days for rule in rules)]


@dataclass
class _Row:
    account: int
    common_id: str
    name: str
    affiliation: str
    account_kind: str
    kinds: frozenset[str]


def _people(doubtful: list[str], old: Book, new: Book) -> Iterator[tuple[_Row, Person]]:
    rows, looks, named = list(_rows(doubtful)), either(old, new), _named(old, new)
    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        ties = ties_of_many([row.account for row in part], looks)
        for row in part:
            mine = ties[row.account]
            account = row.common_id if row.common_id in named else ""
            yield row, Person(row.affiliation, row.account_kind, account, mine.roles, mine.lists)


def _named(*books: Book) -> frozenset[str]:
    """Accounts that some rule about methods names, and those for emergencies: everybody else is judged by what they share with others."""
    return frozenset(settings.MFA_BREAK_GLASS).union(*(rule.accounts for book in books for rule in method_rules(book)))


def _rows(doubtful: list[str]) -> Iterator[_Row]:
    active = RegisteredMethod.objects.filter(state=MethodState.ACTIVE, account__left_at=None)
    safe = active.filter(account=OuterRef("account"), kind__in=set(sign_in_kinds()) - set(doubtful))
    rows = active.filter(~Exists(safe), kind__in=doubtful).order_by("account")
    kinds: dict[int, set[str]] = defaultdict(set)
    facts: dict[int, tuple[str, str, str, str]] = {}
    columns = ("account_id", "kind", "account__common_id", "account__name_en", "account__affiliation__code", "account__kind")
    for account, kind, *rest in rows.values_list(*columns).iterator(chunk_size=5000):
        kinds[account].add(kind)
        facts[account] = (rest[0], rest[1], rest[2] or "", rest[3])
    for account, (common_id, name, affiliation, account_kind) in facts.items():
        yield _Row(account, common_id, name, affiliation, account_kind, frozenset(kinds[account]))


def _end(book: Book, person: Person, kinds: Iterable[str], today: date) -> date | None:
    """The last day on which one of these kinds verifies: `date.max` for ever, None when none is allowed."""
    rule = rule_for(book, person)
    days = [rule.last_days.get(kind, date.max) for kind in kinds if not rule.ends(kind, today)]
    return max(days, default=None)
