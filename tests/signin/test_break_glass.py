"""Accounts for emergencies: with a key alone, whatever the rules say, and everybody concerned hears of it (R-172)."""

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account
from audit.catalogue import EventName
from audit.models import Event
from methods.models import Message
from policies.facts import Facts
from policies.requirements import EMERGENCY, Outcome, decide
from tests.factories import a_totp_app
from tests.methods.security_key import asked_on
from tests.policies.books import a_book
from tests.signin.door import enter_password, has_session
from tests.signin.test_policies import with_key

pytestmark = pytest.mark.django_db
OPEN = a_book({"asks": "none", "id": "open"}, {"asks": "open", "part": "registration", "id": "anywhere"})
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
