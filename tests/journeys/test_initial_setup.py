"""The four steps of the initial setup, by the words of the document, in both languages, on a computer and on a phone."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.people import account_for
from tests.journeys.person import Person
from tests.journeys.stack import Site

HOW = [("en", "desktop"), ("en", "phone"), ("ja", "desktop"), ("ja", "phone")]


@pytest.fixture
def arrive(visit: Callable[..., Any], stack: Site) -> Callable[[str, str], Person]:
    def someone(language: str, device: str) -> Person:
        return Person(visit(device=device, language=language).page, stack, account_for(stack), language)

    return someone


def start_step_1(person: Person) -> None:
    person.page.goto("/security-info/")
    person.sign_in()
    person.see_heading("More information required")
    person.press("Next")


def finish_step_1(person: Person) -> None:
    person.give_address()
    person.see_heading("Succeeded")
    person.press("Complete")
    person.see_heading("Security info")


def step_3(person: Person, verify: Callable[[], None]) -> None:
    person.page.goto("/signout/")
    person.see("You signed out of your account")
    person.page.goto("/security-info/")
    person.sign_in()
    verify()
    person.see_heading("Security info")
    person.see("You signed in with MFA.")


def step_4(person: Person) -> None:
    person.page.goto("/user-menu/")
    person.press("multi-factor authentication setting")
    person.page.get_by_role("radio", name=person.say("Yes"), exact=True).check()
    person.press("SAVE")
    expect(person.page.locator("[data-poll-url]").first).to_be_visible()


def until_in_effect(person: Person) -> None:
    """The page goes on by itself until every system has confirmed."""
    done = person.page.locator("[data-application-state='in-effect'], [data-poll-done]").first
    expect(done).to_be_attached(timeout=60_000)


@pytest.mark.covers("S-23", "S-24", "S-25", "S-36", "S-38", "S-39", "S-40", "S-41", "S-67", "S-70", "S-74", "S-82", "S-90", "S-91", "S-139")
@pytest.mark.parametrize(("language", "device"), HOW)
def test_with_an_authenticator_app(arrive: Callable[[str, str], Person], language: str, device: str) -> None:
    person = arrive(language, device)
    start_step_1(person)
    person.press("I want to use a different authenticator app")
    person.see_heading("Set up your account")
    person.press("Next")
    person.scan()
    finish_step_1(person)

    def verify() -> None:
        person.fill("6-digit code", person.app_code())
        person.press("Verify")

    step_3(person, verify)
    step_4(person)
    until_in_effect(person)


@pytest.mark.covers("S-43", "S-44", "S-45", "S-46", "S-47", "S-48", "S-71", "S-75", "S-108", "S-124", "S-139")
@pytest.mark.parametrize(("language", "device"), HOW)
def test_with_a_text_message(arrive: Callable[[str, str], Person], language: str, device: str) -> None:
    person = arrive(language, device)
    national = f"090{person.common_id[-8:]}"
    number = f"+8190{person.common_id[-8:]}"
    start_step_1(person)
    person.press("I want to use a different method")
    person.page.get_by_label(person.say("Which method would you like to use?")).select_option(label=person.say("Phone"))
    person.press("Add")
    person.see("What phone number would you like to use?")
    person.fill("Phone number", national)
    person.page.get_by_label(person.say("Text me a code")).check()
    person.press("Next")
    person.fill("6-digit code", person.texted_code(number))
    person.press("Next")
    finish_step_1(person)

    def verify() -> None:
        person.fill("6-digit code", person.texted_code(number))
        person.press("Verify")

    step_3(person, verify)
    step_4(person)
    until_in_effect(person)


@pytest.mark.covers("S-06", "S-10", "S-52", "S-54", "S-55", "S-56", "S-71", "S-78", "S-79", "S-80")
def test_alternative_methods_are_added_and_chosen_at_sign_in(arrive: Callable[[str, str], Person]) -> None:
    person = arrive("en", "desktop")
    number = f"+8190{person.common_id[-8:]}"
    start_step_1(person)
    person.press("I want to use a different authenticator app")
    person.press("Next")
    person.scan()
    finish_step_1(person)
    person.press("Add method")
    person.page.get_by_label(person.say("Which method would you like to add?")).select_option(label="Authenticator app")
    person.press("Add")
    person.see_heading("Start by getting the app")
    person.press("I want to use a different authenticator app")
    person.press("Next")
    person.scan()
    person.press("Add method")
    person.page.get_by_label(person.say("Which method would you like to add?")).select_option(label="Phone")
    person.press("Add")
    person.fill("Phone number", f"90{person.common_id[-8:]}")
    person.press("Next")
    person.fill("6-digit code", person.texted_code(number))
    person.press("Next")
    person.see_heading("Security info")
    person.page.goto("/signout/")
    person.page.goto("/security-info/")
    person.sign_in()
    person.see_heading("Enter code")
    person.press("Use a different verification option")
    person.page.get_by_role("button", name="Text a code to").click()
    person.fill("6-digit code", person.texted_code(number))
    person.press("Verify")
    person.see("You signed in with MFA.")
