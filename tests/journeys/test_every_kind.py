"""Signing in with each kind of method in turn, by the words on the screen, in Japanese on a phone by night."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.authenticator import App, number_on
from tests.journeys.browser import visitor
from tests.journeys.people import account_for
from tests.journeys.person import Person
from tests.journeys.stack import Site
from tests.journeys.test_calls import Telephone, choose, goes_on
from tests.journeys.test_initial_setup import finish_step_1, start_step_1

KEY = {
    "protocol": "ctap2",
    "transport": "usb",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
CHOICES = ".choice-title"


@pytest.fixture
def arrive(chromium: Browser, stack: Site) -> Iterator[Callable[..., Any]]:
    """A visitor who comes by name: a key is bound to one, and 127.0.0.1 is none."""
    visitors = []

    def come(**how: Any) -> Any:
        visitors.append(visitor(chromium, stack.url.replace("127.0.0.1", "localhost"), device="phone", language="ja", **how))
        return visitors[-1]

    yield come
    for one in visitors:
        one.context.close()
    for one in visitors:
        one.no_complaints()


def add_app(person: Person, app: App) -> None:
    choose(person, "Which method would you like to add?", "Authenticator app")
    person.see_heading("Start by getting the app")
    person.press("Next")
    person.press("Next")
    person.page.locator("summary").filter(has_text=person.say("Cannot scan it? Type a code in the app")).click()
    app.type_code(person.common_id, person.page.locator("#typed-code").inner_text())
    person.see_heading("Let's try it out")
    app.see_request(person.common_id)
    app.yes(number_on(person.page))
    person.see("Notification approved")
    person.press("Next")


def add_phone(person: Person, number: str) -> None:
    choose(person, "Which method would you like to add?", "Phone")
    person.fill("Phone number", f"0{number[3:]}")
    person.page.get_by_label(person.say("Text me a code")).check()
    person.press("Next")
    person.fill("6-digit code", person.texted_code(number))
    person.press("Next")


def add_key(person: Person) -> None:
    choose(person, "Which method would you like to add?", "Security key")
    person.press("Next")
    person.see_heading("Use your security key")
    person.press("Next")


def verify(person: Person, app: App, telephone: Telephone, number: str) -> str:
    """As the page asks, which is loaded anew first: nothing is asked twice, and the number stays. Returns how it asked."""
    heading = person.page.get_by_role("heading", level=1).inner_text()
    shown = person.page.locator(".big-number-digits").all_inner_texts()
    person.page.reload()
    assert person.page.locator(".big-number-digits").all_inner_texts() == shown
    if heading == person.say("Approve sign-in request"):
        app.see_request(person.common_id)
        app.yes(shown[0])
        return "request"
    if heading == person.say("Answer the call"):
        telephone.pick_up(number)
        telephone.press("#")
        return "call"
    if heading == person.say("Use your security key"):
        person.press("Verify")
        return "key"
    lead = person.page.locator(".lead").inner_text()
    code = person.texted_code(number) if number[-2:] in lead else app.code() if "Authenticator" in lead else person.app_code()
    person.fill("6-digit code", code)
    person.press("Verify")
    return "text" if number[-2:] in lead else "code"


@pytest.mark.covers("S-13", "S-64", "S-71", "S-72", "S-74", "S-75", "S-77", "S-80", "S-139")
def test_each_method_signs_in(arrive: Callable[..., Any], stack: Site) -> None:
    one = arrive(color_scheme="dark")
    person = Person(one.page, stack, account_for(stack), "ja")
    app, telephone = App(arrive().page, "ja").open(), Telephone(arrive().page)
    number = f"+8190{person.common_id[-8:]}"
    cdp = one.context.new_cdp_session(one.page)
    cdp.send("WebAuthn.enable")
    cdp.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
    start_step_1(person)
    person.press("I want to use a different authenticator app")
    person.press("Next")
    person.scan()
    finish_step_1(person)
    for add in (lambda: add_app(person, app), lambda: add_phone(person, number), lambda: add_key(person)):
        person.press("Add method")
        add()
        goes_on(person, "/security-info/")
    asked = []
    for turn in range(6):
        person.page.goto("/signout/")
        person.page.goto("/security-info/")
        person.sign_in()
        person.press("Use a different verification option")
        expect(person.page.locator(CHOICES)).to_have_count(6)
        person.page.locator(CHOICES).nth(turn).click()
        person.page.wait_for_url(lambda address: address.endswith("/signin/verify/"))
        asked.append(verify(person, app, telephone, number))
        person.see("You signed in with MFA.")
    assert sorted(asked) == ["call", "code", "code", "key", "request", "text"]
