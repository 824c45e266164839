"""Checking and changing what was set up, by the words of the hand-out: My account, the default method, a further method."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.people import account_for
from tests.journeys.person import Person
from tests.journeys.stack import Site


def set_up(person: Person) -> None:
    """Two authenticator apps, the first of which is the default."""
    person.page.goto("/security-info/")
    person.sign_in()
    person.press("Next")
    person.press("I want to use a different authenticator app")
    person.press("Next")
    person.page.locator("#id_name").fill("pocket")
    person.scan()
    person.give_address()
    person.press("Complete")
    person.press("Add method")
    person.page.get_by_label("Which method would you like to add?").select_option(label="Authenticator app")
    person.press("Add")
    person.press("I want to use a different authenticator app")
    person.press("Next")
    person.page.locator("#id_name").fill("tablet")
    person.scan()


@pytest.mark.covers("S-81", "S-128", "S-129", "S-130", "S-131", "S-132")
def test_what_was_set_up_is_reviewed_and_changed(visit: Callable[..., Any], stack: Site) -> None:
    person = Person(visit(device="phone", language="en").page, stack, account_for(stack), "en")
    set_up(person)
    page = person.page
    page.goto("/")
    page.get_by_label(f"Account {person.common_id}").click()
    page.get_by_role("link", name="Show account", exact=True).click()
    person.see_heading("My account")
    page.get_by_role("link", name="Updates", exact=True).click()
    person.see_heading("Security info")
    expect(page.locator(".default-method")).to_contain_text("pocket")
    page.get_by_role("link", name="Change", exact=True).click()
    page.get_by_label("tablet").check()
    person.press("Confirm")
    expect(page.locator(".default-method")).to_contain_text("tablet")
    page.locator(".default-method").get_by_role("link", name="Add sign-in method").click()
    person.see_heading("Add a method")
