"""Recent activity: one's own events in words, and “This wasn't me”, which protects at once and tells the desk."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account, SessionRecord
from audit.catalogue import EventName
from audit.context import Where, circumstances
from audit.models import Event
from audit.own import LEFT_OUT
from audit.record import record
from methods.disowning import DISOWNABLE
from methods.models import MethodState, RegisteredMethod, Report
from methods.unknown_requests import is_held
from tests.factories import a_method, a_totp_app, a_verification, proved_by, signed_in
from tests.methods.people import send_all

pytestmark = pytest.mark.django_db
PAGE = "/my-account/activity/"
Browser = Callable[..., Client]
FIREFOX = "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0"


def page(client: Client, query: str = "") -> str:
    answer = client.get(PAGE + query)
    assert answer.status_code == 200
    return answer.content.decode()


def a_sign_in(account: Account, badge: SessionRecord | None = None, **fields: str) -> Event:
    session = str(badge.uid) if badge else str(uuid.uuid4())
    here = Where(address="203.0.113.7", browser=FIREFOX, session=session, verified_with="totp", attempt=fields.get("attempt", "a"))
    with circumstances(here):
        return record(EventName.SIGNIN_SUCCEEDED, account=account, actor=account, after={"rule": "always-verify", "verified_with": "totp"})


def a_registration(account: Account, method: RegisteredMethod, session: str = "") -> Event:
    with circumstances(Where(address="203.0.113.7", browser=FIREFOX, session=session)):
        after = {"method": str(method.pk), "kind": method.kind, "name": method.name, "hint": method.hint}
        return record(EventName.METHOD_REGISTERED, account=account, actor=account, after=after)


def disown(client: Client, event: Event) -> str:
    answer = client.post(reverse("selfservice:activity-entry", args=[event.uid]), follow=True)
    return str(answer.content.decode())


@pytest.mark.covers("S-126")
def test_a_sign_in_is_listed_with_when_where_with_what_and_why(browser_of: Browser, hana: Account) -> None:
    a_sign_in(hana)
    html = page(browser_of(hana))
    for fact in (
        "Signed in",
        "Firefox · Windows",
        "203.0.113.7",
        "Verified with: Authenticator app",
        "MFA use is in effect: every sign-in",
    ):
        assert fact in html


def test_a_sign_in_with_the_password_alone_says_so(browser_of: Browser, hana: Account) -> None:
    record(EventName.SIGNIN_SUCCEEDED, account=hana, actor=hana, after={"rule": "not-in-effect-yet", "verified_with": ""})
    assert "Password only" in page(browser_of(hana))


def test_of_staff_the_role_alone_is_told(browser_of: Browser, hana: Account, hiro: Account) -> None:
    with circumstances(Where(address="198.51.100.9", browser=FIREFOX, verified_with="fido")):
        record(EventName.ACCOUNT_UNLOCKED, account=hana, actor=hiro, reason="Hiro Abe spoke with her")
    html = page(browser_of(hana))
    assert "Account unlocked" in html
    assert "Help desk" in html
    for secret in (hiro.common_id, "Hiro", "198.51.100.9", "Firefox"):
        assert secret not in html


def test_events_of_others_and_of_the_machinery_are_not_listed(browser_of: Browser, hana: Account, ken: Account) -> None:
    a_sign_in(ken)
    for name in sorted(LEFT_OUT):
        record(name, account=hana)
    assert browser_of(hana).get(PAGE).context["rows"] == []


def test_a_password_is_listed_until_its_sign_in_is(browser_of: Browser, hana: Account) -> None:
    with circumstances(Where(attempt="a", address="203.0.113.7")):
        record(EventName.PASSWORD_ACCEPTED, account=hana, actor=hana)
    browser = browser_of(hana)
    assert "was not finished" in page(browser)
    a_sign_in(hana)
    assert [row.event.name for row in browser.get(PAGE).context["rows"]] == [EventName.SIGNIN_SUCCEEDED]


def test_numbers_stay_masked(browser_of: Browser, hana: Account) -> None:
    after = {"kind": "phone", "name": "Phone", "hint": "+81 ••••••••78"}
    record(EventName.METHOD_REGISTERED, account=hana, actor=hana, after=after)
    assert "“Phone” · Phone · +81 ••••••••78" in page(browser_of(hana))


def test_older_events_are_a_page_further(browser_of: Browser, hana: Account) -> None:
    events = [a_sign_in(hana, attempt=str(number)) for number in range(45)]
    browser, seen, query = browser_of(hana), [], ""
    while True:
        answer = browser.get(PAGE + query)
        seen += [row.event for row in answer.context["rows"]]
        if answer.context["older"] is None:
            break
        query = f"?before={answer.context['older']}"
    assert seen == events[::-1]


@pytest.mark.parametrize("query", ["?before=x", "?before=-1", "?before=99999999999999999999", "?before=%00"])
def test_an_address_that_cannot_be_read_begins_with_the_newest(query: str, browser_of: Browser, hana: Account) -> None:
    a_sign_in(hana)
    assert "Signed in" in page(browser_of(hana), query)


def test_the_list_takes_at_most_ten_queries_however_long_it_is(
    hana: Account, hiro: Account, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(10):
        with circumstances(Where(attempt=str(number))):
            record(EventName.PASSWORD_ACCEPTED, account=hana, actor=hana)
        a_sign_in(hana, attempt=str(number))
        record(EventName.ACCOUNT_VIEWED, account=hana, actor=hiro)
    browser = Client()
    signed_in(browser, hana, verified=proved_by(a_totp_app(hana)))
    with django_assert_max_num_queries(10):
        page(browser)


@pytest.mark.covers("S-127", "S-143")
def test_a_strange_sign_in_loses_its_session_and_the_desk_hears_of_it(browser_of: Browser, hana: Account, hiro: Account) -> None:
    stranger = Client()
    event = a_sign_in(hana, signed_in(stranger, hana))
    browser = browser_of(hana)
    assert "This wasn’t me" in page(browser)
    html = disown(browser, event)
    assert stranger.get("/my-account/").status_code == 302
    assert browser.get("/my-account/").status_code == 200
    assert "The session in which it was done has ended." in html
    assert "Change your password" in html
    assert is_held(hana)
    desk = browser_of(hiro).get("/helpdesk/reports/").content.decode()
    for fact in ("Signed in", "203.0.113.7", "Firefox · Windows", "1 session ended"):
        assert fact in desk


def test_it_is_recorded_once_with_what_was_done(browser_of: Browser, hana: Account) -> None:
    event = a_sign_in(hana, signed_in(Client(), hana))
    disown(browser_of(hana), event)
    reported = Event.objects.get(name=EventName.ACTIVITY_REPORTED)
    report = Report.objects.get()
    assert (reported.account_id, reported.actor_id) == (hana.pk, hana.pk)
    facts = {"what": event.name, "event": str(event.uid), "report": str(report.pk), "sessions": 1, "methods": []}
    assert reported.after == facts
    assert Event.objects.filter(name=EventName.SESSION_ENDED, after__why="not-me").count() == 1


def test_a_fresh_method_is_suspended_with_the_sessions_it_opened(hana: Account) -> None:
    mine, strange = a_totp_app(hana), a_method(hana, "fido", name="A key")
    stranger, browser = Client(), Client()
    signed_in(stranger, hana, verified=a_verification("fido", method=strange.pk))
    signed_in(browser, hana, verified=proved_by(mine))
    html = disown(browser, a_registration(hana, strange))
    strange.refresh_from_db()
    assert strange.state == MethodState.SUSPENDED
    assert "The method “A key” is suspended." in html
    assert stranger.get("/my-account/").status_code == 302
    suspended = Event.objects.get(name=EventName.METHOD_SUSPENDED)
    assert (suspended.actor_id, suspended.after["why"]) == (hana.pk, "not-me")


def test_what_a_strange_session_registered_stops_with_its_sign_in(hana: Account) -> None:
    mine, browser, stranger = a_totp_app(hana), Client(), Client()
    signed_in(browser, hana, verified=proved_by(mine))
    badge = signed_in(stranger, hana)
    event, strange = a_sign_in(hana, badge), a_method(hana, "fido", name="A key")
    a_registration(hana, strange, session=str(badge.uid))
    disown(browser, event)
    states = dict(RegisteredMethod.objects.values_list("name", "state"))
    assert states == {"my phone": "active", "A key": "suspended"}


def test_a_default_that_is_suspended_hands_over_to_another(hana: Account) -> None:
    mine, strange, browser = a_totp_app(hana), a_totp_app(hana, name="other", key=b"another key of an app"), Client()
    RegisteredMethod.objects.filter(pk=mine.pk).update(is_default=False)
    RegisteredMethod.objects.filter(pk=strange.pk).update(is_default=True)
    signed_in(browser, hana, verified=proved_by(mine))
    disown(browser, a_registration(hana, strange))
    assert RegisteredMethod.objects.get(is_default=True) == mine


def test_two_that_stop_at_once_leave_the_default_to_a_third(hana: Account) -> None:
    browser, stranger = Client(), Client()
    badge = signed_in(stranger, hana)
    event = a_sign_in(hana, badge)
    for name in ("first", "second"):
        a_registration(hana, a_totp_app(hana, name=name, key=name.encode() * 4), session=str(badge.uid))
    mine = a_totp_app(hana)
    signed_in(browser, hana, verified=proved_by(mine))
    disown(browser, event)
    assert list(RegisteredMethod.objects.filter(state=MethodState.SUSPENDED).values_list("name", flat=True).order_by("name")) == [
        "first",
        "second",
    ]
    assert RegisteredMethod.objects.get(is_default=True) == mine


def test_an_old_method_is_reported_and_stays_as_it_may_be_the_only_one(hana: Account) -> None:
    method, browser = a_totp_app(hana, bound_at=timezone.now() - timedelta(days=15)), Client()
    signed_in(browser, hana, verified=proved_by(method))
    disown(browser, a_registration(hana, method))
    method.refresh_from_db()
    assert method.state == MethodState.ACTIVE
    assert Report.objects.count() == 1


def test_suspending_a_method_needs_a_fresh_verification(hana: Account) -> None:
    strange, mine, stale = a_method(hana, "fido", name="A key"), a_totp_app(hana), Client()
    signed_in(stale, hana, verified=a_verification(method=mine.pk, at=timezone.now() - timedelta(minutes=11)))
    event = a_registration(hana, strange)
    answer = stale.post(reverse("selfservice:activity-entry", args=[event.uid]))
    assert answer["Location"].startswith(reverse("signin:step-up"))
    assert not Report.objects.exists()


def test_a_second_time_changes_nothing(browser_of: Browser, hana: Account) -> None:
    event, browser = a_sign_in(hana), browser_of(hana)
    for _ in range(2):
        assert "The support desk has been told" in disown(browser, event)
    assert Report.objects.count() == 1
    assert Event.objects.filter(name=EventName.ACTIVITY_REPORTED).count() == 1


def test_the_session_at_hand_is_not_disowned(hana: Account) -> None:
    browser = Client()
    event = a_sign_in(hana, signed_in(browser, hana))
    assert "If you did not open it, sign out" in disown(browser, event)
    assert not Report.objects.exists()
    assert "This wasn’t me" not in page(browser)


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("whose", ["ken's", "nobody's", "left out"])
def test_what_is_not_ones_own_does_not_exist(method: str, whose: str, browser_of: Browser, hana: Account, ken: Account) -> None:
    uid = {"ken's": a_sign_in(ken).uid, "nobody's": uuid.uuid4(), "left out": record(EventName.PASSWORD_REFUSED, account=hana).uid}[whose]
    assert getattr(browser_of(hana), method)(reverse("selfservice:activity-entry", args=[uid])).status_code == 404
    assert not Report.objects.exists()


def test_looking_reports_nothing(browser_of: Browser, hana: Account) -> None:
    event = a_sign_in(hana)
    html = browser_of(hana).get(reverse("selfservice:activity-entry", args=[event.uid])).content.decode()
    assert "When you press the button" in html
    assert not Report.objects.exists()


def test_a_mail_tells_it_at_every_address(browser_of: Browser, hana: Account) -> None:
    disown(browser_of(hana), a_sign_in(hana))
    send_all()
    [letter] = mail.outbox
    assert "This was reported as not yours: Signed in." in letter.body


@pytest.mark.parametrize("name", sorted(DISOWNABLE))
def test_whatever_can_be_disowned_makes_a_report_that_both_sides_can_read(
    name: EventName, browser_of: Browser, hana: Account, hiro: Account, sato: Account
) -> None:
    with circumstances(Where(address="203.0.113.7", browser=FIREFOX)):
        event = record(name, account=hana, actor=hiro if name.startswith(("methods", "account")) else hana)
    assert "Do this now" in disown(browser_of(hana), event)
    assert browser_of(sato).get("/helpdesk/reports/").status_code == 200
    assert browser_of(sato).get(f"/helpdesk/accounts/{hana.common_id}/").status_code == 200


def test_pressed_twice_at_once_it_is_one_report(parallel: Callable[..., object], hana: Account) -> None:
    event, clients = a_sign_in(hana), [Client(), Client()]
    for client in clients:
        signed_in(client, hana)
    parallel(2, lambda number: disown(clients[number], event))
    assert Report.objects.count() == 1
    assert Event.objects.filter(name=EventName.ACTIVITY_REPORTED).count() == 1
