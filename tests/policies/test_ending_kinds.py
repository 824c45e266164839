"""Kinds of method that end: who has one is told beforehand, each mail once (C-04)."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import translation

from accounts.models import Account
from methods.letters import send_letter
from methods.models import Message
from policies import ending_kinds
from policies.allowances import today
from policies.ending_kinds import tell_those_affected
from policies.models import EndNotice
from tests.factories import a_phone, a_totp_app, an_account
from tests.policies.books import in_force, methods_of

Parallel = Callable[[int, Callable[[int], Any]], list[Any]]
ALWAYS = {"asks": "verify"}
pytestmark = pytest.mark.django_db


def ending(last_day: date, **who: Any) -> None:
    first = methods_of("totp", "phone", "fido", last_days={"phone": last_day}, **who)
    in_force(ALWAYS, methods=(first, *([methods_of("totp", "phone", "fido")] if who else [])))


def mails() -> list[Message]:
    return list(Message.objects.filter(template="method-kind-ends").order_by("account__common_id"))


@pytest.fixture
def people() -> list[Account]:
    """One with a telephone alone, one with an app besides, one without a telephone, one who has left."""
    alone, both, without, gone = an_account("2000000001"), an_account("2000000002"), an_account("2000000003"), an_account("2000000004")
    for n, account in enumerate((alone, both, gone)):
        a_phone(account, f"+8190123456{n:02}")
    a_totp_app(both)
    a_totp_app(without)
    Account.objects.filter(pk=gone.pk).update(left_at="2026-01-01T00:00Z")
    return [alone, both, without, gone]


def test_those_are_told_who_have_one_and_whether_anything_is_left_to_them(people: list[Account]) -> None:
    ending(today() + timedelta(days=90))
    assert tell_those_affected() == 2
    assert [(mail.account_id, mail.facts["alone"]) for mail in mails()] == [(people[0].pk, True), (people[1].pk, False)]


def test_nobody_is_told_twice_and_each_again_as_the_day_comes_near(people: list[Account], monkeypatch: Any) -> None:
    last = today() + timedelta(days=90)
    ending(last)
    told = []
    for left in (90, 60, 30, 29, 8, 7, 2, 1, 0, -1):
        monkeypatch.setattr(ending_kinds, "today", lambda left=left: last - timedelta(days=left))
        told.append(tell_those_affected())
    assert told == [2, 0, 2, 0, 0, 2, 0, 2, 0, 0]


def test_only_those_are_told_for_whom_it_ends(people: list[Account]) -> None:
    ending(today() + timedelta(days=5), accounts=frozenset({"2000000002"}))
    assert tell_those_affected() == 1
    assert [mail.account_id for mail in mails()] == [people[1].pk]


def test_nothing_is_told_where_nothing_ends(people: list[Account]) -> None:
    in_force(ALWAYS, methods=(methods_of("totp", "phone"),))
    assert tell_those_affected() == 0


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "it can be used for the last time on 31 March 2027"), ("ja", "2027年3月31日")],
)
def test_the_mail_says_the_day_and_what_to_do(people: list[Account], mailoutbox: list[Any], language: str, said: str) -> None:
    facts = {"kind_en": "Phone", "kind_ja": "電話", "last_day": "2027-03-31", "alone": True}
    with translation.override(language):
        send_letter(people[0], "method-kind-ends", address="a@b.example", facts=facts, reference="1")
    [mail] = mailoutbox
    assert said in mail.body
    assert "/security-info/add/" in mail.body


def test_four_who_look_at_the_same_time_tell_once(parallel: Parallel) -> None:
    for n in range(20):
        a_phone(an_account(), f"+8190123457{n:02}")
    ending(today() + timedelta(days=5))
    outcomes = parallel(4, lambda _n: tell_those_affected())
    assert [outcome.error for outcome in outcomes] == [None] * 4
    assert (EndNotice.objects.count(), len(mails())) == (20, 20)
