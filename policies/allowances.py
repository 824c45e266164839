"""What people may register and verify with, by the method policy in force or by any version of it, for the floor of the methods."""

import uuid
from dataclasses import replace
from datetime import date, datetime

from django.conf import settings
from django.utils import timezone

from accounts.models import Account
from methods.allowance import Allowance, Outage
from methods.registry import governed_kinds
from policies.clock import day_of
from policies.current import book_along, current_book
from policies.rulebook.content import Book
from policies.rulebook.contingency import Declared
from policies.rulebook.matching import Individual, speaks_of
from policies.rulebook.method_rules import MethodRule
from policies.rulebook.starting import method_rules
from policies.ties import person_of, ties_of


def of_account(account: Account) -> Allowance:
    """By the version in force, today; at most three queries, or two for an account that brings the version along."""
    book = book_along(account)
    return allowance_by(book, person_of(account, ties_of(account, book, today().isoformat())))


def of_everybody() -> Allowance:
    """What counts where nothing special is said of anybody."""
    return as_allowance(method_rules(current_book())[-1], today())


def today(moment: datetime | None = None) -> date:
    """The day by the institution's calendar."""
    return date.fromisoformat(day_of(moment or timezone.now()))


def allowance_by(book: Book, person: Individual, day: date | None = None) -> Allowance:
    """By this version; asks the database nothing."""
    allowance = as_allowance(rule_for(book, person), day or today())
    declared = book.outage
    if declared is None or not speaks_of(declared.what, person, book):
        return allowance
    return replace(allowance, outage=as_told(declared))


def as_told(declared: Declared) -> Outage:
    """A declared outage as the floor of the methods knows it."""
    what = declared.what
    return Outage(declared.uid, what.name_en, what.name_ja, frozenset(what.out), declared.until)


def rule_for(book: Book, person: Individual) -> MethodRule:
    """The rule about methods that counts for a person: the first that speaks of them. The last speaks of everybody.

    For an account for emergencies it leaves what opens one (R-172): no version takes away a security key or lets it end.
    """
    rule = next(rule for rule in method_rules(book) if speaks_of(rule, person, book))
    return _with_keys(rule) if person.account in settings.MFA_BREAK_GLASS else rule


def emergency_kinds() -> tuple[str, ...]:
    """The kinds that always open an account for emergencies."""
    return tuple(kind.code for kind in governed_kinds() if kind.for_sign_in and kind.phishing_resistant)


def _with_keys(rule: MethodRule) -> MethodRule:
    keys = emergency_kinds()
    return replace(
        rule,
        order=(*rule.order, *(code for code in keys if code not in rule.order)),
        last_days={code: day for code, day in rule.last_days.items() if code not in keys},
        limits={code: most for code, most in rule.limits.items() if code not in keys},
    )


def as_allowance(rule: MethodRule, day: date) -> Allowance:
    """What a rule means on one day. Of a kind that ends no new ones are registered, and after its last day it is not allowed any more."""
    return Allowance(
        kinds=tuple(kind for kind in rule.order if not rule.ends(kind, day)),
        closed=frozenset(rule.last_days),
        last_days=rule.last_days,
        limits=rule.limits,
        countries=rule.countries,
        refused_prefixes=rule.refused_prefixes,
        refused_domains=rule.refused_domains,
        call_digits=rule.call_digits,
        attestation=rule.attestation,
        authenticators=frozenset(uuid.UUID(text) for text in rule.authenticators),
    )
