"""The facts that a requirement is decided by: gathered in at most three queries, and kept with every sign-in."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts.models import Account
from methods.allowance import remember
from methods.models import RegisteredMethod
from methods.registry import sign_in_kinds
from methods.usable import only_usable, passes, phishing_resistant, recovery_addresses
from policies.allowances import allowance_by, today
from policies.clock import day_of
from policies.current import current_book
from policies.networks import networks_at
from policies.rulebook.content import Book
from policies.ties import Ties, person_of, ties_of

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
    outage: str = ""  # one that was declared for this person: methods are asked in another order, nothing else is decided by it

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
            "outage": self.outage,
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


def facts_now(account: Account, registered: Sequence[RegisteredMethod], at: Circumstances) -> tuple[Facts, Book]:
    """The same by the version in force, and that version; what the account may verify with is known from then on."""
    book, at = current_book(), replace(at, moment=at.moment or timezone.now())
    ties = ties_of(account, book, at.day)
    remember(account, allowance_by(book, person_of(account, ties)))
    return facts_of(account, registered, book, at, ties), book


def facts_of(account: Account, registered: Sequence[RegisteredMethod], book: Book, at: Circumstances, ties: Ties) -> Facts:
    """The facts; asks the database nothing."""
    now, person = timezone.now(), person_of(account, ties)
    allowed = allowance_by(book, person, today(at.moment))
    methods = only_usable(registered, allowed)
    return Facts(
        active=account.is_active,
        usable=len(methods),
        strong=len(phishing_resistant(methods)),
        had_methods=account.recovery_until is not None or any(one.kind in sign_in_kinds() for one in registered),
        asked_here=account.mfa_asked_here,
        registers_anew=account.registers_anew,
        in_recovery=account.recovery_until is not None and account.recovery_until > now,
        has_pass=bool(passes(registered)),
        address_confirmed=any(allowed.allows(one.kind) for one in recovery_addresses(registered)),
        overdue=is_overdue(account, at.day),
        sensitive=at.sensitive,
        emergency=account.common_id in settings.MFA_BREAK_GLASS,
        affiliation=person.affiliation,
        kind=person.kind,
        account=person.account,
        roles=person.roles,
        lists=person.lists,
        networks=networks_at(at.address, book),
        countries=ties.countries,
        system=at.system,
        day=at.day,
        outage=allowed.outage.uid if allowed.outage else "",
    )


def is_overdue(account: Account, day: str) -> bool:
    """Whether a campaign that requires something has asked in vain; over at once for whoever has applied."""
    until = account.campaign_until
    return account.campaign_requires and until is not None and day > until.isoformat() and not account.methods_needed
