"""Whether a new version protects anybody less: compared with every decision that a great many sign-ins would get."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from policies.requirements import decide
from policies.rulebook.content import Book, Group, Network, NetworkKind
from policies.weakening import _rank, weakenings
from tests.policies.books import NETWORKS, a_book
from tests.policies.test_requirements import books, situations

TODAY = date(2026, 3, 31)
STUDENTS_FREE = [{"id": "s", "kinds": ["student"], "asks": "none"}, {"id": "r", "asks": "verify"}]
FIRST_ON_CAMPUS = [{"part": "registration", "place": "campus", "asks": "open"}]
FIRST_ANYWHERE = [{"part": "registration", "asks": "open"}]
LAW_KEPT_OUT = {"asks": "refuse", "affiliations": ["law"], "place": "outside"}
LAW_LET_IN, NOBODY_ELSE = {"asks": "verify", "affiliations": ["law"]}, {"asks": "refuse"}
OUTSIDE = [{"id": "o", "place": "outside", "asks": "verify"}, {"id": "i", "asks": "none"}]


def weaker(old: Book, new: Book) -> bool:
    return bool(weakenings(old, new, today=TODAY))


@pytest.mark.parametrize(
    ("old", "new", "is_weaker"),
    [
        ([{"asks": "verify"}], [{"asks": "none"}], True),
        ([{"asks": "verify"}], STUDENTS_FREE, True),
        (STUDENTS_FREE, [{"asks": "verify"}], False),
        (STUDENTS_FREE, list(reversed(STUDENTS_FREE)), False),
        (list(reversed(STUDENTS_FREE)), STUDENTS_FREE, True),
        ([{"asks": "verify"}], [{"asks": "none", "mode": "report"}, {"asks": "verify"}], False),
        ([{"asks": "verify"}], [{"asks": "none", "since": "2027-01-01"}, {"asks": "verify"}], True),
        ([{"asks": "verify"}], [{"asks": "none", "until": "2026-01-01"}, {"asks": "verify"}], False),
        ([{"asks": "strong", "roles": ["administrator"]}, {"asks": "verify"}], [{"asks": "verify"}], True),
        ([{"asks": "refuse", "affiliations": ["law"]}, {"asks": "verify"}], [{"asks": "verify"}], True),
        ([], [{"part": "registration", "place": "campus", "asks": "open"}], True),
        ([{"part": "registration", "asks": "open"}], [{"part": "registration", "asks": "address"}], False),
        ([{"part": "registration", "asks": "address"}], [{"part": "registration", "asks": "open"}], True),
        (FIRST_ON_CAMPUS, [*FIRST_ON_CAMPUS, {"part": "registration", "use": "in-effect", "asks": "open"}], True),
        (FIRST_ON_CAMPUS, [*FIRST_ON_CAMPUS, {"part": "registration", "use": "not-yet", "asks": "open"}], True),
        ([*FIRST_ANYWHERE, LAW_KEPT_OUT], [*FIRST_ANYWHERE, {"asks": "register"}, LAW_KEPT_OUT], True),
        ([LAW_KEPT_OUT], [{"asks": "register"}, LAW_KEPT_OUT], True),  # the desk may have allowed a registration
        ([*FIRST_ANYWHERE, LAW_KEPT_OUT], [*FIRST_ANYWHERE, LAW_KEPT_OUT, {"asks": "register"}], False),
        ([LAW_LET_IN, NOBODY_ELSE], [LAW_LET_IN, NOBODY_ELSE, *FIRST_ANYWHERE], True),
        ([NOBODY_ELSE], [NOBODY_ELSE, *FIRST_ANYWHERE], False),
        ([], [{"asks": "verify"}], False),
        ([], [], False),
    ],
)
def test_rules(old: list[dict[str, Any]], new: list[dict[str, Any]], *, is_weaker: bool) -> None:
    assert weaker(a_book(*old), a_book(*new)) is is_weaker


def test_a_rule_whose_last_day_is_the_last_there_is_can_be_compared() -> None:
    assert weaker(a_book({"asks": "verify"}), a_book({"asks": "none", "until": "9999-12-31"}))


def with_networks(*networks: Network) -> Book:
    return a_book(*OUTSIDE, networks=networks)


def campus(*ranges: str, kind: NetworkKind = NetworkKind.CAMPUS) -> Network:
    return Network("Net", "網", "net", kind, ranges)


def test_a_larger_campus_is_weaker_where_the_campus_is_not_asked() -> None:
    assert weaker(with_networks(campus("192.0.2.0/25")), with_networks(campus("192.0.2.0/24")))
    assert not weaker(with_networks(campus("192.0.2.0/24")), with_networks(campus("192.0.2.0/25")))


def test_a_network_that_is_blocked_no_more_is_weaker() -> None:
    assert weaker(with_networks(campus("192.0.2.0/24", kind=NetworkKind.BLOCKED)), with_networks())


def test_other_members_of_a_group_that_is_asked_less_are_weaker() -> None:
    rules = ({"groups": ["some"], "asks": "none"}, {"asks": "verify"})
    old, new = (a_book(*rules, groups=(Group("Some", "一部", "some", members, 1),)) for members in ("list one", "list two"))
    assert weaker(old, new)
    assert not weaker(old, old)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)
@given(books, books, situations)
def test_whoever_is_protected_less_by_a_version_is_found(old: Book, new: Book, facts: Any) -> None:
    """No sign-in of all those that can be made up is weaker under a version of which nothing weaker is said."""
    facts = replace(facts, day=max(facts.day, TODAY.isoformat()))
    if _rank(decide(facts, new)) < _rank(decide(facts, old)):
        assert weaker(old, new), (facts, decide(facts, old), decide(facts, new))


def test_the_networks_of_the_table_are_compared_at_all() -> None:
    assert weakenings(a_book(*OUTSIDE), a_book({"asks": "none"}, networks=NETWORKS), today=TODAY)
