"""What of an account stands in other tables, and what rules see of it as a person."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol
from uuid import UUID

from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Cast

from accounts.models import Account, RoleGrant
from methods import travel
from policies.models import ListedAccount
from policies.rulebook.content import Book


@dataclass(frozen=True)
class Ties:
    """Roles, the lists of the policy's groups that the account is on, the country of its journey."""

    roles: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Person:
    """Whom rules speak of."""

    affiliation: str = ""
    kind: str = ""
    account: str = ""
    roles: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()


def ties_of(account: Account, book: Book, day: str) -> Ties:
    """Asks only for what the rules of `book` look at, all of it in one query."""
    parts = list(_tied(account, book, day))
    if not parts:
        return Ties()
    found = defaultdict[str, set[str]](set)
    for tie, value in parts[0].union(*parts[1:], all=True):
        found[tie].add(value)
    lists = frozenset(str(UUID(value)) for value in found["list"])
    return Ties(frozenset(found["role"]), lists, frozenset(found["country"]))


def _tied(account: Account, book: Book, day: str) -> Iterator[QuerySet[Any, tuple[str, str]]]:
    if book.looks_at_roles:
        yield _as_pairs(RoleGrant.objects.filter(account=account), "role", "role")
    if known := list(book.lists.values()):
        yield _as_pairs(ListedAccount.objects.filter(account=account, list__uid__in=known), "list", "list__uid")
    if book.looks_at_countries:
        yield _as_pairs(travel.under_way(date.fromisoformat(day)).filter(account=account), "country", "country")


def _as_pairs(rows: QuerySet[Any], tie: str, field: str) -> QuerySet[Any, tuple[str, str]]:
    return rows.order_by().values_list(Value(tie, CharField()), Cast(field, CharField()))


class Looks(Protocol):
    """What a version, or several, look at of an account."""

    @property
    def looks_at_roles(self) -> bool: ...
    @property
    def lists(self) -> Mapping[str, str]: ...


@dataclass(frozen=True)
class Either:
    """What any of several versions looks at."""

    looks_at_roles: bool
    lists: Mapping[str, str]


def either(*books: Book) -> Either:
    """What any of these versions looks at."""
    return Either(any(book.looks_at_roles for book in books), {uid: uid for book in books for uid in book.lists.values()})


def ties_of_many(accounts: list[int], book: Looks) -> dict[int, Ties]:
    """The same for several accounts, by their keys; at most two queries."""
    roles = RoleGrant.objects.filter(account__in=accounts).values_list("account_id", "role") if book.looks_at_roles else ()
    known = list(book.lists.values())
    rows = ListedAccount.objects.filter(account__in=accounts, list__uid__in=known).values_list("account_id", "list__uid") if known else ()
    held, listed = _grouped(roles), _grouped(rows)
    return {account: Ties(held[account], listed[account]) for account in accounts}


def _grouped(pairs: Iterable[tuple[int, Any]]) -> defaultdict[int, frozenset[str]]:
    found: defaultdict[int, frozenset[str]] = defaultdict(frozenset)
    for account, code in pairs:
        found[account] |= {str(code)}
    return found


def person_of(account: Account, ties: Ties) -> Person:
    """The account as rules see it."""
    affiliation = account.affiliation.code if account.affiliation else ""
    return Person(affiliation, account.kind, account.common_id, ties.roles, ties.lists)
