"""What many people may verify with, by the method policy in force: learned in a few queries, or asked of the database in one statement."""

from collections.abc import Sequence
from datetime import date
from itertools import takewhile

from django.conf import settings
from django.db.models import Case, Q, QuerySet, Value, When

from accounts.models import Account, RoleGrant
from methods.allowance import remember
from methods.models import MethodState, RegisteredMethod
from methods.registry import sign_in_kinds
from policies.allowances import allowance_by, emergency_kinds, today
from policies.current import current_book
from policies.models import ListedAccount
from policies.rulebook.content import Book
from policies.rulebook.method_rules import MethodRule
from policies.rulebook.starting import method_rules
from policies.ties import person_of, ties_of_many


def learn(accounts: Sequence[Account]) -> None:
    """Have `allowance_of` know each of these rows, which bring their affiliation along; at most three queries for all."""
    book = current_book()
    ties = ties_of_many([account.pk for account in accounts], book)
    for account in accounts:
        remember(account, allowance_by(book, person_of(account, ties[account.pk])))


def verifying() -> QuerySet[RegisteredMethod]:
    """Everybody's methods that a sign-in may ask for today, as `only_usable` says of one account. Asks which version is in force."""
    allowed = Q(_allowed(current_book(), today()))
    if settings.MFA_BREAK_GLASS:
        allowed |= Q(account__common_id__in=settings.MFA_BREAK_GLASS, kind__in=emergency_kinds())
    return RegisteredMethod.objects.filter(allowed, state=MethodState.ACTIVE)


def _allowed(book: Book, day: date) -> Case:
    """Whether the first rule that speaks of an account, as in `rule_for`, lets it verify with a method."""
    special = list(takewhile(lambda rule: not rule.is_for_everybody, method_rules(book)))
    rest = method_rules(book)[len(special)]
    if all(_kinds(rule, day) == _kinds(rest, day) for rule in special):
        special = []  # they differ in something else
    return Case(*(When(_speaks_of(rule, book), then=_is_of(_kinds(rule, day))) for rule in special), default=_is_of(_kinds(rest, day)))


def _kinds(rule: MethodRule, day: date) -> list[str]:
    return [kind for kind in sign_in_kinds() if not rule.ends(kind, day)]


def _is_of(kinds: list[str]) -> Case:
    return Case(When(kind__in=kinds, then=Value(True)), default=Value(False))


def _speaks_of(rule: MethodRule, book: Book) -> Q:
    """As `matching.speaks_of`, over a method and its account."""
    speaks = Q()
    if rule.kinds:
        speaks &= Q(account__kind__in=rule.kinds)
    if rule.affiliations:
        speaks &= Q(account__affiliation__code__in=rule.affiliations)
    if rule.roles:
        speaks &= Q(account__in=RoleGrant.objects.filter(role__in=rule.roles).values("account"))
    if rule.groups:
        lists = [book.lists[code] for code in rule.groups if code in book.lists]
        speaks &= Q(account__in=ListedAccount.objects.filter(list__uid__in=lists).values("account"))
    if rule.accounts:
        speaks &= Q(account__common_id__in=rule.accounts)
    return speaks
