"""Accounts for emergencies: with a key alone, whatever the rules say, and everybody concerned hears of it (R-172)."""

from dataclasses import replace
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.locks import lock
from accounts.models import Account
from audit.catalogue import EventName
from audit.models import Event
from methods.models import Message, MethodState, RegisteredMethod
from policies.allowances import as_allowance, rule_for, today
from policies.facts import Facts
from policies.requirements import EMERGENCY, Outcome, decide
from policies.stranding import stranded
from policies.ties import Person
from tests.factories import a_totp_app
from tests.methods.security_key import SoftKey, asked_on
from tests.policies.books import a_book, in_force, methods_of
from tests.signin.door import enter_password, has_session
from tests.signin.test_policies import with_key

pytestmark = pytest.mark.django_db
OPEN = a_book({"asks": "none", "id": "open"}, {"asks": "open", "part": "registration", "id": "anywhere"})
YESTERDAY = date.today() - timedelta(days=1)  # noqa: DTZ011  tests run in the institution's zone
USED = Facts(active=True, usable=1, emergency=True)


@pytest.mark.parametrize(
    ("facts", "outcome"),
    [
        (USED, Outcome.REFUSE),
        (replace(USED, strong=1), Outcome.VERIFY),
        (replace(USED, has_pass=True), Outcome.PASS),
        (replace(USED, usable=0), Outcome.REGISTER),
        (replace(USED, active=False), Outcome.REFUSE),
    ],
)
def test_a_key_is_asked_for_although_a_rule_lets_in_without_one(facts: Facts, outcome: Outcome) -> None:
    decided = decide(facts, OPEN)
    assert decided.outcome is outcome
    assert decided.strong or not facts.active
    assert decide(replace(facts, emergency=False, active=True, usable=1), OPEN).outcome is Outcome.ALLOW


def test_a_code_of_an_app_does_not_open_it(ada: Account, settings: Any) -> None:
    settings.MFA_BREAK_GLASS = [ada.common_id]
    a_totp_app(ada)
    client = Client()
    assert enter_password(client, ada)["Location"] == "/signin/refused/"
    assert not has_session(client)
    assert Event.objects.get(name=EventName.SIGNIN_REFUSED).after["rule"] == EMERGENCY


def test_its_use_is_recorded_and_told_to_everybody_concerned(hana: Account, sato: Account, aki: Account, settings: Any) -> None:
    key = with_key(hana)
    assert not Event.objects.filter(name=EventName.BREAK_GLASS_USED).exists()
    settings.MFA_BREAK_GLASS = [hana.common_id]
    client = Client()
    enter_password(client, hana)
    client.post("/signin/verify/", {"code": key.get(asked_on(client.get("/signin/verify/")))})
    assert has_session(client)
    event = Event.objects.get(name=EventName.BREAK_GLASS_USED)
    assert (event.account_id, event.verified_with) == (hana.pk, "fido")
    assert set(Message.objects.filter(template="break-glass-used").values_list("account", flat=True)) == {sato.pk, aki.pk}


def with_key_alone(account: Account) -> SoftKey:
    key = with_key(account)
    RegisteredMethod.objects.filter(account=account).exclude(kind="fido").update(state=MethodState.REMOVED, is_default=False)
    return key


@pytest.mark.parametrize("rule", [{"order": ("totp",)}, {"order": ("totp", "fido"), "last_days": {"fido": YESTERDAY}}])
def test_no_method_policy_takes_its_key_away(hana: Account, sato: Account, settings: Any, rule: dict[str, Any]) -> None:
    key = with_key_alone(hana)
    book = in_force({"asks": "verify"}, methods=(methods_of(*rule["order"], last_days=rule.get("last_days", {})),))
    client = Client()
    assert enter_password(client, hana)["Location"] != "/signin/verify/"
    settings.MFA_BREAK_GLASS = [hana.common_id]
    enter_password(client, hana)
    client.post("/signin/verify/", {"code": key.get(asked_on(client.get("/signin/verify/")))})
    assert has_session(client)
    assert "fido" not in as_allowance(rule_for(book, Person(account=sato.common_id)), today()).kinds


def test_neither_the_number_of_its_keys_is_limited_nor_is_it_listed_as_left_without(hana: Account, settings: Any) -> None:
    with_key_alone(hana)
    old = in_force({"asks": "verify"})
    new = a_book({"asks": "verify"}, groups=(), methods=(methods_of("totp", limits={"fido": 1, "totp": 1}),))
    assert [one.common_id for one in stranded(old, new, today())] == [hana.common_id]
    settings.MFA_BREAK_GLASS = [hana.common_id]
    assert stranded(old, new, today()) == []
    mine = as_allowance(rule_for(new, Person(account=hana.common_id)), today())
    assert (mine.kinds, dict(mine.limits), mine.takes("fido")) == (("totp", "fido"), {"totp": 1}, True)


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is typed at the two prompts, the last first."""
    lines = ["sealed anew in 2 envelopes"] * 2
    monkeypatch.setattr("accounts.management.commands.changepassword.getpass", lambda prompt: lines.pop())
    return lines


def test_its_password_is_changed_at_the_command_line(ada: Account, typed: list[str]) -> None:
    call_command("changepassword", ada.common_id, stdout=StringIO())
    assert check_password("sealed anew in 2 envelopes", Account.objects.get(pk=ada.pk).password)
    assert enter_password(Client(), ada).status_code == 200, "the one of before opens nothing"
    assert Event.objects.get(name=EventName.PASSWORD_CHANGED).reason == "manage.py changepassword"


def test_a_lock_that_is_set_while_the_command_asks_stays(hana: Account, hiro: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked_meanwhile(prompt: str) -> str:
        if Account.objects.get(pk=hana.pk).locked_at is None:
            lock(hana, actor=hiro, reason="nobody called it out")
        return "sealed anew in 2 envelopes"

    monkeypatch.setattr("accounts.management.commands.changepassword.getpass", locked_meanwhile)
    call_command("changepassword", hana.common_id, stdout=StringIO())
    account = Account.objects.get(pk=hana.pk)
    assert account.locked_at
    assert (account.epoch, check_password("sealed anew in 2 envelopes", account.password)) == (hana.epoch + 1, True)


def test_a_password_that_is_too_easy_or_typed_differently_changes_nothing(ada: Account, typed: list[str]) -> None:
    typed[:] = ["another one entirely", "one of these two here", "short", "short", "password1234", "password1234"]
    before, errors = Account.objects.get(pk=ada.pk).password, StringIO()
    with pytest.raises(CommandError, match="Nothing was changed"):
        call_command("changepassword", ada.common_id, stderr=errors)
    assert "They are not the same." in errors.getvalue()
    assert Account.objects.get(pk=ada.pk).password == before
    with pytest.raises(CommandError, match="There is no account 5555555555"):
        call_command("changepassword", "5555555555")
