"""What a sign-in needs: a table of decisions, and what must hold for every policy that anybody could write."""

import tomllib
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from accounts.kinds import AccountKind
from policies.checks import check_settings
from policies.explaining import explain_rule
from policies.facts import Facts, day_of
from policies.networks import networks_at
from policies.requirements import OVERDUE, OWN_SENTENCES, STARTING, Outcome, decide
from policies.rulebook.content import OF_PART, Asks, Book, Mode, Part, Place, Rule, Use
from policies.rulebook.matching import first, misses
from policies.rulebook.starting import starting_book
from policies.rulebook.storing import from_json, to_json
from policies.rulebook.words import MISSES, Names, aloud
from tests.policies.books import ADDRESSES, GROUPS, NETWORKS, a_book

TABLE = tomllib.loads((Path(__file__).parent / "decisions.toml").read_text())
CASES = [(name, policy["rules"], case) for name, policy in TABLE.items() for case in policy["cases"]]
SETS = {one.name for one in fields(Facts) if one.type == frozenset[str]}


def facts_of(case: dict[str, Any], book: Book) -> Facts:
    who = {name: frozenset(value) if name in SETS else value for name, value in case["who"].items()}
    known = {"active": True, "usable": 0, "networks": networks_at(ADDRESSES[case["at"]], book)} | who
    return Facts(**known, **{name: case[name] for name in ("sensitive", "system", "day") if name in case})


@pytest.mark.covers("S-02", "S-25", "S-76", "S-101", "S-102", "C-02", "C-06")
@pytest.mark.parametrize(("policy", "rules", "case"), CASES, ids=[f"{name}-{number}" for number, (name, *_) in enumerate(CASES)])
def test_the_table_of_decisions(policy: str, rules: list[dict[str, Any]], case: dict[str, Any]) -> None:
    book = a_book(*rules)
    decided = decide(facts_of(case, book), book)
    assert (decided.outcome, decided.rule) == (case["decided"], case["by"])
    assert decided.reported == case.get("reported", "")
    if decided.outcome is not Outcome.REFUSE:
        assert decided.strong is case.get("strong", False)


kinds = st.sampled_from([AccountKind.STUDENT.value, AccountKind.STAFF.value])  # there are no others than those of the site
codes = st.frozensets(st.sampled_from(["one", "two"]), max_size=2)
days = st.sampled_from([None, "2026-03-31", "2026-04-01", "2026-04-02"])


@st.composite
def rules(draw: Any) -> Rule:
    part = draw(st.sampled_from(list(Part)))
    stored = {
        "id": draw(st.uuids()).hex[:8],
        "name_en": "A rule",
        "name_ja": "規則",
        "part": part,
        "asks": draw(st.sampled_from(OF_PART[part])),
        "mode": draw(st.sampled_from(list(Mode))),
        "use": draw(st.sampled_from(list(Use))),
        "place": draw(st.sampled_from(list(Place))),
    }
    made = Rule(
        **stored,
        networks=draw(st.frozensets(st.sampled_from([one.code for one in NETWORKS]))),
        groups=draw(st.frozensets(st.just("abroad"))),
        kinds=draw(st.frozensets(kinds)),
        **{name: draw(codes) for name in ("affiliations", "roles", "accounts", "countries", "systems")},
    )
    since, until = draw(days), draw(days)
    return replace(made, since=since and datetime.fromisoformat(since).date(), until=until and datetime.fromisoformat(until).date())


books = st.lists(rules(), max_size=6).map(lambda drawn: Book(0, tuple(drawn), NETWORKS, GROUPS))
one_of = st.sampled_from(["", "one", "two"])
situations = st.builds(
    Facts,
    active=st.booleans(),
    usable=st.integers(0, 2),
    strong=st.integers(0, 1),
    **dict.fromkeys(
        ("had_methods", "asked_here", "registers_anew", "in_recovery", "has_pass", "address_confirmed", "sensitive", "overdue"),
        st.booleans(),
    ),
    kind=kinds,
    **dict.fromkeys(("affiliation", "account", "system"), one_of),
    **dict.fromkeys(("roles", "countries"), codes),
    lists=st.frozensets(st.just("list-of-abroad")),
    networks=st.sampled_from(list(ADDRESSES.values())).map(lambda address: networks_at(address, a_book())),
    day=st.sampled_from(["2026-03-31", "2026-04-01", "2026-04-02"]),
)


@pytest.mark.covers("S-02", "S-17", "S-102")
@given(books, situations)
def test_nothing_is_open_that_no_rule_opens(book: Book, facts: Facts) -> None:
    """A password alone needs a rule in force that says so, a method, an account in use, and a page that is not sensitive."""
    decided = decide(facts, book)
    if decided.outcome is Outcome.ALLOW:
        [opens] = [rule for rule in book.rules if rule.id == decided.rule]
        assert (opens.asks, opens.mode, opens.part) == (Asks.NONE, Mode.ON, Part.SIGN_IN)
        assert facts.active
        assert facts.usable
        assert not facts.sensitive
        assert not facts.overdue
        assert "bad" not in facts.networks
        assert not list(misses(opens, facts, book))


@given(books, situations)
def test_nobody_registers_unless_a_rule_a_pass_or_the_desk_opens_it(book: Book, facts: Facts) -> None:
    decided = decide(facts, book)
    if decided.outcome in {Outcome.REGISTER, Outcome.ADDRESS} and decided.rule != "register-in-recovery":
        [opens] = [rule for rule in book.rules if rule.id == decided.rule]
        assert opens.asks is {Outcome.REGISTER: Asks.OPEN, Outcome.ADDRESS: Asks.ADDRESS}[decided.outcome]
        assert opens.mode is Mode.ON
        assert not any((facts.asked_here and not facts.registers_anew, facts.had_methods, facts.usable))
        assert decided.outcome is Outcome.REGISTER or facts.address_confirmed
    if decided.outcome is Outcome.PASS:
        assert facts.has_pass


