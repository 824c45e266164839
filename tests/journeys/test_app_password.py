"""An app password, from the page that makes it to the mail program that is let in, and out again, in the running site."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.journeys.people import account_for
from tests.journeys.person import Person
from tests.journeys.stack import Site
from tests.journeys.test_initial_setup import finish_step_1, start_step_1, step_3, step_4

SYSTEM = "/demo/systems/campus-mail/"


def try_program(person: Person, password: str) -> None:
    person.page.goto(SYSTEM)
    person.fill("Common ID", person.common_id)
    person.fill("App password", password)
    person.press("Sign in")


@pytest.mark.covers("S-65", "S-66")
def test_a_mail_program_is_let_in_until_its_password_is_deleted(visit: Callable[..., Any], stack: Site) -> None:
    person = Person(visit().page, stack, account_for(stack), "en")
    start_step_1(person)
    person.press("I want to use a different authenticator app")
    person.press("Next")
    person.scan()
    finish_step_1(person)

    def verify() -> None:
        person.fill("6-digit code", person.app_code())
        person.press("Verify")

    step_3(person, verify)
    step_4(person)
    person.page.goto("/security-info/add/")
    person.page.get_by_label("Which method would you like to add?").select_option(label="App password")
    person.press("Add")
    person.see("Campus mail")
    person.fill("Name", "mail on my laptop")
    person.press("Next")
    person.see_heading("Your app password")
    password = person.page.locator("#app-password").inner_text()
    try_program(person, person.password)
    person.see("The program was not let in.")
    try_program(person, password)
    person.see("The program was let in.")
    person.page.goto("/security-info/")
    person.page.get_by_role("link", name="Delete mail on my laptop").click()
    person.press("Delete")
    try_program(person, password)
    person.see("The program was not let in.")
