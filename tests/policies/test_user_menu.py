"""The user menu and "multi-factor authentication setting", as a person uses them."""

from collections.abc import Callable
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Account, SessionRecord
from audit.models import Event
from policies.applications import TEXT_VERSION
from policies.models import Application
from policies.systems import ensure_system
from tests.factories import a_totp_app

Browser = Callable[..., Client]
Apply = Callable[[Account], Application]
Passes = Callable[[float], None]
MENU, SETTING, PROGRESS, WITHDRAW = (
    reverse(f"selfservice:{name}") for name in ("user-menu", "mfa-setting", "mfa-progress", "mfa-withdraw")
)
YES = {"use": "yes", "text_version": TEXT_VERSION}


INSTRUCTIONS = Path(__file__).resolve().parents[2] / "templates" / "selfservice" / "user_menu_instructions.html"


class Links(HTMLParser):
    """The links of a page: address by text, inside `nav` or not."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: dict[str, str] = {}
        self.href = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.href = dict(attributes).get("href") or ""

    def handle_data(self, data: str) -> None:
        if self.href and data.strip():
            self.links.setdefault(data.strip(), self.href)

    def handle_endtag(self, tag: str) -> None:
        self.href = "" if tag == "a" else self.href


def page(client: Client, url: str = SETTING) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.covers("S-89")
def test_the_user_menu_leads_to_the_setting_by_its_name(ready: Account, browser_of: Browser) -> None:
    shown = page(browser_of(ready), MENU)
    menu = shown[shown.index("<nav") : shown.index("</nav>")]
    assert Links(menu).links["multi-factor authentication setting"] == SETTING
    assert Links(shown).links["Apply for MFA use"] == SETTING


def test_only_one_entry_of_the_menu_is_the_current_one(ready: Account, browser_of: Browser) -> None:
    shown = page(browser_of(ready))
    assert shown.count('aria-current="page"') == 1


@pytest.mark.covers("S-90")
def test_the_setting_shows_instructions_then_the_question_then_save(ready: Account, browser_of: Browser) -> None:
    shown = page(browser_of(ready))
    places = [shown.index(words) for words in ("<h1>Multi-factor", "whenever you sign in", "40 minutes", "Use MFA", ">\n Yes", "SAVE")]
    assert places == sorted(places)
    assert "You cannot apply yet" not in shown


@pytest.mark.parametrize("url", [SETTING, reverse("selfservice:mfa-termination")])
def test_the_time_it_takes_is_that_of_the_slowest_system(ready: Account, browser_of: Browser, url: str) -> None:
    ensure_system("mail", connector="webhook", name_en="Mail", name_ja="メール", window_minutes=1440)
    assert "it takes about 24 hours until all systems know" in page(browser_of(ready), url).replace("It takes", "it takes")


@pytest.mark.covers("S-85")
def test_other_instructions_have_another_version() -> None:
    """Whoever changes the instructions gives them a new TEXT_VERSION: applications say which text was accepted."""
    assert (TEXT_VERSION, sha256(INSTRUCTIONS.read_bytes()).hexdigest()[:12]) == ("2026-3", "11f34da37246")


@pytest.mark.covers("S-86", "S-90", "S-91")
def test_yes_and_save_apply_and_show_the_progress_at_the_same_address(ready: Account, browser_of: Browser) -> None:
    browser = browser_of(ready)
    response = browser.post(SETTING, YES)
    assert (response.status_code, response["Location"]) == (302, SETTING)
    shown = page(browser)
    assert "MFA use has been applied for" in shown
    assert "0 of 1 systems have confirmed." in shown
    assert "Sign-in of this site" in shown
    assert "It takes about 40 minutes" in shown
    assert f'data-poll-url="{PROGRESS}"' in shown
    assert 'name="use"' not in shown
    application = Application.objects.get()
    assert (application.address, application.session) == ("127.0.0.1", str(SessionRecord.objects.get().uid))


@pytest.mark.covers("S-84")
def test_before_step_three_the_form_is_there_and_says_what_to_do(hana: Account, browser_of: Browser) -> None:
    browser = browser_of(hana, verified=False)
    shown = page(browser)
    assert "You cannot apply yet" in shown
    assert Links(shown).links["Register a verification method"] == reverse("selfservice:security-info")
    a_totp_app(hana)
    assert Links(page(browser_of(hana))).links["Sign out and try"] == reverse("signin:signout")
    assert 'name="use"' in shown


@pytest.mark.covers("S-84", "S-97")
def test_a_refusal_is_shown_in_place_with_what_was_entered(hana: Account, browser_of: Browser) -> None:
    response = browser_of(hana, verified=False).post(SETTING, YES)
    shown = response.content.decode()
    assert response.status_code == 200
    assert "No verification method is registered" in shown
    assert "Technical Support Desk (support@example.ac.jp)" in shown
    assert '<input type="radio" name="use" value="yes"' in shown
    assert 'value="yes" id="id_use_0" checked' in " ".join(shown.split()) or "checked" in shown.split('value="yes"')[1][:120]
    assert Event.objects.filter(name="application:refused").count() == 1


@pytest.mark.parametrize(
    "sent", [{}, {"use": "maybe", "text_version": TEXT_VERSION}, {"use": "yes"}, {"use": "yes", "text_version": "old"}]
)
def test_what_the_form_did_not_offer_applies_for_nothing(ready: Account, browser_of: Browser, sent: dict[str, str]) -> None:
    assert browser_of(ready).post(SETTING, sent).status_code == 200
    assert not Application.objects.exists()


def test_answering_no_before_applying_changes_nothing_and_says_so(ready: Account, browser_of: Browser) -> None:
    response = browser_of(ready).post(SETTING, YES | {"use": "no"}, follow=True)
    assert "MFA use is off" in response.content.decode()
    assert not Application.objects.exists()


@pytest.mark.covers("S-97")
@pytest.mark.parametrize("minutes", [0, 41])
def test_no_is_not_offered_afterwards_and_refused_by_the_server(
    ready: Account, browser_of: Browser, apply_for: Apply, time_passes: Passes, minutes: int
) -> None:
    apply_for(ready)
    time_passes(minutes)
    browser = browser_of(ready)
    assert 'value="no"' not in page(browser)
    response = browser.post(SETTING, YES | {"use": "no"}, follow=True)
    assert "You cannot disable MFA by yourself" in response.content.decode()
    assert Application.objects.get().state == ("in-effect" if minutes else "applied")


def test_saving_twice_shows_the_progress_without_complaint(ready: Account, browser_of: Browser) -> None:
    browser = browser_of(ready)
    browser.post(SETTING, YES)
    shown = browser.post(SETTING, YES, follow=True).content.decode()
    assert "MFA use has been applied for" in shown
    assert "notice-danger" not in shown
    assert Application.objects.count() == 1


@pytest.mark.covers("S-87", "S-88")
def test_people_whose_remote_access_is_cut_are_warned_and_must_tick(ready: Account, ken: Account, browser_of: Browser) -> None:
    ensure_system("remote", connector="webhook", name_en="Remote access", name_ja="遠隔", ends_sessions=True, ends_sessions_of="student")
    browser = browser_of(ready)
    assert "Remote access will be cut" in page(browser)
    assert "Sign out there first" in browser.post(SETTING, YES).content.decode()
    assert not Application.objects.exists()
    browser.post(SETTING, YES | {"signed_out": "on"})
    assert Application.objects.exists()
    assert "will be cut" not in page(browser_of(ken))


@pytest.mark.covers("S-88")
def test_sessions_that_will_end_are_named(ready: Account, browser_of: Browser) -> None:
    browser_of(ready, verified=False)
    assert "without a verification in 1 browser." in page(browser_of(ready))


@pytest.mark.covers("S-99")
def test_the_setting_links_to_what_termination_means(ready: Account, browser_of: Browser, apply_for: Apply, time_passes: Passes) -> None:
    browser = browser_of(ready)
    url = Links(page(browser)).links["Terminate MFA Use"]
    shown = page(browser, url)
    assert "contact the support desk" in shown
    assert "90 days" in shown
    apply_for(ready)
    time_passes(41)
    assert Links(page(browser)).links["Terminate MFA Use"] == url


def test_after_a_termination_the_form_is_offered_again(ready: Account, browser_of: Browser, apply_for: Apply) -> None:
    apply_for(ready)
    Application.objects.update(state="terminated")
    shown = page(browser_of(ready))
    assert "MFA use has been terminated" in shown
    assert 'name="use"' in shown


@pytest.mark.parametrize("url", [MENU, SETTING, PROGRESS, WITHDRAW, reverse("selfservice:mfa-termination")])
def test_strangers_are_sent_to_the_door(db: None, url: str) -> None:
    response = Client().get(url)
    assert (response.status_code, response["Location"].split("?")[0]) == (302, reverse("signin:start"))


@pytest.mark.parametrize(("url", "queries"), [(MENU, 6), (SETTING, 9), (PROGRESS, 8)])
def test_the_pages_cost_few_queries_however_much_there_is(
    ready: Account, browser_of: Browser, apply_for: Apply, django_assert_max_num_queries: object, url: str, queries: int
) -> None:
    for number in range(6):
        ensure_system(f"system-{number}", connector="webhook", name_en=str(number), name_ja=str(number))
    for number in range(3):
        a_totp_app(ready, name=str(number))
    browser = browser_of(ready)
    page(browser)  # the first page of a process asks SQLite what it can do
    with django_assert_max_num_queries(9):  # type: ignore[operator]  # one says which policy is in force
        page(browser)
    apply_for(ready)
    with django_assert_max_num_queries(queries):  # type: ignore[operator]
        page(browser, url)
