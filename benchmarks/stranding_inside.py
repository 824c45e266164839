"""The part of stranding.py that runs within the site: fill, ask, open the page; a line for each figure."""

import resource
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from accounts.models import Account, Affiliation
from methods.models import RegisteredMethod
from policies.allowances import today
from policies.pages.left_without import left_without
from policies.rulebook.content import Asks, Book, Part, Rule
from policies.rulebook.method_rules import MethodRule
from policies.rulebook.starting import starting_method_rule
from policies.stranding import now_without, stranded

RULES, PORTION = 200, 20_000


def inside(count: int) -> None:
    """Everybody has a phone and nothing else, and the draft takes phones away: nobody can be left out of the search."""
    accounts = _people(count)
    for start in range(0, len(accounts), PORTION):
        rows = [RegisteredMethod(account_id=one, kind="phone", name="Phone", is_default=True) for one in accounts[start : start + PORTION]]
        RegisteredMethod.objects.bulk_create(rows)
    old = _book(1, _rules())
    for words, new in (
        ("phones cease at once", _book(2, _rules(without="phone"))),
        ("phones end in a month", _book(2, _rules(ends={"phone": today() + timedelta(days=30)}))),
        ("phones cease for one faculty of many", _book(2, _rules(without="phone", only=True))),
    ):
        found, seconds = _timed(lambda new=new: stranded(old, new, today()))
        print(f"{words:<40}{seconds:.1f} s, {now_without(found):,} at once, {len(found):,} in all")
    found, seconds = _timed(lambda: left_without(_book(2, _rules(without="phone"))))
    print(f"{'what its page shows of it':<40}{seconds:.1f} s, {found['strands']:,} people in {len(found['strands_rows'])} affiliations")
    print(f"memory of the process at most           {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


def _people(count: int) -> list[int]:
    """Accounts of as many affiliations as a university has, as an import would leave them."""
    places = [
        Affiliation.objects.create(code=f"faculty{number}", name_en=f"Faculty {number}", name_ja=f"学部{number}") for number in range(30)
    ]
    for start in range(0, count, PORTION):
        numbers = range(start, min(start + PORTION, count))
        Account.objects.bulk_create(
            Account(common_id=f"{number:010d}", name_en="A Person", name_ja="人", kind="student", affiliation=places[number % 30])
            for number in numbers
        )
    return list(Account.objects.values_list("pk", flat=True))


def _rules(*, without: str = "", ends: dict[str, Any] | None = None, only: bool = False) -> tuple[MethodRule, ...]:
    """A rule for so many affiliations and roles, and the last one for everybody."""
    last, codes = starting_method_rule(), sorted(Affiliation.objects.values_list("code", flat=True))
    made = []
    for number in range(RULES - 1):
        who = {"affiliations": frozenset({codes[number % len(codes)]})} if number % 2 else {"roles": frozenset({"helpdesk"})}
        made.append(replace(last, id=f"rule{number}", **who))
    rules = (*made, last)
    changed = [one for one in rules if one.affiliations == frozenset({codes[1 % len(codes)]})] if only else rules
    order = tuple(kind for kind in last.order if kind != without)
    return tuple(replace(one, order=order, last_days=ends or {}) if one in changed else one for one in rules)


def _book(number: int, methods: tuple[MethodRule, ...]) -> Book:
    return Book(number, (Rule("Everybody", "全員", id="last", part=Part.SIGN_IN, asks=Asks.VERIFY),), methods=methods)


def _timed(ask: Callable[[], Any]) -> tuple[Any, float]:
    began = time.perf_counter()
    return ask(), time.perf_counter() - began
