"""The guide to the initial setup: what one chooses is what one reads, with the institution's own links (S-03, S-04, S-15, S-19 to S-22)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from pytest_django import DjangoAssertNumQueries

from accounts.models import Account
from audit.models import Event
from selfservice.models import GuideChoice, GuideLink
from tests.factories import a_totp_app, signed_in
from tests.methods.people import fresh_browser
from tests.policies.books import in_force, methods_of

pytestmark = pytest.mark.django_db
GUIDE, CHOOSE = "/guide/", "/guide/choose/"
SCAN = "Scan the QR code with your app."
TEXT = "Read the 6-digit code in the text message."
Browser = Callable[..., Client]


def page(client: Client, address: str = GUIDE) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def steps(html: str) -> tuple[str, str]:
    """What stands under Step 1 and under Step 2."""
    _, _, rest = html.partition('id="step-1"')
    first, _, rest = rest.partition('id="step-2"')
    return first, rest.partition('id="step-3"')[0]


def a_link(title: str, **fields: Any) -> GuideLink:
    known = {"language": "en", "topic": "setup", "address": "https://www.example.ac.jp/mfa"}
    return GuideLink.objects.create(title=title, **(known | fields))


@pytest.mark.covers("S-04", "S-20")
def test_each_step_shows_only_what_was_chosen_for_it(client: Client) -> None:
    first, more = steps(page(client))
    assert all(words in shown for words in (SCAN, TEXT) for shown in (first, more))
    first, more = steps(page(client, f"{GUIDE}?first=totp&more=phone"))
    assert (SCAN in first, TEXT in first, SCAN in more, TEXT in more) == (True, False, False, True)


def test_a_security_key_is_registered_as_its_pages_ask_for_it(client: Client) -> None:
    """In the interrupt the app comes first, and the key is named before it is touched."""
    first, more = steps(page(client, f"{GUIDE}?first=fido&more=fido"))
    assert "I want to use a different method" in first
    assert "“Which method would you like to use?” choose “Security key”" in first
    assert "“Which method would you like to add?” choose “Security key”" in more
    for shown in (first, more):
        assert 0 < shown.find("Give the key a name") < shown.find("touch it when the browser asks for it")


def test_a_kind_without_instructions_of_its_own_is_behind_the_link_of_the_first_page() -> None:
    first, more = (render_to_string("selfservice/guide/other.html", {"step": step}) for step in (1, 2))
    assert 0 < first.find("I want to use a different method") < first.find("Choose the method from the list")
    assert ("I want to use a different method" in more, "Choose the method from the list" in more) == (False, True)


@pytest.mark.covers("S-04")
def test_the_choice_of_a_stranger_is_kept_in_the_address(client: Client) -> None:
    answer = client.post(CHOOSE, {"first": "phone", "more": ["totp", "fido"]})
    assert answer["Location"] == f"{GUIDE}?first=phone&more=totp&more=fido#step-1"
    assert not GuideChoice.objects.exists()


@pytest.mark.covers("S-03")
def test_the_choice_of_an_account_is_found_again_on_another_device(hana: Account, browser_of: Browser) -> None:
    browser_of(hana).post(CHOOSE, {"first": "totp", "more": ["phone"]})
    assert browser_of(hana).post(CHOOSE, {"first": "phone", "more": ["totp"]})["Location"] == f"{GUIDE}#step-1"
    first, more = steps(page(browser_of(hana)))
    assert (SCAN in first, TEXT in first, SCAN in more, TEXT in more) == (False, True, True, False)


def test_what_cannot_be_the_first_method_is_not_taken_for_it(hana: Account, browser_of: Browser) -> None:
    browser_of(hana).post(CHOOSE, {"first": "office-phone", "more": ["office-phone", "email", "nothing"]})
    kept = GuideChoice.objects.get()
    assert (kept.first, kept.more) == ("", ["office-phone"])


def test_a_kind_that_is_gone_is_left_out_of_an_old_choice(hana: Account, browser_of: Browser) -> None:
    GuideChoice.objects.create(account=hana, first="pager", more=["phone", "pager"])
    assert list(browser_of(hana).get(GUIDE).context["chosen"].more) == ["phone"]


def test_only_what_the_policy_allows_is_offered_in_the_institutions_order(hana: Account, browser_of: Browser, client: Client) -> None:
    GuideChoice.objects.create(account=hana, first="phone", more=["push", "phone"])
    letters = methods_of("totp", "push", "phone", affiliations=frozenset({"letters"}))
    in_force({"asks": "verify"}, methods=(letters, methods_of("totp", "push")))
    for browser in (client, browser_of(hana)):
        answer = browser.get(GUIDE)
        assert [one.code for one in answer.context["choices"]] == ["totp", "push"]
        assert TEXT not in answer.content.decode()
    assert [str(one.label) for one in answer.context["choices"]] == ["Other authenticator apps", "Authenticator"]
    assert (answer.context["chosen"].first, answer.context["chosen"].more) == ("", ["push"])


def test_people_with_a_role_are_offered_no_telephone(hiro: Account, browser_of: Browser) -> None:
    codes = [one.code for one in browser_of(hiro).get(GUIDE).context["choices"]]
    assert "totp" in codes
    assert [code for code in codes if "phone" in code] == []


@pytest.mark.covers("S-03", "S-83")
def test_it_says_how_far_the_account_has_come(hana: Account, browser_of: Browser) -> None:
    a_totp_app(hana, last_signin_at=timezone.now())
    html = page(browser_of(hana))
    assert "The setup process is not over. Continue to Step 2." in html
    assert html.count("You are here") == 2, "once in the steps, once at the instructions"


@pytest.mark.covers("S-105")
def test_every_instruction_says_on_which_device_it_is_done(client: Client) -> None:
    html = page(client)
    assert html.count('<li class="task">') == html.count('class="task-where">(') > 20
    assert all(f"({where})" in html for where in ("Smartphone", "PC or smartphone"))


@pytest.mark.covers("S-21")
def test_the_instructions_are_panels_that_open_without_a_script(client: Client) -> None:
    first, _ = steps(page(client))
    assert first.count("<details") == first.count("<summary") > 1
    assert "<details open" not in first.replace(' class="panel"', "")
    chosen, _ = steps(page(client, f"{GUIDE}?first=totp"))
    assert chosen.replace(' class="panel"', "").count("<details open") == 1


@pytest.mark.covers("S-19", "S-42")
def test_links_stand_where_they_help(client: Client) -> None:
    a_link("Watch the setup", form="video")
    a_link("The key with codes", topic="step-1", kind="totp")
    a_link("Everything on phones", topic="", kind="phone")
    a_link("Old page", shown=False)
    html = page(client)
    first, more = steps(html)
    assert 'href="https://www.example.ac.jp/mfa"' in html.partition('id="step-1"')[0]
    assert "(video)" in html.partition('id="step-1"')[0]
    assert ("The key with codes" in first, "The key with codes" in more) == (True, False)
    assert ("Everything on phones" in first, "Everything on phones" in more) == (True, True)
    assert "Old page" not in html


@pytest.mark.covers("S-15")
def test_a_link_in_another_language_says_so_and_gives_way_to_one_in_the_readers(client: Client) -> None:
    a_link("セキュリティキーの使い方", language="ja", topic="", kind="fido")
    assert "(in Japanese)" in page(client)
    a_link("How to use a security key", language="en", topic="", kind="fido")
    html = page(client)
    assert "(in Japanese)" not in html
    assert "セキュリティキーの使い方" not in html
    with override("ja"):
        client.cookies["language"] = "ja"
        assert "How to use a security key" not in page(client)


@pytest.mark.covers("S-22", "S-106")
def test_an_app_in_a_store_comes_with_a_qr_code_for_the_smartphone(client: Client) -> None:
    a_link("Google Play", form="store", kind="totp", topic="", address="https://play.google.com/store/apps/details?id=x")
    html = page(client)
    assert 'aria-label="QR code: Google Play"' in html
    assert "<svg" in html.partition('aria-label="QR code: Google Play"')[2][:200]


@pytest.mark.covers("S-15")
def test_the_set_up_pages_of_a_kind_show_its_links(hana: Account) -> None:
    a_link("The key with codes", topic="step-1", kind="totp")
    client = fresh_browser(hana)
    assert "The key with codes" in page(client, "/security-info/totp/")
    assert "The key with codes" not in page(client, "/security-info/phone/")


def test_an_administrator_adds_a_link_which_is_recorded(client: Client, ada: Account) -> None:
    signed_in(client, ada)
    form = {
        "topic": "setup",
        "language": "en",
        "form": "page",
        "title": "Help",
        "address": "https://x.example/",
        "position": "0",
        "shown": "on",
    }
    assert client.post(reverse("admin:selfservice_guidelink_add"), form).status_code == 302
    event = Event.objects.get(name="guide:changed")
    assert (event.actor_id, event.after["guide_link"], event.after["address"]) == (ada.pk, "Help", "https://x.example/")


@pytest.mark.parametrize("address", ["http://x.example/", "javascript:alert(1)", "data:text/html,x", "//x.example"])
def test_a_link_leads_to_nothing_but_https(client: Client, ada: Account, address: str) -> None:
    signed_in(client, ada)
    form = {"topic": "setup", "language": "en", "form": "page", "title": "Help", "address": address, "position": "0", "shown": "on"}
    assert client.post(reverse("admin:selfservice_guidelink_add"), form).status_code == 200
    assert not GuideLink.objects.exists()


def test_nobody_else_edits_the_links(client: Client, sato: Account) -> None:
    signed_in(client, sato)
    assert client.get(reverse("admin:selfservice_guidelink_changelist"), follow=True).status_code == 403


def test_markup_in_a_title_stays_text(client: Client) -> None:
    a_link("<script>alert(1)</script>")
    assert "<script>alert" not in page(client)


def test_a_stranger_reads_it_with_few_queries(client: Client, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    for number in range(10):
        a_link(f"Page {number}")
    with django_assert_max_num_queries(
        4
    ):  # the links, whether every system takes security keys, and which policy is in force, for methods and for networks
        page(client)
