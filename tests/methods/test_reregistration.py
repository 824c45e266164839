"""S-142, I7, R-115, R-161: staff take every method away, and the person registers anew within three days."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import Account
from accounts.refusals import Refused
from audit.models import Event
from methods import lifecycle
from methods.lifecycle import RECOVERY_WINDOW, require_reregistration
from methods.models import Message, RegisteredMethod
from methods.usable import listed, usable
from tests.factories import a_phone, a_totp_app, an_account
from tests.methods.people import add_app
from tests.signin.door import enter_password

REASON = "lost the phone; seen in person with the card"


@pytest.fixture
def lost(hana: Account) -> Account:
    """An account that must verify at every sign-in, and whose phone is gone."""
    a_totp_app(hana)
    a_phone(hana)
    Account.objects.filter(pk=hana.pk).update(methods_needed=True, mfa_asked_here=True)
    hana.refresh_from_db()
    return hana


def where_to(account: Account) -> str:
    return str(enter_password(Client(), account)["Location"])


@pytest.mark.covers("S-142")
def test_after_it_the_password_leads_to_a_new_registration(lost: Account, sato: Account) -> None:
    assert where_to(lost) == "/signin/verify/"
    require_reregistration(lost, actor=sato, reason=REASON)
    assert (listed(lost), usable(lost)) == ([], [])
    assert where_to(lost) == "/signin/more-information/"


def test_the_state_of_mfa_use_stays(lost: Account, sato: Account) -> None:
    require_reregistration(lost, actor=sato, reason=REASON)
    lost.refresh_from_db()
    assert (lost.methods_needed, lost.mfa_asked_here) == (True, True)


@pytest.mark.parametrize("asked_here", [True, False])
def test_after_three_days_the_desk_must_be_asked_again(lost: Account, sato: Account, asked_here: bool) -> None:  # noqa: FBT001
    """Also where this site does not ask yet: the account is no newcomer's whose password would be enough."""
    Account.objects.filter(pk=lost.pk).update(mfa_asked_here=asked_here)
    require_reregistration(lost, actor=sato, reason=REASON)
    with time_machine.travel(timezone.now() + RECOVERY_WINDOW - timedelta(minutes=1)):
        assert where_to(lost) == "/signin/more-information/"
    with time_machine.travel(timezone.now() + RECOVERY_WINDOW + timedelta(minutes=1)):
        assert where_to(lost) == "/signin/refused/"


def register_anew(account: Account) -> Client:
    client = Client()
    enter_password(client, account)
    add_app(client, "new phone")
    return client


def test_the_new_method_ends_the_window(lost: Account, sato: Account) -> None:
    require_reregistration(lost, actor=sato, reason=REASON)
    client = register_anew(lost)
    lost.refresh_from_db()
    assert lost.recovery_until is None
    assert [method.is_default for method in usable(lost)] == [True]
    assert where_to(lost) == "/signin/verify/"
    assert client.get("/signin/continue/").status_code in {200, 302}


def test_who_registers_first_closes_it_for_everybody_else(lost: Account, sato: Account) -> None:
    """A thief with the password who was at the door as well."""
    require_reregistration(lost, actor=sato, reason=REASON)
    thief = Client()
    enter_password(thief, lost)
    thief.post("/security-info/totp/")
    register_anew(lost)
    assert thief.get("/security-info/totp/scan/")["Location"].startswith("/signin/")
    assert thief.post("/security-info/totp/")["Location"].startswith("/signin/")


def test_every_secret_is_gone_and_every_session_ended(lost: Account, sato: Account) -> None:
    require_reregistration(lost, actor=sato, reason=REASON)
    assert set(RegisteredMethod.objects.values_list("state", "is_default")) == {("removed", False)}
    assert not lost.totp_apps.exists()
    assert not lost.phones.exists()


def test_it_is_recorded_once_with_reason_and_what_was_taken(lost: Account, sato: Account) -> None:
    require_reregistration(lost, actor=sato, reason=REASON)
    event = Event.objects.get(name="methods:reset")
    assert (event.account_id, event.actor_id, event.actor_kind, event.reason) == (lost.pk, sato.pk, "staff", REASON)
    assert sorted(method["kind"] for method in event.before["methods"]) == ["phone", "totp"]
    assert Message.objects.get(template="methods-reset").address == lost.contact_address


RANKS = {
    "holder": ((), "not-allowed"),
    "desk": (("helpdesk",), "not-allowed"),
    "senior": (("senior-helpdesk",), None),
    "auditor": (("auditor",), "not-allowed"),
    "administrator": (("administrator",), None),
}


@pytest.mark.parametrize(("roles", "refusal"), RANKS.values(), ids=RANKS)
def test_who_may_do_it(lost: Account, roles: tuple[str, ...], refusal: str | None) -> None:
    actor = an_account(roles=roles)
    if refusal is None:
        require_reregistration(lost, actor=actor, reason=REASON)
        assert usable(lost) == []
        return
    with pytest.raises(Refused, match=refusal):
        require_reregistration(lost, actor=actor, reason=REASON)
    assert len(usable(lost)) == 2


@pytest.mark.parametrize(
    ("target", "code"), [("sato", "own-account"), ("another", "equal-or-higher-role"), ("ada", "equal-or-higher-role")]
)
def test_not_on_oneself_nor_on_equal_or_higher_rank(sato: Account, ada: Account, target: str, code: str) -> None:
    """R-161."""
    people = {"sato": sato, "ada": ada, "another": an_account(roles=("auditor",))}
    a_totp_app(people[target])
    with pytest.raises(Refused, match=code):
        require_reregistration(people[target], actor=sato, reason=REASON)
    assert len(usable(people[target])) == 1


@pytest.mark.parametrize("reason", ["", "   ", "\n\t"])
def test_a_reason_must_be_given(lost: Account, sato: Account, reason: str) -> None:
    with pytest.raises(Refused, match="reason-missing"):
        require_reregistration(lost, actor=sato, reason=reason)


def test_an_account_without_methods_has_nothing_to_reset(hana: Account, sato: Account) -> None:
    with pytest.raises(Refused, match="not-reset"):
        require_reregistration(hana, actor=sato, reason=REASON)
    hana.refresh_from_db()
    assert hana.recovery_until is None, "otherwise the desk could open what the rules keep closed"


def test_an_address_alone_does_not_end_the_window(lost: Account, sato: Account) -> None:
    require_reregistration(lost, actor=sato, reason=REASON)
    client = Client()
    enter_password(client, lost)
    client.post("/security-info/email/", {"address": "hana@mail.example.org"})
    assert timedelta(days=3) == lifecycle.RECOVERY_WINDOW
    assert where_to(lost) == "/signin/more-information/"
