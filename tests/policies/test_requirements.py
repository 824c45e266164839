"""What a sign-in needs: every combination of facts, not a chosen few."""

from datetime import timedelta
from itertools import product

import pytest
from django.test import override_settings
from django.utils import timezone, translation
from pytest_django import Settings

from accounts.models import Account
from policies.checks import check_settings
from policies.networks import network_of
from policies.requirements import RULES, Facts, Outcome, Requirement, decide, explain_rule, facts_for

YES_NO = (True, False)
EVERY_CASE = [
    Facts(active, usable, had, asked, recovery, sensitive, network, is_open, early, has_pass)
    for active, usable, had, asked, recovery, sensitive, network, is_open, early, has_pass in product(
        YES_NO, (0, 1, 3), YES_NO, YES_NO, YES_NO, YES_NO, ("campus", "outside"), YES_NO, YES_NO, YES_NO
    )
]


def cases(outcome: Outcome) -> list[Facts]:
    return [facts for facts in EVERY_CASE if decide(facts).outcome == outcome]


@pytest.mark.covers("S-02", "S-17")
def test_a_password_alone_signs_in_only_where_nothing_is_asked_for() -> None:
    for facts in cases(Outcome.ALLOW):
        assert facts.active
        assert facts.usable
        assert not any((facts.asked_here, facts.sensitive, facts.verify_early))


@pytest.mark.covers("S-02", "S-25")
def test_nobody_registers_with_the_password_while_methods_stand_or_mfa_is_asked() -> None:
    for facts in cases(Outcome.REGISTER):
        assert facts.active
        assert not facts.usable
        assert facts.in_recovery or not (facts.asked_here or facts.had_methods)
        assert facts.in_recovery or facts.network == "campus" or facts.registration_open


def test_a_temporary_access_pass_is_asked_for_where_nothing_else_can_be_verified() -> None:
    """R-014, R-164: it never replaces a method that can be used, and never opens an account that has left."""
    assert {(facts.has_pass, facts.usable, facts.active) for facts in cases(Outcome.PASS)} == {(True, 0, True)}


def test_whoever_has_left_is_refused_whatever_else_is_true() -> None:
    assert {decide(facts) for facts in EVERY_CASE if not facts.active} == {Requirement(Outcome.REFUSE, "account-left")}


def test_a_person_with_methods_is_never_sent_to_register_nor_refused() -> None:
    outcomes = {decide(facts).outcome for facts in EVERY_CASE if facts.active and facts.usable}
    assert outcomes == {Outcome.ALLOW, Outcome.VERIFY}


@pytest.mark.covers("S-17", "S-76", "C-06")
def test_a_person_with_methods_is_verified_when_anything_asks_for_it() -> None:
    for facts in EVERY_CASE:
        if facts.active and facts.usable and (facts.asked_here or facts.sensitive or facts.verify_early):
            assert decide(facts).outcome == Outcome.VERIFY


def test_every_rule_is_the_answer_to_something() -> None:
    assert {decide(facts).rule for facts in EVERY_CASE} == {rule.code for rule in RULES}


def test_without_a_word_from_the_institution_first_registration_is_closed_and_verification_early() -> None:
    newcomer = Facts(active=True, usable=0, had_methods=False, asked_here=False, in_recovery=False, sensitive=False, network="outside")
    assert decide(newcomer) == Requirement(Outcome.REFUSE, "register-on-campus")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_every_rule_is_explained_in_both_languages(rule: object) -> None:
    code = rule.code  # type: ignore[attr-defined]
    english = str(explain_rule(code))
    with translation.override("ja"):
        assert str(explain_rule(code)) not in {english, code}


def test_a_retired_rule_is_shown_by_its_code() -> None:
    assert explain_rule("retired") == "retired"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "campus"),
        ("::ffff:203.0.113.9", "campus"),
        ("2001:db8:1::7", "campus"),
        ("203.0.114.9", "outside"),
        ("2001:db8:2::7", "outside"),
        ("203.0.113.9, 10.0.0.1", "outside"),
        ("nonsense", "outside"),
        ("", "outside"),
        (None, "outside"),
    ],
)
@override_settings(MFA_CAMPUS_NETWORKS=["203.0.113.0/24", "2001:db8:1::/48"])
def test_the_network_is_campus_only_when_the_address_says_so(address: str | None, network: str) -> None:
    assert network_of(address) == network


def test_without_campus_networks_everybody_is_outside() -> None:
    assert network_of("127.0.0.1") == "outside"


@pytest.mark.parametrize(("hours", "in_recovery"), [(None, False), (1, True), (-1, False)])
def test_recovery_lasts_until_its_moment(hana: Account, hours: int | None, *, in_recovery: bool) -> None:
    hana.recovery_until = None if hours is None else timezone.now() + timedelta(hours=hours)
    assert facts_for(hana, [], sensitive=False, address=None).in_recovery is in_recovery


@pytest.mark.parametrize(("setting", "is_open"), [("open", True), ("networks", False), ("Open", False), ("", False)])
def test_only_the_very_word_opens_registration(hana: Account, settings: Settings, setting: str, *, is_open: bool) -> None:
    settings.MFA_FIRST_REGISTRATION = setting
    assert facts_for(hana, [], sensitive=False, address=None).registration_open is is_open


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("MFA_CAMPUS_NETWORKS", ["10.0.0.1/8"], "policies.E001"),
        ("MFA_FIRST_REGISTRATION", "everywhere", "policies.E002"),
        ("MFA_PROPAGATION_MINUTES", -1, "policies.E003"),
        ("MFA_CONNECTORS", ["policies.connectors.local.LocalConnector"] * 2, "policies.E004"),
        ("MFA_CONNECTORS", ["policies.connectors.nowhere.Connector"], "policies.E004"),
    ],
)
def test_settings_that_cannot_be_meant_stop_the_start(settings: Settings, name: str, value: object, problem: str) -> None:
    assert check_settings() == []
    setattr(settings, name, value)
    assert [error.id for error in check_settings()] == [problem]
