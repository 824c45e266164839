"""What of an account stands in other tables, and what rules see of it as a person."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
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


def person_of(account: Account, ties: Ties) -> Person:
    """The account as rules see it."""
    affiliation = account.affiliation.code if account.affiliation else ""
    return Person(affiliation, account.kind, account.common_id, ties.roles, ties.lists)
