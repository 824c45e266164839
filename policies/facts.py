"""The facts that a requirement is decided by: gathered in at most three queries, and kept with every sign-in."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Cast
from django.utils import timezone

from accounts.models import Account, RoleGrant
from methods import travel
from methods.models import RegisteredMethod
from methods.registry import sign_in_kinds
from methods.usable import only_usable, passes, phishing_resistant, recovery_addresses
from policies.models import ListedAccount
from policies.networks import networks_at
from policies.rulebook.content import Book

HERE = "local"  # the code of this site's own sign-in among the connected systems


@dataclass(frozen=True)
class Facts:
    """All that is looked at. What is not said is what opens least."""

    active: bool
    usable: int  # methods the person could verify with now
    strong: int = 0  # those of them that cannot be phished
    had_methods: bool = False  # methods stand on the account, suspended ones included: it is not a newcomer's
    asked_here: bool = False  # MFA use is in effect for this site's own sign-in
    registers_anew: bool = False  # MFA use returned by itself to somebody who has no method: as a newcomer
    in_recovery: bool = False  # staff checked who it is and allowed a new registration
    has_pass: bool = False  # staff handed out a Temporary Access Pass that is valid
    address_confirmed: bool = False  # a recovery address was confirmed beforehand
    overdue: bool = False  # a campaign asked to apply for MFA use, and its last day has passed
    sensitive: bool = False  # what is asked for needs a verification whatever the rules say (S-76)
    emergency: bool = False  # a break-glass account
    affiliation: str = ""
    kind: str = ""
    account: str = ""
    roles: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()
    networks: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()  # of a journey that is under way
    system: str = HERE
    day: str = ""

    @property
    def none_usable(self) -> bool:
        """Nothing to verify with."""
        return self.usable <= 0

    def as_json(self, book: Book) -> dict[str, Any]:
        """What is kept of them with the sign-in: codes, never an address or a secret."""
        groups = sorted(code for code, members in book.lists.items() if members in self.lists)
        told: dict[str, Any] = {
            "networks": sorted(self.networks),
            "affiliation": self.affiliation,
            "kind": self.kind,
            "roles": sorted(self.roles),
            "groups": groups,
            "system": self.system,
            "countries": sorted(self.countries),
        }
        return {name: value for name, value in told.items() if value} | {
            "in_effect": self.asked_here,
            "usable": self.usable,
            "strong": self.strong,
            **({"overdue": True} if self.overdue else {}),
        }


@dataclass(frozen=True)
class Circumstances:
    """Where and when somebody signs in, and to what."""

    sensitive: bool = False
    address: str | None = None
    system: str = HERE
    moment: datetime | None = None

    @property
    def day(self) -> str:
        """The day by the institution's calendar."""
        return day_of(self.moment or timezone.now())


def facts_for(account: Account, registered: Sequence[RegisteredMethod], book: Book, at: Circumstances) -> Facts:
    """The facts of this account with these methods, as they are now, in these circumstances."""
    at = replace(at, moment=at.moment or timezone.now())  # one day for all that is asked
    return facts_of(account, registered, book, at, ties_of(account, book, at.day))


@dataclass(frozen=True)
class Ties:
    """What of an account stands in other tables: roles, the lists of the policy's groups it is on, the country of its journey."""

    roles: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()


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


def facts_of(account: Account, registered: Sequence[RegisteredMethod], book: Book, at: Circumstances, ties: Ties) -> Facts:
    """The facts; asks the database nothing."""
    methods, now = only_usable(registered), timezone.now()
    return Facts(
        active=account.is_active,
        usable=len(methods),
        strong=len(phishing_resistant(methods)),
        had_methods=account.recovery_until is not None or any(one.kind in sign_in_kinds() for one in registered),
        asked_here=account.mfa_asked_here,
        registers_anew=account.registers_anew,
        in_recovery=account.recovery_until is not None and account.recovery_until > now,
        has_pass=bool(passes(registered)),
        address_confirmed=bool(recovery_addresses(registered)),
        overdue=is_overdue(account, at.day),
        sensitive=at.sensitive,
        emergency=account.common_id in settings.MFA_BREAK_GLASS,
        affiliation=account.affiliation.code if account.affiliation else "",
        kind=account.kind,
        account=account.common_id,
        roles=ties.roles,
        lists=ties.lists,
        networks=networks_at(at.address, book),
        countries=ties.countries,
        system=at.system,
        day=at.day,
    )


def is_overdue(account: Account, day: str) -> bool:
    """Whether a campaign that requires something has asked in vain; over at once for whoever has applied."""
    until = account.campaign_until
    return account.campaign_requires and until is not None and day > until.isoformat() and not account.methods_needed


def day_of(moment: datetime) -> str:
    """The day by the institution's calendar: rules begin and end with days, so that no change of the clocks makes a gap."""
    return timezone.localtime(moment, timezone.get_default_timezone()).date().isoformat()
