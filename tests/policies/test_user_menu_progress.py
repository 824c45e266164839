"""The setting page once MFA use has been applied for: progress, withdrawal."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from policies import terminations
from policies.clock import database_now
from policies.homes import home
from policies.measuring import count
from policies.models import Application, Delivery, Home
from policies.progress import progress
from policies.systems import ensure_system
from tests.methods.people import send_all

Browser = Callable[..., Client]
Apply = Callable[[Account], Application]
Passes = Callable[[float], None]
MENU, SETTING, PROGRESS, WITHDRAW = (
    reverse(f"selfservice:{name}") for name in ("user-menu", "mfa-setting", "mfa-progress", "mfa-withdraw")
)


def page(client: Client, url: str = SETTING) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.covers("S-92")
def test_the_progress_brings_itself_up_to_date_until_it_is_in_effect(
    ready: Account, browser_of: Browser, apply_for: Apply, time_passes: Passes
) -> None:
    ensure_system("mail", connector="webhook", name_en="Mail", name_ja="メール", window_minutes=50)
    apply_for(ready)
    browser = browser_of(ready)
    assert "0 of 2" in page(browser, PROGRESS)
    time_passes(41)
    fragment = page(browser, PROGRESS)
    assert "1 of 2" in fragment
    assert "data-poll-done" not in fragment
    assert "<html" not in fragment
    Delivery.objects.filter(system__code="mail").delete()
    Delivery.objects.update(state="sent", attempt=1, lease_until=timezone.now())
    time_passes(1)
    done = page(browser, PROGRESS)
    assert "data-poll-done" in done
    assert "MFA use is in effect" in done
    assert "data-poll-url" not in page(browser)


def test_while_nothing_is_sent_no_time_is_promised(ready: Account, browser_of: Browser, apply_for: Apply) -> None:
    apply_for(ready)
    browser = browser_of(ready)
    assert "It takes about" in page(browser)
    home()
    Home.objects.update(unsure_since=timezone.now())
    assert "It takes about" not in page(browser_of(ready))


def test_who_applies_while_nothing_is_sent_is_promised_no_time(ready: Account, browser_of: Browser, apply_for: Apply) -> None:
    held = "At present nothing is passed on to the connected systems"
    browser = browser_of(ready)
    assert ("It takes about" in page(browser), held in page(browser)) == (True, False)
    home()
    Home.objects.update(unsure_since=timezone.now())
    browser = browser_of(ready)
    assert ("It takes about" in page(browser), held in page(browser)) == (False, True)
    apply_for(ready)
    send_all()
    [letter] = [letter for letter in mail.outbox if "received your application" in letter.body]
    assert ("It takes about" in letter.body, held in letter.body) == (False, True)


def test_a_system_for_which_nobody_waits_is_followed_to_its_end(
    ready: Account, browser_of: Browser, apply_for: Apply, time_passes: Passes
) -> None:
    ensure_system("mail", connector="webhook", name_en="Mail", name_ja="メール", window_minutes=600, required=False)
    apply_for(ready)
    time_passes(41)
    browser = browser_of(ready)
    shown = page(browser)
    assert "MFA use is in effect" in shown
    assert "1 of 2 systems have confirmed." in shown
    assert "data-poll-url" in shown
    assert "data-poll-done" not in page(browser, PROGRESS)
    Delivery.objects.filter(system__code="mail").update(state="confirmed", confirmed_at=timezone.now())
    assert "data-poll-done" in page(browser, PROGRESS)


def test_after_a_termination_the_systems_that_do_not_know_are_named(
    ready: Account, browser_of: Browser, apply_for: Apply, time_passes: Passes, hiro: Account, sato: Account
) -> None:
    ensure_system("mail", connector="webhook", name_en="Mail", name_ja="メール", required=False)
    apply_for(ready)
    Delivery.objects.filter(system__code="mail").update(state="confirmed", confirmed_at=timezone.now(), attempt=1)
    time_passes(41)
    terminations.approve(terminations.request(ready, actor=hiro, reason="broken arm"), actor=sato)
    Delivery.objects.filter(system__code="mail", desired="off").update(state="failed")
    time_passes(41)
    browser = browser_of(ready)
    shown = page(browser)
    assert "MFA use has been terminated" in shown
    assert "Not reached yet" in shown
    assert "The support staff have to look at this." in shown
    Delivery.objects.filter(system__code="mail").update(state="confirmed", confirmed_at=timezone.now())
    assert "Not reached yet" not in page(browser)


@pytest.mark.covers("C-07")
def test_withdrawing_is_offered_until_a_system_has_confirmed(
    ready: Account, browser_of: Browser, apply_for: Apply, time_passes: Passes
) -> None:
    ensure_system("mail", connector="webhook", name_en="Mail", name_ja="メール", window_minutes=600)
    apply_for(ready)
    browser = browser_of(ready)
    assert WITHDRAW in page(browser)
    time_passes(41)
    assert WITHDRAW not in page(browser)
    assert "can no longer be withdrawn" in browser.post(WITHDRAW, follow=True).content.decode()


@pytest.mark.covers("C-07")
def test_withdrawing_brings_the_form_back(ready: Account, browser_of: Browser, apply_for: Apply) -> None:
    apply_for(ready)
    browser = browser_of(ready)
    shown = browser.post(WITHDRAW, follow=True).content.decode()
    assert "Your application has been withdrawn." in shown
    assert 'name="use"' in shown
    assert f'data-poll-redirect="{SETTING}"' in page(browser, PROGRESS)


def test_withdrawing_needs_a_verification_and_is_no_link(ready: Account, browser_of: Browser, apply_for: Apply) -> None:
    apply_for(ready)
    response = browser_of(ready, verified=False).post(WITHDRAW)
    assert response["Location"].startswith(reverse("signin:step-up"))
    assert Application.objects.get().state == "applied"
    assert browser_of(ready).get(WITHDRAW).status_code == 405


WORDS = {
    "en": ("about {hours} hours left", "It takes about {hours} hours: usually until {until}.", "Nearly always it is done by {latest}."),
    "ja": ("残り約{hours}時間", "約{hours}時間かかります。通常は{until}までに完了します。", "ほとんどの場合、{latest}までに完了します。"),
}


@pytest.mark.covers("S-92")
@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_wait_of_hours_is_said_in_hours_and_ends_on_its_day(ready: Account, browser_of: Browser, apply_for: Apply, language: str) -> None:
    """As that of somebody with a role: a day, and the window."""
    system = ensure_system("mail", connector="webhook", name_en="Mail", name_ja="メール", window_minutes=24 * 60 + 40)
    now = database_now()
    measured = [Delivery(system=system, due_at=now - timedelta(seconds=late)) for late in [1] * 10 + [3600] * 10]
    count(measured, now)
    application = apply_for(ready)
    browser = browser_of(ready)
    browser.cookies["language"] = language
    shown, expected = page(browser), progress(application)
    form = "%Y-%m-%d %H:%M" if language == "en" else "%Y/%m/%d %H:%M"
    until, latest = (f"{timezone.localtime(moment):{form}}" for moment in (expected.expected_at, expected.latest_at))
    for words in WORDS[language]:
        assert words.format(hours=25, until=until, latest=latest) in shown
    assert not any(words in shown for words in ("40 minutes", "40分", "1480"))


def test_a_wait_of_minutes_is_said_in_minutes_and_without_the_date(ready: Account, browser_of: Browser, apply_for: Apply) -> None:
    now = database_now()
    Delivery.objects.filter(application=apply_for(ready)).update(planned_at=now - timedelta(minutes=40), due_at=now)
    until = f"{timezone.localtime(now):%H:%M}"
    assert f"It takes about 40 minutes: usually until {until}." in page(browser_of(ready))
