"""The three phones and the calls to them, by the words of the documents, with a demo phone that rings in another window."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.people import account_for
from tests.journeys.person import Person
from tests.journeys.stack import Site
from tests.journeys.test_initial_setup import finish_step_1, start_step_1, step_3
from tests.journeys.tour import Tour

Visit = Callable[..., Any]


class Telephone:
    """The person's phone: one window of the demo, whatever number rings."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def pick_up(self, number: str) -> None:
        self.page.goto(f"/demo/phone/{number}/")
        self.press("answer")
        expect(self.page.locator(".keypad")).to_be_visible()

    def press(self, *buttons: str) -> None:
        for button in buttons:
            self.page.locator(f"[name=do][value='{button}']").click()


def goes_on(person: Person, path: str) -> None:
    """The page leaves by itself: nobody presses anything on it."""
    person.page.wait_for_url(f"**{path}")


def choose(person: Person, question: str, name: str) -> None:
    person.page.get_by_label(person.say(question)).select_option(label=person.say(name))
    person.press("Add")


@pytest.mark.covers("S-43", "S-45", "S-46", "S-47", "S-49", "S-50", "S-51", "S-58", "S-59", "S-77", "S-139")
@pytest.mark.parametrize(("language", "device"), [("en", "desktop"), ("ja", "phone")])
def test_setting_up_with_a_call(visit: Visit, stack: Site, language: str, device: str) -> None:
    person = Person(visit(device=device, language=language).page, stack, account_for(stack), language)
    telephone = Telephone(visit(device="phone", language=language).page)
    number = f"+8190{person.common_id[-8:]}"
    start_step_1(person)
    person.press("I want to use a different method")
    choose(person, "Which method would you like to use?", "Phone")
    person.fill("Phone number", f"90{person.common_id[-8:]}")
    person.page.get_by_label(person.say("Call me")).check()
    person.press("Next")
    person.see_heading("Answer the call")
    telephone.pick_up(number)
    telephone.press("#")
    goes_on(person, "/security-info/email/")
    finish_step_1(person)

    def verify() -> None:
        person.see_heading("Answer the call")
        telephone.pick_up(number)
        telephone.press("#")
        goes_on(person, "/security-info/")

    step_3(person, verify)


@pytest.mark.covers("S-12", "S-57", "S-60", "S-61", "S-62", "S-63", "S-80")
def test_the_other_two_phones(visit: Visit, stack: Site) -> None:
    visitor = visit()
    person, tour = Person(visitor.page, stack, account_for(stack), "en"), Tour(visitor, stack.url)
    telephone = Telephone(visit(device="phone").page)
    local = person.common_id[-4:]
    start_step_1(person)
    person.press("I want to use a different authenticator app")
    person.press("Next")
    person.scan()
    finish_step_1(person)
    for name, number, extension in (("Alternate Phone", f"+8135842{local}", ""), ("Office Phone", f"+8135843{local}", "42")):
        person.press("Add method")
        choose(person, "Which method would you like to add?", name)
        expect(person.page.get_by_text("Text me a code")).to_have_count(0)
        tour.look()
        person.fill("Phone number", f"0{number[3:]}")
        if extension:
            person.fill("Extension", extension)
        person.press("Next")
        person.see_heading("Answer the call")
        tour.look()
        digits = person.page.locator(".big-number-digits").inner_text() if extension else ""
        telephone.pick_up(number)
        telephone.press(*digits, "#")
        goes_on(person, "/security-info/")
        person.see(name)
    person.page.goto("/signout/")
    person.page.goto("/security-info/")
    person.sign_in()
    person.press("Use a different verification option")
    person.page.get_by_role("button", name="Call the alternate phone").click()
    person.see_heading("Answer the call")
    tour.look()
    telephone.pick_up(f"+8135842{local}")
    telephone.press("#")
    goes_on(person, "/security-info/")
    person.see("You signed in with MFA.")


@pytest.mark.covers("S-77")
def test_a_voicemail_signs_nobody_in_and_the_person_calls_again(visit: Visit, stack: Site) -> None:
    person = Person(visit().page, stack, account_for(stack), "en")
    telephone = Telephone(visit(device="phone").page)
    number = f"+8190{person.common_id[-8:]}"
    start_step_1(person)
    person.press("I want to use a different method")
    choose(person, "Which method would you like to use?", "Phone")
    person.fill("Phone number", f"90{person.common_id[-8:]}")
    person.page.get_by_label("Call me").check()
    person.press("Next")
    telephone.page.goto(f"/demo/phone/{number}/")
    telephone.press("voicemail")
    person.see("An answering machine took the call")
    person.press("Call again")
    telephone.pick_up(number)
    telephone.press("#")
    goes_on(person, "/security-info/email/")
