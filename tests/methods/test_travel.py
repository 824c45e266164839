"""Abroad: another default for the days of a journey, and back by itself (S-134 to S-136)."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone
from django.utils.timezone import localdate

from accounts.models import Account
from accounts.refusals import Refused
from audit.models import Event
from methods import travel
from methods.abroad import Prospect, Reach, prospects
from methods.lifecycle import remove, require_reregistration, set_default
from methods.models import Journey, Message, MethodState, RegisteredMethod
from methods.options import Option, option
from methods.usable import usable
from selfservice.models import CountryNote
from tests.factories import a_phone, a_totp_app, signed_in
from tests.methods.people import fresh_browser, send_all

pytestmark = pytest.mark.django_db
PAGE = "/security-info/travel/"
WEEK = timedelta(days=7)


@pytest.fixture
def traveller(hana: Account) -> Account:
    """Hana, who is usually texted a code and has an app as well."""
    a_phone(hana)
    a_totp_app(hana, name="App")
    return hana


def the_app(account: Account) -> Option:
    found = option(usable(account), RegisteredMethod.objects.get(account=account, kind="totp").pk)
    assert found
    return found


def in_days(days: float) -> Any:
    return time_machine.travel(timezone.now() + timedelta(days=days), tick=False)


def default(account: Account) -> str:
    return next(method.name for method in usable(account) if method.is_default)


def planned(account: Account, leaves: int = 7, returns: int = 14) -> None:
    travel.plan(account, the_app(account), country="FR", days=some_days(leaves, returns), actor=account)


def some_days(leaves: int = 0, returns: int = 0) -> travel.Days:
    today = travel.today()
    return travel.Days(today + timedelta(days=leaves), today + timedelta(days=returns))


@pytest.mark.covers("S-134", "S-135")
def test_for_the_days_of_the_journey_the_app_is_asked_first_and_then_the_phone_again(traveller: Account) -> None:
    planned(traveller)
    for day, asked in ((0, "Phone"), (6, "Phone"), (7, "App"), (14, "App"), (15, "Phone")):
        with in_days(day):
            travel.look_after()
            assert default(traveller) == asked, day
    assert not Journey.objects.exists()


@pytest.mark.covers("S-136")
def test_a_reminder_goes_out_three_days_before_once(traveller: Account) -> None:
    planned(traveller)
    for day, told in ((3, 0), (4, 1), (5, 1)):
        with in_days(day):
            travel.look_after()
        assert Message.objects.filter(template="journey-reminder").count() == told, day
    with in_days(5):
        send_all()
    assert "you are asked to sign in with “App”" in mail.outbox[-1].body


@pytest.mark.covers("S-134")
def test_only_what_needs_no_network_is_offered(traveller: Account) -> None:
    assert [one.method.name for one in travel.works_abroad(traveller)] == ["App"]
    text = option(usable(traveller), RegisteredMethod.objects.get(kind="phone").pk)
    assert text
    with pytest.raises(Refused, match="not-for-travel"):
        travel.plan(traveller, text, country="FR", days=some_days(), actor=traveller)


def test_the_plan_and_its_end_are_recorded(traveller: Account) -> None:
    planned(traveller, 0, 0)
    assert default(traveller) == "App", "who leaves today is asked so at once"
    with in_days(1):
        travel.look_after()
    names = list(
        Event.objects.filter(name__in=["journey:planned", "journey:ended", "method:default-changed"]).values_list("name", flat=True)
    )
    assert sorted(names) == ["journey:ended", "journey:planned", "method:default-changed", "method:default-changed"]


@pytest.mark.parametrize(("leaves", "returns"), [(2, 1), (-3, -1), (1, 400)])
def test_days_that_cannot_be_are_refused(traveller: Account, leaves: int, returns: int) -> None:
    with pytest.raises(Refused, match="travel-dates"):
        planned(traveller, leaves, returns)


def test_whoever_chose_another_default_meanwhile_keeps_it(traveller: Account) -> None:
    planned(traveller, 0, 5)
    other = a_totp_app(traveller, name="Other")
    set_default(traveller, other.pk, actor=traveller)
    with in_days(6):
        travel.look_after()
        assert default(traveller) == "Other"


def test_an_app_that_was_removed_before_the_journey_is_not_made_the_default(traveller: Account) -> None:
    planned(traveller)
    remove(traveller, the_app(traveller).method.pk, actor=traveller)
    with in_days(7):
        travel.look_after()
        assert default(traveller) == "Phone"
        journey = Journey.objects.get()
        assert (journey.country, journey.method) == ("FR", None), "the country was planned all the same"


@pytest.mark.parametrize("state", [MethodState.REMOVED, MethodState.SUSPENDED])
def test_a_method_that_is_gone_is_promised_neither_by_the_page_nor_by_the_reminder(traveller: Account, state: MethodState) -> None:
    planned(traveller)
    RegisteredMethod.objects.filter(kind="totp").update(state=state)
    html = fresh_browser(traveller).get(PAGE).content.decode()
    assert "On these days you sign in with" not in html
    assert "“App”, which you chose for these days, was removed or cannot be used now" in html
    with in_days(4):
        travel.look_after()
        send_all()
    assert "You are asked to sign in as you are now." in next(letter.body for letter in mail.outbox if "before your" in letter.subject)


def test_a_number_that_was_removed_abroad_does_not_come_back(traveller: Account) -> None:
    planned(traveller, 0, 5)
    remove(traveller, RegisteredMethod.objects.get(kind="phone").pk, actor=traveller)
    with in_days(6):
        travel.look_after()
        assert default(traveller) == "App"


@pytest.mark.parametrize("closed", ["locked_at", "left_at"])
def test_a_closed_account_does_not_leave_and_holds_up_nobody_else(traveller: Account, ken: Account, closed: str) -> None:
    a_phone(ken, "+819087654321")
    a_totp_app(ken, name="App")
    for account in (traveller, ken):
        planned(account)
    Account.objects.filter(pk=traveller.pk).update(**{closed: timezone.now()})
    with in_days(7):
        assert travel.look_after() == 1
        assert (default(traveller), default(ken)) == ("Phone", "App")
        Account.objects.update(**{closed: None})
        travel.look_after()
        assert default(traveller) == "App", "the plan has waited"


def test_whoever_is_locked_abroad_is_back_when_the_account_is_unlocked(traveller: Account) -> None:
    planned(traveller, 0, 5)
    Account.objects.update(locked_at=timezone.now())
    with in_days(6):
        assert travel.look_after() == 0
        assert default(traveller) == "App"
        Account.objects.update(locked_at=None)
        travel.look_after()
        assert default(traveller) == "Phone"


def test_what_is_refused_to_one_holds_up_nobody_else(traveller: Account, ken: Account, monkeypatch: Any) -> None:
    a_totp_app(ken, name="App")
    for account in (traveller, ken):
        planned(account)
    refused: list[int] = []

    def only_one(account: Account, *given: Any, **facts: Any) -> None:
        refused.append(account.pk)
        if len(refused) == 1:
            raise Refused("not-default")

    monkeypatch.setattr(travel, "set_default", only_one)
    with in_days(7):
        assert travel.look_after() == 1
    assert len(set(refused)) == 2


def test_nobody_plans_for_somebody_else(traveller: Account, ken: Account) -> None:
    with pytest.raises(Refused, match="not-allowed"):
        travel.plan(traveller, the_app(traveller), country="FR", days=some_days(), actor=ken)
    with pytest.raises(Refused, match="not-for-travel"):
        travel.plan(ken, the_app(traveller), country="FR", days=some_days(), actor=ken)
    with pytest.raises(Refused, match="not-allowed"):
        travel.cancel(traveller, actor=ken)


@pytest.mark.covers("S-135")
def test_the_page_plans_a_journey_and_takes_it_back(traveller: Account) -> None:
    client = fresh_browser(traveller)
    chosen = f"{the_app(traveller).method.pk}."
    days = {"country": "FR", "leaves_on": localdate().isoformat(), "returns_on": (localdate() + WEEK).isoformat()}
    html = client.post(PAGE, {"option": chosen, **days}, follow=True).content.decode()
    assert "you sign in with “App”" in html
    assert "France, from" in html
    assert default(traveller) == "App"
    client.post(f"{PAGE}cancel/")
    assert default(traveller) == "Phone"


@pytest.mark.covers("S-136")
def test_the_page_has_a_checklist_and_notes_on_countries_in_the_readers_language(traveller: Account) -> None:
    CountryNote.objects.create(name_en="Atlantis", name_ja="アトランティス", note_en="Texts sink.", note_ja="SMSは届きません。")
    client = fresh_browser(traveller)
    html = client.get(PAGE).content.decode()
    assert "Texts sink." in html
    assert "ask your provider about roaming" in html
    client.cookies["language"] = "ja"
    assert "SMSは届きません。" in client.get(PAGE).content.decode()


def test_wrong_days_stay_in_the_form_with_a_reason(traveller: Account) -> None:
    chosen = f"{the_app(traveller).method.pk}."
    html = (
        fresh_browser(traveller)
        .post(PAGE, {"option": chosen, "country": "FR", "leaves_on": "2026-01-02", "returns_on": "2026-01-01"})
        .content.decode()
    )
    assert "Choose a first day and a last day" in html


def test_without_a_method_that_works_abroad_one_is_recommended(hana: Account) -> None:
    a_phone(hana)
    assert "Add an authenticator app before you leave." in fresh_browser(hana).get(PAGE).content.decode()


@pytest.mark.covers("S-133", "S-136")
def test_the_page_marks_what_works_in_the_country(traveller: Account) -> None:
    CountryNote.objects.create(code="FR", name_en="France", name_ja="フランス", note_en="Calls are cut off.", note_ja="-", calls="fails")
    CountryNote.objects.create(name_en="Atlantis", name_ja="アトランティス", note_en="Texts sink.", note_ja="-")
    reach = {"text": Reach.UNKNOWN, "call": Reach.FAILS}
    found = [(one.option.way.code, one.prospect) for one in prospects(usable(traveller), "FR", reach)]
    assert found == [("text", Prospect.UNSURE), ("call", Prospect.FAILS), ("", Prospect.WORKS)]
    html = fresh_browser(traveller).get(f"{PAGE}?country=FR").content.decode()
    for words in ("What works there: France", "Does not work there", "May not work there", "Works there", "Calls are cut off."):
        assert words in html
    assert "Texts sink." not in html, "notes on the country that is asked about are enough"


def test_a_number_of_the_country_works_there_and_others_where_texts_arrive_with_roaming(traveller: Account) -> None:
    phone = [RegisteredMethod.objects.get(kind="phone")]
    assert {one.prospect for one in prospects(phone, "JP", {})} == {Prospect.AT_HOME}
    known = dict.fromkeys(("text", "call"), Reach.ARRIVES)
    assert {one.prospect for one in prospects(phone, "FR", known)} == {Prospect.ROAMING}


def test_a_country_that_there_is_not_changes_nothing(traveller: Account) -> None:
    assert "What works abroad" in fresh_browser(traveller).get(f"{PAGE}?country=<b>").content.decode()
    with pytest.raises(Refused, match="travel-country"):
        travel.plan(traveller, None, country="ZZ", days=some_days(), actor=traveller)
    answer = fresh_browser(traveller).post(
        PAGE, {"country": "ZZ", "option": "as-it-is", "leaves_on": "2030-01-01", "returns_on": "2030-01-01"}
    )
    assert "Select a valid choice" in answer.content.decode()


def test_a_journey_without_another_default_is_planned_told_and_ends_by_itself(traveller: Account) -> None:
    client = fresh_browser(traveller)
    today = travel.today().isoformat()
    client.post(PAGE, {"option": "as-it-is", "country": "FR", "leaves_on": today, "returns_on": today})
    assert default(traveller) == "Phone"
    send_all()
    assert "A journey was planned for your account: France, from" in mail.outbox[0].body
    with in_days(1):
        assert not travel.under_way(travel.today()).exists(), "the days end it, whether anybody looks after it or not"
        travel.look_after()
        send_all()
    assert "Are you still away?" in mail.outbox[1].body
    assert not Journey.objects.exists()
    assert Event.objects.get(name="journey:ended").before == {"country": "FR"}


def test_the_mail_names_the_country_in_the_readers_language(traveller: Account) -> None:
    Account.objects.update(language="ja")
    planned(traveller)
    send_all()
    assert "フランス" in mail.outbox[0].body


@pytest.mark.covers("S-142")
def test_whoever_has_to_register_anew_travels_nowhere(traveller: Account, ada: Account) -> None:
    planned(traveller, 0, 5)
    require_reregistration(traveller, actor=ada, reason="Lost everything")
    assert not Journey.objects.exists()
    assert Event.objects.filter(name="journey:ended").count() == 1


def test_the_page_needs_a_fresh_verification(traveller: Account) -> None:
    client = Client()
    signed_in(client, traveller, verified=False)
    for answer in (client.get(PAGE), client.post(PAGE), client.post(f"{PAGE}cancel/")):
        assert answer["Location"].startswith("/signin/step-up/")