@given(books, situations)
def test_whoever_has_left_or_comes_from_a_blocked_network_is_refused_whatever_the_rules_say(book: Book, facts: Facts) -> None:
    assert decide(replace(facts, active=False), book).rule == "account-left"
    blocked = replace(facts, active=True, networks=facts.networks | {"bad"})
    assert decide(blocked, book).rule == "network-blocked"


@given(books, situations)
def test_the_first_rule_that_speaks_of_a_sign_in_is_the_one_without_an_objection(book: Book, facts: Facts) -> None:
    speaking = [rule for rule in book.rules if rule.part is Part.SIGN_IN and not list(misses(rule, facts, book))]
    assert first(book, Part.SIGN_IN, facts) == (speaking[0] if speaking else None)


@given(books, situations)
def test_rules_that_only_report_change_nothing(book: Book, facts: Facts) -> None:
    without = replace(book, rules=tuple(rule for rule in book.rules if rule.mode is Mode.ON))
    assert replace(decide(facts, book), reported="") == decide(facts, without)


@given(books)
def test_a_policy_is_stored_and_read_without_loss(book: Book) -> None:
    assert from_json(to_json(book)) == book


@pytest.mark.parametrize("broken", [{"mode": "perhaps"}, {"asks": "nothing"}, {"since": "tomorrow"}, {"colour": "red"}])
def test_a_stored_rule_that_cannot_be_understood_is_no_rule(broken: dict[str, str]) -> None:
    stored = to_json(a_book({"asks": "verify"}))
    stored["rules"][0] |= broken
    with pytest.raises((ValueError, TypeError)):
        from_json(stored)


@given(books)
def test_every_rule_is_read_aloud_in_both_languages(book: Book) -> None:
    for rule in book.rules:
        english = aloud(rule, book, Names())
        with translation.override("ja"):
            assert aloud(rule, book, Names()) not in {english, ""}


@pytest.mark.parametrize("words", [*OWN_SENTENCES.values(), *STARTING.values(), *MISSES.values()], ids=str)
def test_every_reason_is_explained_in_both_languages(words: Any) -> None:
    english = str(words)
    with translation.override("ja"):
        assert str(words) not in {english, ""}


def test_a_retired_rule_is_shown_by_its_code() -> None:
    assert explain_rule("retired") == "retired"


@pytest.mark.parametrize(
    ("moment", "zone", "day"),
    [
        ("2026-03-31T14:59:59", "Asia/Tokyo", "2026-03-31"),
        ("2026-03-31T15:00:00", "Asia/Tokyo", "2026-04-01"),
        ("2026-03-28T23:59:00", "Europe/Berlin", "2026-03-29"),  # the night in which an hour is left out
        ("2026-10-25T22:59:00", "Europe/Berlin", "2026-10-25"),  # the day of 25 hours
        ("2026-10-25T23:00:00", "Europe/Berlin", "2026-10-26"),
    ],
)
def test_a_day_is_one_of_the_institutions_calendar(settings: Settings, moment: str, zone: str, day: str) -> None:
    settings.TIME_ZONE = zone
    timezone.get_default_timezone.cache_clear()
    try:
        with timezone.override("America/New_York"):  # where the reader is makes no difference
            assert day_of(datetime.fromisoformat(moment).replace(tzinfo=UTC)) == day
    finally:
        timezone.get_default_timezone.cache_clear()


def test_without_a_word_from_the_institution_first_registration_is_closed_and_verification_early(settings: Settings) -> None:
    settings.MFA_FIRST_REGISTRATION = "networks"
    book = starting_book()
    assert decide(Facts(active=True, usable=0), book).rule == "register-on-campus"
    assert decide(Facts(active=True, usable=1), book).outcome is Outcome.VERIFY


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("MFA_CAMPUS_NETWORKS", ["10.0.0.1/8"], "policies.E001"),
        ("MFA_FIRST_REGISTRATION", "everywhere", "policies.E002"),
        ("MFA_PROPAGATION_MINUTES", -1, "policies.E003"),
        ("MFA_CONNECTORS", ["policies.connectors.local.LocalConnector"] * 2, "policies.E004"),
        ("MFA_CONNECTORS", ["policies.connectors.nowhere.Connector"], "policies.E004"),
        ("MFA_PRIVATE_HOSTS", ["ldap.example.ac.jp", "10.1.0.0/16", "10.1.2.3/16"], "policies.E005"),
        ("MFA_PRIVATE_HOSTS", ["https://ldap.example.ac.jp"], "policies.E005"),
    ],
)
def test_settings_that_cannot_be_meant_stop_the_start(settings: Settings, name: str, value: object, problem: str) -> None:
    assert check_settings() == []
    setattr(settings, name, value)
    assert [error.id for error in check_settings()] == [problem]


@pytest.mark.covers("S-02", "S-102")
@given(books, situations)
def test_a_campaign_only_ever_turns_a_password_that_is_enough_into_a_verification(book: Book, facts: Facts) -> None:
    """Nobody is refused, and nobody registers otherwise, for being overdue."""
    free, late = decide(replace(facts, overdue=False), book), decide(replace(facts, overdue=True), book)
    if free.outcome is Outcome.ALLOW:
        assert (late.outcome, late.rule, late.strong) == (Outcome.VERIFY, OVERDUE, False)
    else:
        assert (late.outcome, late.rule, late.strong) == (free.outcome, free.rule, free.strong)
