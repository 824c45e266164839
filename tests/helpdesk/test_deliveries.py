"""Changes that wait for a person: passing on again, or settling with a reason (R-229)."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db.models import F
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account, SessionRecord
from accounts.refusals import Refused
from audit.models import Event
from helpdesk import velocity
from helpdesk.cases import open_case
from helpdesk.models import Case, CaseKind
from policies.applications import TEXT_VERSION, submit
from policies.by_hand import settle_by_hand
from policies.models import Application, ConnectedSystem, Delivery
from policies.progress import progress
from policies.systems import ensure_system
from tests.factories import a_totp_app, an_account
from tests.policies.deliveries import of, planned, release, wait

pytestmark = pytest.mark.django_db
PAGE = reverse("helpdesk:deliveries")
Browser = Callable[..., Client]
REASON = {"reason": "Looked in the directory"}


@pytest.fixture
def refused(hana: Account) -> Delivery:
    """Hana's application: this site has confirmed, campus mail has refused her."""
    ensure_system("mail", connector="webhook", name_en="Campus mail", name_ja="学内メール", window_minutes=9000)
    a_totp_app(hana, last_signin_at=timezone.now())
    submit(hana, actor=hana, text_version=TEXT_VERSION)
    wait(41)
    release()
    Delivery.objects.filter(system__code="mail").update(state="failed", last_answer="HTTP 404", attempt=2)
    return of("mail")


