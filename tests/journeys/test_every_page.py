"""Every page of account holders, as they meet it in the running site: nothing for axe to find, nothing sticks out, no complaint."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.architecture.url_map import pages
from tests.journeys.authenticator import App
from tests.journeys.people import account_for
from tests.journeys.person import Person
from tests.journeys.site_map import (
    ACCOUNT_HOLDER,
    ADMINISTRATOR,
    AUDITOR,
    DEMO,
    FIRST_REGISTRATION,
    FORMS_BELOW,
    NO_PAGE,
    STAFF,
    STAGED,
)
from tests.journeys.stack import Site
from tests.journeys.tour import Tour


def test_no_page_is_left_out() -> None:
    visited = FIRST_REGISTRATION | ACCOUNT_HOLDER | STAFF | AUDITOR | ADMINISTRATOR
    others = {page.route for page in pages() if not page.route.startswith(("admin/", *FORMS_BELOW))}
    assert others - visited == NO_PAGE | STAGED


def try_authenticator(person: Person, tour: Tour) -> None:
    """As far as its first try; another method is registered instead."""
    person.page.goto("/security-info/push/?on=other")
    person.press("Next")
    tour.look()
    app = App(person.page.context.new_page(), "en").open()
    app.type_code(person.common_id, person.page.locator("#typed-code").inner_text())
    app.has(person.common_id)
    person.page.bring_to_front()  # and it goes on by itself
    expect(person.page).to_have_title(re.compile("Let's try it out"))
    person.see_heading("Let's try it out")
    tour.look()
    app.page.close()


@pytest.mark.covers("S-139")
def test_the_pages_of_the_first_registration(tour: Tour, stack: Site) -> None:
    person = Person(tour.page, stack, account_for(stack), "en")
    tour.look("/")
    tour.look("/address/")
    tour.look("/cannot-sign-in/")
    tour.look("/guide/?first=totp&more=phone")
    tour.look("/signin/?next=/security-info/")
    person.fill("Common ID", "12")
    person.press("Next")
    tour.glance()
    person.fill("Common ID", person.common_id)
    person.press("Next")
    tour.glance()
    person.fill("Password", "wrong")
    person.press("Sign in")
    tour.glance()
    person.fill("Password", person.password)
    person.press("Sign in")
    person.see_heading("More information required")
    tour.look()
    tour.look("/authenticator/")
    for path in ("app/", "add/", "phone/", "totp/", "push/?on=other", "push/?on=phone"):
        tour.look(f"/security-info/{path}")
    try_authenticator(person, tour)
    person.page.goto("/security-info/phone/")
    person.fill("Phone number", f"090{person.common_id[-8:]}")
    person.press("Next")
    tour.look()
    person.page.goto("/security-info/totp/")
    person.press("Next")
    tour.look()
    person.fill("6-digit code", "12")
    person.press("Next")
    tour.glance()
    person.scan()
    person.see_heading("Email")
    tour.look()
    person.fill("Email address", f"{person.common_id}@mail.example.com")
    person.press("Next")
    tour.look()
    person.confirm_address()
    person.see_heading("Succeeded")
    tour.look()
    assert tour.seen == FIRST_REGISTRATION


@pytest.mark.covers("S-139")
def test_the_pages_of_an_account_holder(tour: Tour, stack: Site, registered: Callable[[str, str], Person]) -> None:
    person = registered(account_for(stack), "journey-password")
    for path in ("/", "/security-info/", "/user-menu/mfa/", "/user-menu/mfa/terminate/", "/my-account/", "/security-info/default/"):
        tour.look(path)
    tour.look("/security-info/app-password/")
    for path in ("alternate/", "office/"):
        tour.look(f"/security-info/phone/{path}")
    tour.look("/security-info/fido/")
    person.press("Next")
    tour.look()
    for name in ("Change Authenticator app", "Delete Authenticator app", "on another device? Authenticator app"):
        person.page.goto("/security-info/")
        person.page.get_by_role("link", name=name).click()
        tour.look()
    tour.look("/my-account/activity/")
    person.page.get_by_role("link", name="This wasn’t me").first.click()
    tour.look()
    tour.look("/guide/")
    tour.look("/security-info/new-phone/")
    tour.look("/security-info/travel/")
    tour.look("/signin/step-up/?next=/my-account/")
    tour.look("/signin/step-up/options/?next=/my-account/")
    person.page.goto("/signout/")
    tour.glance()
    person.page.goto("/security-info/")
    person.sign_in()
    person.see_heading("Enter code")
    tour.look()
    tour.look("/signin/verify/options/")
    person.page.goto("/signin/verify/")
    person.fill("6-digit code", person.app_code())
    person.press("Verify")
    person.see("You signed in with MFA.")
    tour.look("/user-menu/")
    tour.look("/user-menu/mfa/")
    person.page.get_by_role("radio", name="Yes", exact=True).check()
    person.press("SAVE")
    tour.look()
    assert tour.seen == ACCOUNT_HOLDER


def test_the_pages_that_stand_for_the_outside_world(tour: Tour) -> None:
    for path in DEMO:
        tour.look(path)
