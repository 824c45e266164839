"""My account: who one is here, the tile of Security info, and one's own sessions."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account, SessionRecord
from audit.catalogue import EventName
from audit.models import Event
from tests.factories import a_totp_app, a_verification, proved_by, signed_in

pytestmark = pytest.mark.django_db
PAGE = "/my-account/"
Browser = Callable[..., Client]


def page(client: Client) -> str:
    answer = client.get(PAGE)
    assert answer.status_code == 200
    return answer.content.decode()


def works(client: Client) -> bool:
    """Whether the browser is still signed in."""
    return client.get(PAGE).status_code == 200


def end(client: Client, badge: SessionRecord | uuid.UUID, **options: bool) -> int:
    uid = badge.uid if isinstance(badge, SessionRecord) else badge
    return client.post(reverse("selfservice:end-session", args=[uid]), **options).status_code


def test_it_says_who_one_is(browser_of: Browser, hana: Account) -> None:
    html = page(browser_of(hana))
    for fact in ("1000000001", "Hana Sato", "佐藤 花", "Faculty of Science", "Student", hana.contact_address):
        assert fact in html


@pytest.mark.covers("S-129")
def test_a_tile_named_security_info_leads_there_by_updates(browser_of: Browser, hana: Account) -> None:
    html = page(browser_of(hana))
    assert '<p class="tile-title" id="tile-shield">Security info</p>' in html
    assert f'href="{reverse("selfservice:security-info")}" aria-describedby="tile-shield">Updates</a>' in html


@pytest.mark.covers("S-138")
def test_it_names_the_support_desk(browser_of: Browser, hana: Account) -> None:
    assert "mailto:support@example.ac.jp" in page(browser_of(hana)).split("<footer")[0]


@pytest.mark.covers("S-139")
def test_the_language_is_chosen_here_and_remembered(browser_of: Browser, hana: Account) -> None:
    browser = browser_of(hana)
    answer = browser.post(reverse("set_language"), {"language": "ja", "next": PAGE})
    assert answer.headers["Location"] == PAGE
    hana.refresh_from_db()
    assert hana.language == "ja"
    assert '<option value="ja" lang="ja" selected>' in page(browser)


def test_strangers_are_sent_to_sign_in(client: Client) -> None:
    assert client.get(PAGE).headers["Location"].startswith(reverse("signin:start"))


def test_open_sessions_are_listed_with_when_where_and_with_what(browser_of: Browser, hana: Account) -> None:
    badge = signed_in(Client(), hana)
    SessionRecord.objects.filter(pk=badge.pk).update(browser="Mozilla/5.0 (Windows NT 10.0) Firefox/140.0", address="192.0.2.8")
    html = page(browser_of(hana))
    for fact in ("Firefox · Windows", "192.0.2.8", "Verified with: Authenticator app", "This session"):
        assert fact in html


def test_a_session_without_verification_says_so(browser_of: Browser, hana: Account) -> None:
    assert "Password only" in page(browser_of(hana, verified=False))


def test_sessions_of_others_and_sessions_that_are_over_are_not_listed(browser_of: Browser, hana: Account, ken: Account) -> None:
    other, ended, idle = signed_in(Client(), ken), signed_in(Client(), hana), signed_in(Client(), hana)
    SessionRecord.objects.filter(pk=ended.pk).update(ended_at=timezone.now())
    SessionRecord.objects.filter(pk=idle.pk).update(last_seen_at=timezone.now() - timedelta(hours=2))
    html = page(browser_of(hana))
    assert not [badge for badge in (other, ended, idle) if str(badge.uid) in html]
    assert "Sign out everywhere else" not in html


def test_one_session_can_be_signed_out(browser_of: Browser, hana: Account) -> None:
    phone, browser = Client(), browser_of(hana)
    assert end(browser, signed_in(phone, hana)) == 302
    assert not works(phone)
    assert works(browser)


def test_signing_out_a_session_is_recorded(browser_of: Browser, hana: Account) -> None:
    badge = signed_in(Client(), hana)
    end(browser_of(hana), badge)
    event = Event.objects.get(name=EventName.SESSION_ENDED)
    assert (event.account_id, event.actor_id, event.after) == (hana.pk, hana.pk, {"session": str(badge.uid)})


@pytest.mark.parametrize("which", ["somebody else's", "nobody's"])
def test_a_session_that_is_not_ones_own_answers_like_one_that_does_not_exist(
    which: str, browser_of: Browser, hana: Account, ken: Account
) -> None:
    kens = Client()
    badge = signed_in(kens, ken)
    browser = browser_of(hana)
    answer = browser.post(reverse("selfservice:end-session", args=[badge.uid if which == "somebody else's" else uuid.uuid4()]), follow=True)
    assert "This session has already ended." in answer.content.decode()
    assert works(kens)


def test_all_other_sessions_can_be_signed_out_at_once(browser_of: Browser, hana: Account) -> None:
    phone, tablet, browser = Client(), Client(), browser_of(hana)
    signed_in(phone, hana)
    signed_in(tablet, hana)
    answer = browser.post(reverse("selfservice:end-other-sessions"), follow=True)
    assert "2 other sessions have been signed out." in answer.content.decode()
    assert (works(phone), works(tablet), works(browser)) == (False, False, True)


def test_signing_out_everywhere_else_needs_a_fresh_verification(hana: Account) -> None:
    a_totp_app(hana)
    stale, phone = Client(), Client()
    signed_in(stale, hana, verified=a_verification(at=timezone.now() - timedelta(minutes=11)))
    signed_in(phone, hana)
    answer = stale.post(reverse("selfservice:end-other-sessions"))
    assert answer.headers["Location"] == f"{reverse('signin:step-up')}?next=%2Fmy-account%2F"
    assert works(phone)


def test_without_any_method_nothing_more_can_be_asked_for(browser_of: Browser, hana: Account) -> None:
    phone = Client()
    signed_in(phone, hana)
    browser_of(hana, verified=False).post(reverse("selfservice:end-other-sessions"))
    assert not works(phone)


@pytest.mark.parametrize("name", ["end-session", "end-other-sessions"])
def test_looking_ends_no_session(name: str, browser_of: Browser, hana: Account) -> None:
    phone = Client()
    badge = signed_in(phone, hana)
    address = reverse(f"selfservice:{name}", args=[badge.uid] if name == "end-session" else [])
    assert browser_of(hana).get(address).status_code == 405
    assert works(phone)


def test_a_form_from_elsewhere_ends_no_session(hana: Account) -> None:
    phone, strict = Client(), Client(enforce_csrf_checks=True)
    badge = signed_in(phone, hana)
    signed_in(strict, hana)
    assert end(strict, badge) == 403
    assert strict.post(reverse("selfservice:end-other-sessions")).status_code == 403
    assert works(phone)


def test_the_page_takes_at_most_six_queries(hana: Account, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(5):
        signed_in(Client(), hana)
    browser = Client()
    signed_in(browser, hana, verified=proved_by(a_totp_app(hana)))
    with django_assert_max_num_queries(6):
        page(browser)