def page(client: Client, query: str = "") -> str:
    answer = client.get(PAGE + query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_says_who_where_what_and_why(refused: Delivery, sato: Account, browser_of: Browser) -> None:
    shown = page(browser_of(sato))
    for words in ("1000000001", "Campus mail", "MFA use is on", "The system does not know what was asked for."):
        assert words in shown


@pytest.mark.covers("S-144")
def test_passing_on_again_is_a_verb_with_a_reason(refused: Delivery, sato: Account, browser_of: Browser) -> None:
    browser = browser_of(sato)
    address = reverse("helpdesk:retry-delivery", args=[refused.uid])
    assert browser.post(address, {"reason": " "}).status_code == 400
    assert browser.post(address, REASON)["Location"] == PAGE
    assert of("mail").state == "waiting"
    event = Event.objects.get(name="delivery:retried")
    assert (event.account_label, event.actor_id, event.reason) == ("1000000001", sato.pk, REASON["reason"])
    assert "not waiting for anybody" in browser.post(address, REASON).content.decode()


@pytest.mark.covers("S-144")
def test_what_a_person_settles_lets_mfa_use_come_into_effect_and_is_never_shown_as_confirmed(
    refused: Delivery, sato: Account, browser_of: Browser
) -> None:
    browser_of(sato).post(reverse("helpdesk:settle-delivery", args=[refused.uid]), REASON)
    application = Application.objects.get()
    assert (application.state, of("mail").state) == ("in-effect", "settled")
    shown = progress(application)
    assert [row.state for row in shown.rows] == ["confirmed", "settled"]
    assert (shown.confirmed, shown.percent) == (1, 100)
    event = Event.objects.get(name="delivery:settled")
    assert (event.account_label, event.actor_id, event.reason) == ("1000000001", sato.pk, REASON["reason"])
    [case] = Case.objects.all()
    assert event.after == {"system": "Campus mail", "state": "on", "revision": 1, "problem": "HTTP 404", "case": case.number}


@pytest.mark.parametrize("name", ["retry", "settle"])
def test_each_belongs_to_a_case_which_is_over_with_it(name: str, refused: Delivery, sato: Account, browser_of: Browser) -> None:
    browser_of(sato).post(reverse(f"helpdesk:{name}-delivery", args=[refused.uid]), REASON)
    [case] = Case.objects.all()
    assert (case.account, case.kind, case.owner, case.closed_by) == (refused.account, "system", sato, sato)
    told = Event.objects.filter(case=case.number).order_by("pk").values_list("name", flat=True)
    assert [event for event in told if event.startswith(("case", "delivery"))] == [
        "case:opened",
        {"retry": "delivery:retried", "settle": "delivery:settled"}[name],
        "case:closed",
    ]


def test_a_case_that_is_worked_on_anyway_takes_it_up_and_stays_open(refused: Delivery, sato: Account, browser_of: Browser) -> None:
    case = open_case(refused.account, actor=sato, kind=CaseKind.SIGN_IN)
    browser_of(sato).post(reverse("helpdesk:retry-delivery", args=[refused.uid]), REASON)
    assert Event.objects.get(name="delivery:retried").case == case.number
    assert [one.is_open for one in Case.objects.all()] == [True]


def test_what_is_refused_opens_no_case(refused: Delivery, sato: Account, browser_of: Browser) -> None:
    Delivery.objects.update(state="waiting")
    assert browser_of(sato).post(reverse("helpdesk:retry-delivery", args=[refused.uid]), REASON).status_code == 409
    assert not Case.objects.exists()


def test_this_sites_own_sign_in_is_never_settled_by_hand(hana: Account, sato: Account, browser_of: Browser) -> None:
    planned(ConnectedSystem.objects.get(code="local"), hana)
    Delivery.objects.update(state="failed")
    address = reverse("helpdesk:settle-delivery", args=[of("local").uid])
    browser = browser_of(sato)
    assert address not in page(browser)
    assert browser.post(address, REASON).status_code == 409
    assert of("local").state == "failed"


def test_who_may_not_is_told_why_and_refused(refused: Delivery, hiro: Account, hana: Account, browser_of: Browser) -> None:
    assert "Your role does not include this" in page(browser_of(hiro))
    for name in ("retry", "settle"):
        assert browser_of(hiro).post(reverse(f"helpdesk:{name}-delivery", args=[refused.uid]), REASON).status_code == 403
    assert browser_of(hana).get(PAGE).status_code == 403
    with pytest.raises(Refused, match="own-account"):
        settle_by_hand(refused, actor=an_account_of(hana), reason="mine")


def an_account_of(hana: Account) -> Account:
    """Hana herself, who works at the senior help desk now."""
    hana.role_grants.create(role="senior-helpdesk")
    return hana


def test_an_account_of_the_same_rank_is_left_to_somebody_higher(
    refused: Delivery, hana: Account, sato: Account, browser_of: Browser
) -> None:
    an_account_of(hana)
    browser = browser_of(sato)
    assert "equal to or above yours" in page(browser)
    assert browser.post(reverse("helpdesk:settle-delivery", args=[refused.uid]), REASON).status_code == 403


def test_both_need_a_fresh_verification(refused: Delivery, sato: Account, browser_of: Browser) -> None:
    browser = browser_of(sato)
    SessionRecord.objects.update(verified_at=F("verified_at") - timedelta(minutes=11))
    for name in ("retry", "settle"):
        assert "step-up" in browser.post(reverse(f"helpdesk:{name}-delivery", args=[refused.uid]), REASON)["Location"]
    assert "Verify yourself first" in page(browser)


def test_the_list_is_narrowed_by_system_by_what_is_wrong_and_by_account(
    refused: Delivery, ken: Account, sato: Account, browser_of: Browser
) -> None:
    planned(ConnectedSystem.objects.get(code="local"), ken)
    Delivery.objects.filter(account=ken).update(state="unsure")
    browser = browser_of(sato)
    for query, shown, hidden in (
        ("?system=mail", "1000000001", "1000000002"),
        ("?state=unsure", "1000000002", "1000000001"),
        ("?account=1000000002", "1000000002", ">1000000001<"),
    ):
        words = page(browser, query)
        assert shown in words
        assert hidden not in words
    assert "1000000001" in page(browser, "?system=nowhere")


def test_a_form_keeps_the_filter_and_what_was_typed(refused: Delivery, sato: Account, browser_of: Browser) -> None:
    browser, query = browser_of(sato), "?system=mail&page=1"
    address = reverse("helpdesk:retry-delivery", args=[refused.uid]) + query
    assert f'action="{escape(address)}"' in page(browser, query)
    answer = browser.post(address, {"reason": "  "})
    assert (answer.status_code, answer.context["form"].data["system"]) == (400, "mail")
    with override_settings(MFA_STAFF_LIMITS=["retry-delivery=1/1"]):
        velocity.count(sato, velocity.RETRY)
        assert "Looked in the directory" in browser.post(address, REASON).content.decode()
    assert browser.post(address, REASON)["Location"] == PAGE + query
    SessionRecord.objects.update(verified_at=timezone.now() - timedelta(hours=1))
    assert quote(PAGE + query, safe="") in browser.post(address, REASON)["Location"], "after a verification as well"


def test_a_long_list_has_pages_and_costs_the_same(
    sato: Account, browser_of: Browser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    planned(ConnectedSystem.objects.get(code="local"), *(an_account() for _ in range(30)))
    Delivery.objects.filter(pk__in=list(Delivery.objects.values_list("pk", flat=True)[:2])).update(state="failed")
    browser = browser_of(sato)
    page(browser)
    with django_assert_num_queries(10):
        page(browser)
    Delivery.objects.update(state="failed")
    with django_assert_num_queries(10):
        assert "Page 1 of 2" in page(browser)
    assert "Page 2 of 2" in page(browser, "?page=2")
